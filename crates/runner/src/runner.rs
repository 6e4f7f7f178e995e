//! The public interface: `up`, `down` and the others, as a loop over single migrations.

use std::time::{Duration, Instant};

use sea_orm_migration::{MigratorTrait, sea_orm::DatabaseExecutor};

use sea_orm_connect::{ErrorKind, snapshot};

use crate::{
    context::Context,
    direction::Direction,
    error::Error,
    event::Event,
    execute::{ForeignKeys, Outcome, attempt},
    history::{self, State, Step},
    listener::Listener,
    lock::{self, Lease},
    monitor::Monitor,
    reset::{Scope, drop_all},
    retry::{Backoff, pause},
    settings::Settings,
    stop::Stop,
};

/// How often a migration that finds its work done by others looks again.
const MAX_OVERTAKEN: u32 = 3;

/// The pause before it looks.
const OVERTAKEN_PAUSE: Duration = Duration::from_secs(1);

/// Runs migrations: one run at a time, each migration atomically where the database can, without blocking others for long.
#[derive(Clone, Debug, Default)]
pub struct Runner {
    pub(crate) context: Context,
}

impl Runner {
    /// With the default settings. Events go to the log, in the words of SeaORM's migrator and under its target; so do failures.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { context: Context { settings, ..self.context } }
    }

    /// Sends events to `listen` instead of the log.
    #[must_use]
    pub fn with_listener(self, listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { context: Context { listener: Listener::new(listen), ..self.context } }
    }

    /// Stops when `stop` is requested.
    #[must_use]
    pub fn with_stop(self, stop: Stop) -> Self {
        Self { context: Context { stop, ..self.context } }
    }

    /// Applies all pending migrations, or the first `steps`. If none is pending it writes nothing and takes no lock.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn up<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, steps: Option<u32>) -> Result<(), Error> {
        self.run::<M>(db, Direction::Up, steps).await
    }

    /// Undoes all migrations, or the last `steps`. Fails if unknown migrations were applied after them.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn down<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, steps: Option<u32>) -> Result<(), Error> {
        self.run::<M>(db, Direction::Down, steps).await
    }

    /// Undoes all migrations and drops the history table.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn reset<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<(), Error> {
        self.down::<M>(db, None).await?;
        self.drop_all::<M>(db, Scope::History).await
    }

    /// Undoes all migrations and applies them again.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn refresh<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<(), Error> {
        self.down::<M>(db, None).await?;
        self.up::<M>(db, None).await
    }

    /// Drops everything in the database, and applies all migrations.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fresh<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<(), Error> {
        self.drop_all::<M>(db, Scope::Database).await?;
        self.up::<M>(db, None).await
    }

    /// Reads the history, without a lock.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn history<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Vec<Step>, Error> {
        let read = async {
            let transaction = snapshot::begin(db).await?;
            let steps = history::read::<M>(&transaction).await?;
            transaction.rollback().await?;
            Ok(steps)
        };
        read.await.map_err(|source| match ErrorKind::of(&source) {
            ErrorKind::Connection => Error::Lost { migration: None, undoing: false, source },
            ErrorKind::Lock | ErrorKind::ReadOnly | ErrorKind::Statement => Error::History { source },
        })
    }

    async fn drop_all<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>, scope: Scope) -> Result<(), Error> {
        let dropped = drop_all::<M>(&self.context, db, scope).await;
        dropped.inspect_err(|error| self.context.listener.failed(error))
    }

    async fn run<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        direction: Direction,
        steps: Option<u32>,
    ) -> Result<(), Error> {
        self.context.listener.begin(direction, steps);
        let run = self.run_alone::<M>(db, direction, steps).await;
        run.inspect_err(|error| self.context.listener.failed(error))
    }

    async fn run_alone<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        direction: Direction,
        steps: Option<u32>,
    ) -> Result<(), Error> {
        // A setting that a migration makes must apply to its next statement.
        let alone = lock::single_connection(db).await.map_err(|source| Error::Lost {
            migration: None,
            undoing: direction == Direction::Down,
            source,
        })?;
        let own = alone.as_ref().map(DatabaseExecutor::Connection);
        let db = own.as_ref().unwrap_or(db);
        let waits = lock::shorten_busy_timeout(db, &self.context.settings).await;
        let foreign_keys = ForeignKeys::of(db);
        let usual = match &foreign_keys {
            Some(foreign_keys) => foreign_keys.are_enforced().await.ok(),
            None => None,
        };
        let gone = self.step_by_step::<M>(db, direction, steps).await;
        if let (Some(foreign_keys), Some(usual)) = (foreign_keys, usual) {
            // If this fails, the connection is gone, and the setting with it.
            let _ = foreign_keys.enforce(usual).await;
        }
        lock::restore_busy_timeout(db, waits).await;
        if let Some(alone) = alone {
            let _ = alone.close().await;
        }
        gone
    }

    async fn step_by_step<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        direction: Direction,
        steps: Option<u32>,
    ) -> Result<(), Error> {
        let monitor = Monitor::default();
        let monitored;
        let db = match db {
            DatabaseExecutor::Connection(connection) => {
                monitored = monitor.attach(connection, self.context.listener.clone());
                DatabaseExecutor::Connection(&monitored)
            }
            DatabaseExecutor::Transaction(transaction) => DatabaseExecutor::Transaction(transaction),
            DatabaseExecutor::OwnedTransaction(transaction) => DatabaseExecutor::Transaction(transaction),
        };
        let mut targets = None;
        let mut is_reported = false;
        let mut done = 0;
        let mut backoff = Backoff::new();
        let lease = Lease::default();
        let mut overtaken = 0;
        loop {
            self.context.check_stop()?;
            let began = Instant::now();
            let outcome = match self.history::<M>(&db).await {
                // SQLite, while another migrator commits.
                Err(Error::History { source }) if ErrorKind::of(&source) == ErrorKind::Lock => {
                    Outcome::Busy(lock::lock_holders(&db, &M::migration_table_name().to_string()).await)
                }
                history => {
                    let history = history?;
                    if !is_reported {
                        self.report_unknown(direction, &history);
                        targets = steps.map(|steps| direction.targets(&history, steps));
                        is_reported = true;
                    }
                    match direction.next(&M::migration_table_name().to_string(), &history, targets.as_deref())? {
                        Some(next) => attempt::<M>(&self.context, &db, &monitor, direction, &lease, next).await?,
                        None => break,
                    }
                }
            };
            match outcome {
                Outcome::Done { migration, took } => {
                    if let Some(targets) = &mut targets {
                        targets.retain(|target| *target != migration);
                    }
                    self.context.listener.notify(&direction.done(migration, took));
                    done += 1;
                    backoff = Backoff::new();
                    overtaken = 0;
                }
                Outcome::Overtaken(error) if overtaken == MAX_OVERTAKEN => return Err(error),
                Outcome::Overtaken(_) => {
                    overtaken += 1;
                    pause(OVERTAKEN_PAUSE, &self.context.stop).await;
                }
                Outcome::Moved => backoff = Backoff::new(),
                Outcome::Busy(lock_holders) => backoff.wait_for_migrator(&self.context, lock_holders, began).await?,
                Outcome::Blocked { migration, by } => {
                    let longest = self.context.settings.lock_timeout;
                    backoff.wait_for_table(&self.context, &migration, by, began, longest).await?;
                }
            }
        }
        if done == 0 {
            self.context.listener.notify(direction.nothing());
        }
        Ok(())
    }

    /// Reports migrations that are unknown here.
    fn report_unknown(&self, direction: Direction, history: &[Step]) {
        let migrations = history::named(history, State::Unknown);
        if direction == Direction::Up && !migrations.is_empty() {
            self.context.listener.notify(&Event::AppliedByAnother { migrations });
        }
    }
}
