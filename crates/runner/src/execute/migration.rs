//! Runs one migration under the migration lock, atomically where the database can.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use futures_util::future::{Either, select};
use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr, SqliteTransactionMode,
        TransactionOptions, TransactionTrait,
    },
};

use sea_orm_connect::{ErrorKind, prepared};

use super::{
    foreign_keys::{ForeignKeys, Watch},
    index_build,
    outcome::{ExecuteError, Outcome},
};
use crate::{
    backfill,
    context::Context,
    direction::Direction,
    error::Error,
    history,
    lock::{self, Lease, Lifetime, Timeouts},
    monitor::{Monitor, Run},
    retry::Backoff,
};

/// One migration, and how to run it.
pub(crate) struct Execution<'r> {
    context: &'r Context,
    monitor: &'r Monitor,
    direction: Direction,
    migration: &'r dyn MigrationTrait,
    pub(crate) lifetime: Lifetime,
    lease: &'r Lease,
    /// Another connection to watch the migration's own session, where the server supports that.
    monitor_connection: Option<DatabaseConnection>,
    /// Another connection that reads the progress of an index build, where the server counts it.
    progress_connection: Option<DatabaseConnection>,
    has_begun: AtomicBool,
    /// Whether it runs without its usual transaction (SQLite).
    is_bare: AtomicBool,
}

impl<'r> Execution<'r> {
    pub(crate) fn new(
        context: &'r Context,
        monitor: &'r Monitor,
        direction: Direction,
        migration: &'r dyn MigrationTrait,
        lease: &'r Lease,
        db: &DatabaseExecutor<'_>,
    ) -> Self {
        let lifetime = Lifetime::of(db.get_database_backend(), migration.use_transaction());
        let monitor_connection = if lifetime == Lifetime::Session { lock::monitor_connection(db) } else { None };
        Self {
            context,
            monitor,
            direction,
            migration,
            lifetime,
            lease,
            monitor_connection,
            progress_connection: lock::monitor_connection(db),
            has_begun: AtomicBool::new(false),
            is_bare: AtomicBool::new(false),
        }
    }

    /// Whether a failed attempt may be retried: if it has changed nothing, and on SQLite outside a transaction, where a
    /// migration may run twice anyway because there is no lock.
    pub(crate) fn may_be_repeated(&self) -> bool {
        let changes_may_stay = self.lifetime == Lifetime::Session || self.is_bare.load(Ordering::SeqCst);
        !changes_may_stay || !self.has_begun.load(Ordering::SeqCst)
    }

    pub(crate) async fn run_once<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Outcome, ExecuteError> {
        match self.lifetime {
            Lifetime::Transaction => match ForeignKeys::of(db) {
                Some(foreign_keys) => self.run_with_foreign_keys::<M>(db, &foreign_keys).await,
                None => self.run_in_transaction::<M>(db, None).await,
            },
            Lifetime::Session | Lifetime::Statement => self.run_in_session::<M>(db).await,
        }
    }

