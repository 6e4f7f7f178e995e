//! All that a run does, migration by migration, and how long it waits.

use std::time::{Duration, Instant};

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend},
};

use crate::{
    attempt::{Attempt, Way},
    emptied::Emptied,
    error::Error,
    event::{Event, Listener},
    history::{self, State, Step},
    obstacle::Obstacle,
    pause::{jittered, pause},
    reading,
    server::{self, Lifetime},
    session::Session,
    settings::Settings,
    stop::Stop,
    watch::Meter,
};

/// How soon after another migrator ends this one goes on.
const POLL: Duration = Duration::from_millis(250);

/// How often it is said that this one waits for another.
const REMINDER: Duration = Duration::from_secs(10);

/// The longest pause before a table is asked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Runs migrations: one migrator at a time, each migration whole or not at all where the database can, and never long in
/// anybody's way.
#[derive(Clone, Debug, Default)]
pub struct Runner {
    pub(crate) settings: Settings,
    pub(crate) listener: Listener,
    pub(crate) stop: Stop,
}

impl Runner {
    /// With the usual settings, telling the log of the program, never stopping.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Tells this one what happens, instead of the log of the program.
    #[must_use]
    pub fn telling(self, listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { listener: Listener::new(listen), ..self }
    }

    /// Ends when this one says so.
    #[must_use]
    pub fn until(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// Applies pending migrations, all or so many. Where none is pending nothing is written, not even the lock is taken.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn up<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, steps: Option<u32>) -> Result<(), Error> {
        self.go::<M>(db, Way::Up, steps).await
    }

    /// Undoes the last migrations, all or so many; refused where another version has applied some behind them.
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
        self.empty::<M>(db, Emptied::History).await
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
        self.empty::<M>(db, Emptied::Everything).await?;
        self.up::<M>(db, None).await
    }

    /// The history as it is now, without a lock.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn history<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Vec<Step>, Error> {
        let read = async {
            let transaction = reading::begin(db).await?;
            if db.get_database_backend() == DbBackend::Postgres {
                server::prepare(&transaction, Lifetime::Transaction, &self.settings).await?;
            }
            let steps = history::read::<M>(&transaction).await?;
            transaction.rollback().await?;
            Ok(steps)
        };
        read.await.map_err(|source| match Obstacle::of(&source) {
            Obstacle::Connection => Error::Lost { migration: None, source },
            Obstacle::Lock | Obstacle::Statement => Error::History { source },
        })
    }

    async fn go<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, way: Way, steps: Option<u32>) -> Result<(), Error> {
        let meter = Meter::default();
        let metered;
        let db = match db {
            DatabaseExecutor::Connection(connection) => {
                metered = meter.attach(connection, self.listener.clone());
                DatabaseExecutor::Connection(&metered)
            }
            DatabaseExecutor::Transaction(transaction) => DatabaseExecutor::Transaction(transaction),
            DatabaseExecutor::OwnedTransaction(transaction) => DatabaseExecutor::Transaction(transaction),
        };
        let mut left = steps.unwrap_or(u32::MAX);
        let mut waiting = Waiting::new();
        let mut is_greeted = false;
        let mut did_something = false;
        while left > 0 {
            self.go_on()?;
            let tried = Instant::now();
            let history = match self.history::<M>(&db).await {
                // SQLite, while another migrator commits.
                Err(Error::History { source }) if Obstacle::of(&source) == Obstacle::Lock => {
                    waiting.for_migrator(self, server::holders(&db).await, tried).await?;
                    continue;
                }
                history => history?,
            };
            if !is_greeted {
                self.greet(way, &history)?;
                is_greeted = true;
            }
            let Some(next) = way.next(&history) else {
                if !did_something {
                    self.listener.tell(way.nothing());
                }
                return Ok(());
            };
            match self.attempt::<M>(&db, &meter, way, &next).await? {
                Attempt::Done(took) => {
                    self.listener.tell(&way.done(next, took));
                    left -= 1;
                    did_something = true;
                    waiting = Waiting::new();
                }
                Attempt::Moved => waiting = Waiting::new(),
                Attempt::Busy(holders) => waiting.for_migrator(self, holders, tried).await?,
                Attempt::Blocked(blockers) => waiting.for_table(self, &next, blockers).await?,
            }
        }
        Ok(())
    }

    /// Says what another version has done, which keeps this one from undoing.
    fn greet(&self, way: Way, history: &[Step]) -> Result<(), Error> {
        let migrations = history::named(history, State::Unknown);
        match way {
            _ if migrations.is_empty() => Ok(()),
            Way::Up => {
                self.listener.tell(&Event::AppliedByAnother { migrations });
                Ok(())
            }
            Way::Down => Err(Error::Ahead { migrations }),
        }
    }

    /// Unless somebody wants to stop.
    pub(crate) fn go_on(&self) -> Result<(), Error> {
        if self.stop.signal().is_some() { Err(self.stopped(None)) } else { Ok(()) }
    }

    /// What ends a run after somebody wanted to stop.
    pub(crate) fn stopped(&self, migration: Option<&str>) -> Error {
        Error::Stopped { signal: self.stop.signal().unwrap_or_default(), migration: migration.map(str::to_owned) }
    }
}

/// For how long, and how often, one thing has been waited for.
pub(crate) struct Waiting {
    since: Option<Instant>,
    told: Option<Instant>,
    tries: u32,
}

impl Waiting {
    pub(crate) const fn new() -> Self {
        Self { since: None, told: None, tries: 0 }
    }

    /// `tried` is when this try began: SQLite waits a while itself before it says that it has to.
    pub(crate) async fn for_migrator(
        &mut self,
        runner: &Runner,
        holders: Vec<Session>,
        tried: Instant,
    ) -> Result<(), Error> {
        let waited = self.since.get_or_insert(tried).elapsed();
        if waited >= runner.settings.lock_wait {
            return Err(Error::Busy { waited, holders });
        }
        if self.told.is_none_or(|told| told.elapsed() >= REMINDER) {
            self.told = Some(Instant::now());
            runner.listener.tell(&Event::WaitingForMigrator { holders, waited });
        }
        pause(jittered(POLL), &runner.stop).await;
        Ok(())
    }

    /// The more often, the longer the pause: who is in the way has work to do, and so have those who were held up.
    pub(crate) async fn for_table(
        &mut self,
        runner: &Runner,
        migration: &str,
        blockers: Vec<Session>,
    ) -> Result<(), Error> {
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        self.tries += 1;
        let (migration, tries) = (migration.to_owned(), self.tries);
        if waited >= runner.settings.lock_wait {
            return Err(Error::Blocked { migration, waited, tries, blockers });
        }
        let doubled = runner.settings.lock_timeout.saturating_mul(1 << (tries - 1).min(16));
        let left = runner.settings.lock_wait.saturating_sub(waited);
        let again_in = jittered(doubled.min(LONGEST_PAUSE)).min(left);
        runner.listener.tell(&Event::WaitingForTable { migration, blockers, tries, again_in });
        pause(again_in, &runner.stop).await;
        Ok(())
    }
}
