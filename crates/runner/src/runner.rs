//! What a run is asked to do, migration by migration.

use std::time::Instant;

use sea_orm_migration::{MigratorTrait, sea_orm::DatabaseExecutor};

use sea_orm_connect::ErrorKind;

use crate::{
    attempt::attempt,
    emptied::{Emptied, empty},
    error::Error,
    event::{Event, Listener},
    foreign_keys::ForeignKeys,
    history::{self, State, Step},
    reading, server,
    settings::Settings,
    stop::Stop,
    terms::Terms,
    waiting::Waiting,
    watch::Meter,
    way::{Attempt, Way},
};

/// Runs migrations: one migrator at a time, each migration whole or not at all where the database can, and never long in
/// anybody's way.
#[derive(Clone, Debug, Default)]
pub struct Runner {
    pub(crate) terms: Terms,
}

impl Runner {
    /// With the usual settings, telling the log of the program, never stopping.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { terms: Terms { settings, ..self.terms } }
    }

    /// Tells this one what happens, instead of the log of the program.
    #[must_use]
    pub fn telling(self, listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { terms: Terms { listener: Listener::new(listen), ..self.terms } }
    }

    /// Ends when this one says so.
    #[must_use]
    pub fn until(self, stop: Stop) -> Self {
        Self { terms: Terms { stop, ..self.terms } }
    }

    /// Applies pending migrations, all or so many. Where none is pending nothing is written, not even the lock is taken.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn up<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, steps: Option<u32>) -> Result<(), Error> {
        self.go::<M>(db, Way::Up, steps).await
    }

    /// Undoes the last migrations, all or so many; refused where some behind them are unknown here.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn down<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, steps: Option<u32>) -> Result<(), Error> {
        self.go::<M>(db, Way::Down, steps).await
    }

    /// Undoes all migrations and forgets that there were any.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn reset<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<(), Error> {
        self.down::<M>(db, None).await?;
        empty::<M>(&self.terms, db, Emptied::History).await
    }

    /// Undoes all migrations and applies them again.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn refresh<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<(), Error> {
        self.down::<M>(db, None).await?;
        self.up::<M>(db, None).await
    }

    /// Drops everything, whoever made it, and applies all migrations.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fresh<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<(), Error> {
        empty::<M>(&self.terms, db, Emptied::Everything).await?;
        self.up::<M>(db, None).await
    }

    /// The history as it is now, without a lock.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn history<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Vec<Step>, Error> {
        let read = async {
            let transaction = reading::begin(db).await?;
            let steps = history::read::<M>(&transaction).await?;
            transaction.rollback().await?;
            Ok(steps)
        };
        read.await.map_err(|source| match ErrorKind::of(&source) {
            ErrorKind::Connection => Error::Lost { migration: None, undoing: false, source },
            ErrorKind::Lock | ErrorKind::Statement => Error::History { source },
        })
    }

    async fn go<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, way: Way, steps: Option<u32>) -> Result<(), Error> {
        // What a migration sets for its connection holds for its next statement.
        let alone = server::one_of_several(db).await.map_err(|source| Error::Lost {
            migration: None,
            undoing: way == Way::Down,
            source,
        })?;
        let own = alone.as_ref().map(DatabaseExecutor::Connection);
        let db = own.as_ref().unwrap_or(db);
        let waits = server::shorten_waits(db, &self.terms.settings).await;
        let foreign_keys = ForeignKeys::of(db);
        let usual = match &foreign_keys {
            Some(foreign_keys) => foreign_keys.are_enforced().await.ok(),
            None => None,
        };
        let gone = self.step_by_step::<M>(db, way, steps).await;
        if let (Some(foreign_keys), Some(usual)) = (foreign_keys, usual) {
            // Where this fails the connection is gone, and with it the setting.
            let _ = foreign_keys.enforce(usual).await;
        }
        server::restore_waits(db, waits).await;
        if let Some(alone) = alone {
            let _ = alone.close().await;
        }
        gone
    }

    async fn step_by_step<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        way: Way,
        steps: Option<u32>,
    ) -> Result<(), Error> {
        let meter = Meter::default();
        let metered;
        let db = match db {
            DatabaseExecutor::Connection(connection) => {
                metered = meter.attach(connection, self.terms.listener.clone());
                DatabaseExecutor::Connection(&metered)
            }
            DatabaseExecutor::Transaction(transaction) => DatabaseExecutor::Transaction(transaction),
            DatabaseExecutor::OwnedTransaction(transaction) => DatabaseExecutor::Transaction(transaction),
        };
        let mut targets = None;
        let mut is_greeted = false;
        let mut done = 0;
        let mut waiting = Waiting::new();
        loop {
            self.terms.go_on()?;
            let began = Instant::now();
            let attempt = match self.history::<M>(&db).await {
                // SQLite, while another migrator commits.
                Err(Error::History { source }) if ErrorKind::of(&source) == ErrorKind::Lock => {
                    Attempt::Busy(server::holders(&db, &M::migration_table_name().to_string()).await)
                }
                history => {
                    let history = history?;
                    if !is_greeted {
                        self.greet(way, &history);
                        targets = steps.map(|steps| way.targets(&history, steps));
                        is_greeted = true;
                    }
                    match way.next(&M::migration_table_name().to_string(), &history, targets.as_deref())? {
                        Some(next) => attempt::<M>(&self.terms, &db, &meter, way, next).await?,
                        None => break,
                    }
                }
            };
            match attempt {
                Attempt::Done { migration, took } => {
                    if let Some(targets) = &mut targets {
                        targets.retain(|target| *target != migration);
                    }
                    self.terms.listener.tell(&way.done(migration, took));
                    done += 1;
                    waiting = Waiting::new();
                }
                Attempt::Moved => waiting = Waiting::new(),
                Attempt::Busy(holders) => waiting.for_migrator(&self.terms, holders, began).await?,
                Attempt::Blocked { migration, by } => {
                    let longest = self.terms.settings.lock_timeout;
                    waiting.for_table(&self.terms, &migration, by, began, longest).await?;
                }
            }
        }
        if done == 0 {
            self.terms.listener.tell(way.nothing());
        }
        Ok(())
    }

    /// Says what another version has done, which changes nothing for this one.
    fn greet(&self, way: Way, history: &[Step]) {
        let migrations = history::named(history, State::Unknown);
        if way == Way::Up && !migrations.is_empty() {
            self.terms.listener.tell(&Event::AppliedByAnother { migrations });
        }
    }
}