    /// In a transaction with foreign keys as the migration needs them, or without a transaction if none fits.
    async fn run_with_foreign_keys<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        foreign_keys: &ForeignKeys<'_>,
    ) -> Result<Outcome, ExecuteError> {
        let usual = foreign_keys.are_enforced().await?;
        for enforced in [usual, !usual] {
            let watch = foreign_keys.watch(enforced, usual).await?;
            let tried = self.run_once_watched::<M>(db, foreign_keys, &watch, enforced).await;
            let is_done = matches!(tried, Ok(Outcome::Done { .. }));
            let left = if is_done { watch.wanted() } else { usual };
            if left != enforced {
                let restored = foreign_keys.enforce(left).await;
                // The first error matters more than that of a connection which is still busy.
                if tried.is_ok() {
                    restored?;
                }
            }
            if !watch.is_contradicted() {
                return tried;
            }
            self.context.check_stop()?;
        }
        if self.migration.use_transaction() == Some(true) {
            return Err(DbErr::Migration(BOTH_WAYS.to_owned()).into());
        }
        self.run_without_transaction::<M>(db, foreign_keys).await
    }

    async fn run_once_watched<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        foreign_keys: &ForeignKeys<'_>,
        watch: &Watch,
        enforced: bool,
    ) -> Result<Outcome, ExecuteError> {
        foreign_keys.enforce(enforced).await?;
        let authorizer = foreign_keys.install(watch).await?;
        let tried = self.run_in_transaction::<M>(db, Some(watch)).await;
        foreign_keys.remove(authorizer).await;
        tried
    }

    /// Without a transaction, with an exclusive lock on the file.
    async fn run_without_transaction<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        foreign_keys: &ForeignKeys<'_>,
    ) -> Result<Outcome, ExecuteError> {
        let usual = foreign_keys.are_enforced().await?;
        self.is_bare.store(true, Ordering::SeqCst);
        // Everything before is rolled back.
        self.has_begun.store(false, Ordering::SeqCst);
        let tried = match foreign_keys.lock_file().await {
            Err(error) if ErrorKind::of(&error) == ErrorKind::Lock => {
                Ok(Outcome::Busy(lock::lock_holders(db, &history_of::<M>()).await))
            }
            Err(error) => Err(error.into()),
            Ok(()) => self.run_in_session::<M>(db).await,
        };
        if !matches!(tried, Ok(Outcome::Done { .. })) {
            let restored = foreign_keys.enforce(usual).await;
            if tried.is_ok() {
                restored?;
            }
        }
        // If the lock was never taken, reading may fail, which is harmless.
        let _ = foreign_keys.release_file().await;
        tried
    }

    async fn run_in_transaction<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        watch: Option<&Watch>,
    ) -> Result<Outcome, ExecuteError> {
        let transaction = match db.begin_with_options(immediately()).await {
            // Only SQLite takes a lock here.
            Err(error) if ErrorKind::of(&error) == ErrorKind::Lock => {
                return Ok(Outcome::Busy(lock::lock_holders(db, &history_of::<M>()).await));
            }
            begun => begun?,
        };
        if matches!(db, DatabaseExecutor::Connection(_)) {
            lock::see_what_others_commit(&transaction).await?;
        }
        if !prepared::caches_statements(db) {
            prepared::deallocate_statements_of_other_clients(&transaction).await?;
        }
        let around = lock::timeouts(db).await?;
        lock::set_timeouts(&transaction, self.lifetime, &self.context.settings).await?;
        match self.begin::<M>(&transaction).await? {
            Some(outcome) => {
                transaction.rollback().await?;
                Ok(outcome)
            }
            None => self.run_in::<M>(transaction, around, watch).await,
        }
    }

    /// In a session that holds the lock, if there is one. The migration decides about transactions.
    async fn run_in_session<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Outcome, ExecuteError> {
        if self.lifetime == Lifetime::Session {
            lock::set_timeouts(db, self.lifetime, &self.context.settings).await?;
        }
        if let Some(outcome) = self.begin::<M>(db).await? {
            return Ok(outcome);
        }
        if self.migration.use_transaction() == Some(true) {
            return self.run_in::<M>(db.begin().await?, None, None).await;
        }
        let began = Instant::now();
        self.run::<M>(&manager(db)).await?;
        let mut backoff = Backoff::new();
        let outcome = loop {
            let tried = Instant::now();
            match self.record_alone::<M>(db, began).await {
                // The migration has run, and another program writes to the file.
                Err(ExecuteError::Driver(error)) if ErrorKind::of(&error) == ErrorKind::Lock => {
                    let lock_holders = lock::lock_holders(db, &history_of::<M>()).await;
                    backoff.wait_for_migrator(self.context, lock_holders, tried).await?;
                    self.context.check_stop()?;
                }
                recorded => break recorded?,
            }
        };
        // Only cleanup, which the next run repeats.
        let _ = backfill::drop_if_empty(db).await;
        Ok(outcome)
    }

    /// Takes the lock, and checks again which migration is next.
    async fn begin<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<Option<Outcome>, DbErr> {
        let history = history_of::<M>();
        if !lock::try_lock(db, self.lifetime, &history, self.lease).await? {
            return Ok(Some(Outcome::Busy(lock::lock_holders(db, &history).await)));
        }
        let applied = history::applied::<M>(db).await?;
        if applied.is_none() && self.direction == Direction::Up {
            M::install(db).await?;
        }
        self.moved::<M>(db).await
    }

    /// Whether another migration is next now.
    async fn moved<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<Option<Outcome>, DbErr> {
        let history = history::read::<M>(db).await?;
        let is_next = self
            .direction
            .next(&history_of::<M>(), &history, None)
            .is_ok_and(|next| next.as_deref() == Some(self.migration.name()));
        Ok((!is_next).then_some(Outcome::Moved))
    }

    fn done(&self, began: Instant) -> Outcome {
        Outcome::Done { migration: self.migration.name().to_owned(), took: began.elapsed() }
    }

    async fn run_in<M: MigratorTrait>(
        &self,
        transaction: DatabaseTransaction,
        around: Option<Timeouts>,
        watch: Option<&Watch>,
    ) -> Result<Outcome, ExecuteError> {
        let began = Instant::now();
        let run = async {
            match watch {
                Some(watch) => self.run_watched::<M>(&transaction, watch).await?,
                None => self.run::<M>(&SchemaManager::new(&transaction)).await?,
            }
            self.record::<M>(&transaction).await?;
            if let Some(around) = around {
                lock::restore_timeouts(&transaction, around).await?;
            }
            Ok(())
        };
        match run.await {
            Ok(()) => {
                transaction.commit().await?;
                Ok(self.done(began))
            }
            // The next statement may have been sent already. It is not awaited; the server rolls it back.
            Err(stopped @ ExecuteError::Run(Error::Stopped { .. })) => Err(stopped),
            Err(error) => {
                // If that fails, the connection is gone, and the transaction with it.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// A migration that ignored a rejected statement must not be committed.
    async fn run_watched<M: MigratorTrait>(
        &self,
        transaction: &DatabaseTransaction,
        watch: &Watch,
    ) -> Result<(), ExecuteError> {
        let before = watch.before(transaction).await;
        watch.switch(true);
        let run = self.run::<M>(&SchemaManager::new(transaction)).await;
        watch.switch(false);
        run?;
        if watch.is_contradicted() {
            return Err(DbErr::Migration("foreign keys are not as it needs them".to_owned()).into());
        }
        let introduced = watch.introduced(transaction, before).await?;
        if introduced.is_empty() {
            return Ok(());
        }
        let (migration, undoing) = (self.migration.name().to_owned(), self.direction == Direction::Down);
        Err(Error::ForeignKeys { migration, undoing, references: introduced }.into())
    }

    async fn run<M: MigratorTrait>(&self, manager: &SchemaManager<'_>) -> Result<(), ExecuteError> {
        let name = self.migration.name().to_owned();
        let db = manager.get_connection();
        let namespace = lock::namespace(db).await?;
        let run = Run::new(self.context.clone(), name.clone(), self.direction == Direction::Down, history_of::<M>());
        let run = run.with_monitor_connection(self.monitor_connection.clone());
        self.has_begun.store(true, Ordering::SeqCst);
        if self.monitor.record_begin(&name) {
            self.context.listener.notify(&self.direction.begins(name.clone()));
        }
        let work = match self.direction {
            Direction::Up => self.migration.up(manager),
            Direction::Down => self.migration.down(manager),
        };
        let progress =
            index_build::follow(self.context, self.progress_connection.as_ref(), &run.history, &run.migration);
        let done = match select(pin!(run.follow(work, self.monitor)), pin!(progress)).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        };
        match done {
            Some(Err(error)) => Err(run.take_error().map_or(ExecuteError::Driver(error), ExecuteError::Run)),
            Some(Ok(())) => match namespace {
                // The history table and the next migration depend on the original search path.
                Some(namespace) => Ok(lock::restore_namespace(db, &namespace).await?),
                None => Ok(()),
            },
            None => Err(self.context.stopped(Some(&name)).into()),
        }
    }

    /// Records a migration that ran outside a transaction, and ends its back-fills.
    async fn record_alone<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        began: Instant,
    ) -> Result<Outcome, ExecuteError> {
        let transaction = db.begin_with_options(immediately()).await?;
        // Without a lock another run may have recorded it meanwhile.
        if self.lifetime != Lifetime::Session
            && let Some(outcome) = self.moved::<M>(&transaction).await?
        {
            transaction.rollback().await?;
            return Ok(outcome);
        }
        self.record::<M>(&transaction).await?;
        backfill::delete_checkpoints(&transaction, self.migration.name()).await?;
        transaction.commit().await?;
        Ok(self.done(began))
    }

    async fn record<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<(), ExecuteError> {
        let name = self.migration.name();
        if self.lifetime == Lifetime::Session && !lock::has_lock(db).await? {
            return Err(
                Error::LockLost { migration: name.to_owned(), undoing: self.direction == Direction::Down }.into()
            );
        }
        match self.direction {
            Direction::Up => history::record::<M>(db, name).await?,
            Direction::Down => history::remove::<M>(db, name).await?,
        }
        Ok(())
    }
}

/// For a migration that asks for a transaction and does what SQLite cannot do in one.
const BOTH_WAYS: &str = "it relies on foreign keys in one statement and switches them off in another, which SQLite cannot do in one \
    transaction: switch them off before its first statement, or do not ask for a transaction in `use_transaction`";

/// The history table.
fn history_of<M: MigratorTrait>() -> String {
    M::migration_table_name().to_string()
}

fn manager<'c>(db: &'c DatabaseExecutor<'c>) -> SchemaManager<'c> {
    match db {
        DatabaseExecutor::Connection(connection) => SchemaManager::new(*connection),
        DatabaseExecutor::Transaction(transaction) => SchemaManager::new(*transaction),
        DatabaseExecutor::OwnedTransaction(transaction) => SchemaManager::new(transaction),
    }
}

/// SQLite takes the lock when the transaction begins, and not when it first writes.
fn immediately() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
