//! One migration under the lock of migrators: whole or not at all where the database can.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr, SqliteTransactionMode,
        TransactionOptions, TransactionTrait,
    },
};

use sea_orm_connect::ErrorKind;

use crate::{
    backfill,
    error::Error,
    foreign_keys::{ForeignKeys, Watch},
    history,
    server::{self, Lifetime, Timeouts},
    terms::Terms,
    waiting::Waiting,
    watch::{Meter, Run},
    way::{Attempt, Way},
};

/// Why a try did not end well, before it is known what that means.
pub(crate) enum Trouble {
    Driver(DbErr),
    Run(Error),
}

impl From<DbErr> for Trouble {
    fn from(error: DbErr) -> Self {
        Self::Driver(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

/// One migration, and how it is to be run.
pub(crate) struct Work<'r> {
    terms: &'r Terms,
    meter: &'r Meter,
    way: Way,
    migration: &'r dyn MigrationTrait,
    pub(crate) lifetime: Lifetime,
    /// Other connections than its own, where it has one and they are of use.
    beside: Option<DatabaseConnection>,
    has_begun: AtomicBool,
    /// Whether it runs without the transaction that it would usually run in (SQLite).
    is_bare: AtomicBool,
}

impl<'r> Work<'r> {
    pub(crate) fn new(
        terms: &'r Terms,
        meter: &'r Meter,
        way: Way,
        migration: &'r dyn MigrationTrait,
        db: &DatabaseExecutor<'_>,
    ) -> Self {
        let lifetime = Lifetime::of(db.get_database_backend(), migration.use_transaction());
        let beside = if lifetime == Lifetime::Session { server::beside(db) } else { None };
        Self {
            terms,
            meter,
            way,
            migration,
            lifetime,
            beside,
            has_begun: AtomicBool::new(false),
            is_bare: AtomicBool::new(false),
        }
    }

    /// Whether another try may follow one that failed: where it has changed nothing, and on SQLite outside a transaction,
    /// where without a lock a migration may run twice anyway.
    pub(crate) fn may_be_repeated(&self) -> bool {
        let changes_may_stay = self.lifetime == Lifetime::Session || self.is_bare.load(Ordering::SeqCst);
        !changes_may_stay || !self.has_begun.load(Ordering::SeqCst)
    }

    pub(crate) async fn try_on<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Attempt, Trouble> {
        match self.lifetime {
            Lifetime::Transaction => match ForeignKeys::of(db) {
                Some(foreign_keys) => self.try_with_foreign_keys::<M>(db, &foreign_keys).await,
                None => self.try_in_transaction::<M>(db, None).await,
            },
            Lifetime::Session | Lifetime::Statement => self.try_in_session::<M>(db).await,
        }
    }

    /// In a transaction in which foreign keys are as the migration needs them, or, where there is none, without.
    async fn try_with_foreign_keys<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        foreign_keys: &ForeignKeys<'_>,
    ) -> Result<Attempt, Trouble> {
        let usual = foreign_keys.are_enforced().await?;
        for enforced in [usual, !usual] {
            let watch = foreign_keys.watch(enforced, usual).await?;
            let tried = self.try_watched::<M>(db, foreign_keys, &watch, enforced).await;
            let is_done = matches!(tried, Ok(Attempt::Done { .. }));
            let left = if is_done { watch.wanted() } else { usual };
            if left != enforced {
                let restored = foreign_keys.enforce(left).await;
                // An error says more than that a connection is still at work on what it interrupted.
                if tried.is_ok() {
                    restored?;
                }
            }
            if !watch.is_contradicted() {
                return tried;
            }
            self.terms.go_on()?;
        }
        if self.migration.use_transaction() == Some(true) {
            return Err(DbErr::Migration(BOTH_WAYS.to_owned()).into());
        }
        self.try_bare::<M>(db, foreign_keys).await
    }

    async fn try_watched<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        foreign_keys: &ForeignKeys<'_>,
        watch: &Watch,
        enforced: bool,
    ) -> Result<Attempt, Trouble> {
        foreign_keys.enforce(enforced).await?;
        let authorizer = foreign_keys.install(watch).await?;
        let tried = self.try_in_transaction::<M>(db, Some(watch)).await;
        foreign_keys.remove(authorizer).await;
        tried
    }

    /// Without a transaction, with the file to itself.
    async fn try_bare<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        foreign_keys: &ForeignKeys<'_>,
    ) -> Result<Attempt, Trouble> {
        let usual = foreign_keys.are_enforced().await?;
        self.is_bare.store(true, Ordering::SeqCst);
        // All that it did before is rolled back.
        self.has_begun.store(false, Ordering::SeqCst);
        let tried = match foreign_keys.take_file().await {
            Err(error) if ErrorKind::of(&error) == ErrorKind::Lock => {
                Ok(Attempt::Busy(server::holders(db, &history_of::<M>()).await))
            }
            Err(error) => Err(error.into()),
            Ok(()) => self.try_in_session::<M>(db).await,
        };
        if !matches!(tried, Ok(Attempt::Done { .. })) {
            let restored = foreign_keys.enforce(usual).await;
            if tried.is_ok() {
                restored?;
            }
        }
        // Where it was never had, reading may fail, and nothing is lost by that.
        let _ = foreign_keys.give_back().await;
        tried
    }

    async fn try_in_transaction<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        watch: Option<&Watch>,
    ) -> Result<Attempt, Trouble> {
        let transaction = match db.begin_with_options(immediately()).await {
            // Only SQLite has a lock to take here.
            Err(error) if ErrorKind::of(&error) == ErrorKind::Lock => {
                return Ok(Attempt::Busy(server::holders(db, &history_of::<M>()).await));
            }
            begun => begun?,
        };
        if matches!(db, DatabaseExecutor::Connection(_)) {
            server::see_what_others_commit(&transaction).await?;
        }
        if !server::caches_statements(db) {
            server::forget_statements(&transaction).await?;
        }
        let around = server::timeouts(db).await?;
        server::prepare(&transaction, self.lifetime, &self.terms.settings).await?;
        match self.begin::<M>(&transaction).await? {
            Some(attempt) => {
                transaction.rollback().await?;
                Ok(attempt)
            }
            None => self.run_in::<M>(transaction, around, watch).await,
        }
    }

    /// The lock, or none, is the session's, and what the migration runs in is its own choice.
    async fn try_in_session<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Attempt, Trouble> {
        if self.lifetime == Lifetime::Session {
            server::prepare(db, self.lifetime, &self.terms.settings).await?;
        }
        if let Some(attempt) = self.begin::<M>(db).await? {
            return Ok(attempt);
        }
        if self.migration.use_transaction() == Some(true) {
            return self.run_in::<M>(db.begin().await?, None, None).await;
        }
        let began = Instant::now();
        self.run::<M>(&manager(db)).await?;
        let mut waiting = Waiting::new();
        let attempt = loop {
            let tried = Instant::now();
            match self.record_alone::<M>(db, began).await {
                // The work is done, and another program writes to the same file.
                Err(Trouble::Driver(error)) if ErrorKind::of(&error) == ErrorKind::Lock => {
                    let holders = server::holders(db, &history_of::<M>()).await;
                    waiting.for_migrator(self.terms, holders, tried).await?;
                    self.terms.go_on()?;
                }
                recorded => break recorded?,
            }
        };
        // Only tidying up: whoever comes next does it, too.
        let _ = backfill::drop_if_empty(db).await;
        Ok(attempt)
    }

    /// Takes the lock and looks again at what comes next, which nobody else changes from now on.
    async fn begin<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<Option<Attempt>, DbErr> {
        let history = history_of::<M>();
        if !server::try_lock(db, self.lifetime, &history).await? {
            return Ok(Some(Attempt::Busy(server::holders(db, &history).await)));
        }
        let applied = history::applied::<M>(db).await?;
        if applied.is_none() && self.way == Way::Up {
            M::install(db).await?;
        }
        self.moved::<M>(db).await
    }

    /// Whether something else comes next now.
    async fn moved<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<Option<Attempt>, DbErr> {
        let history = history::read::<M>(db).await?;
        let is_next = self
            .way
            .next(&history_of::<M>(), &history, None)
            .is_ok_and(|next| next.as_deref() == Some(self.migration.name()));
        Ok((!is_next).then_some(Attempt::Moved))
    }

    fn done(&self, began: Instant) -> Attempt {
        Attempt::Done { migration: self.migration.name().to_owned(), took: began.elapsed() }
    }

    async fn run_in<M: MigratorTrait>(
        &self,
        transaction: DatabaseTransaction,
        around: Option<Timeouts>,
        watch: Option<&Watch>,
    ) -> Result<Attempt, Trouble> {
        let began = Instant::now();
        let run = async {
            match watch {
                Some(watch) => self.run_watched::<M>(&transaction, watch).await?,
                None => self.run::<M>(&SchemaManager::new(&transaction)).await?,
            }
            self.record::<M>(&transaction).await?;
            if let Some(around) = around {
                server::restore(&transaction, around).await?;
            }
            Ok(())
        };
        match run.await {
            Ok(()) => {
                transaction.commit().await?;
                Ok(self.done(began))
            }
            // The next statement may be on its way already: it is not waited for, and rolled back behind our back.
            Err(stopped @ Trouble::Run(Error::Stopped { .. })) => Err(stopped),
            Err(trouble) => {
                // Where that fails the connection is gone, and with it the transaction.
                let _ = transaction.rollback().await;
                Err(trouble)
            }
        }
    }

    /// The migration may have taken a refusal for nothing: then it must not be committed.
    async fn run_watched<M: MigratorTrait>(
        &self,
        transaction: &DatabaseTransaction,
        watch: &Watch,
    ) -> Result<(), Trouble> {
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
        let (migration, undoing) = (self.migration.name().to_owned(), self.way == Way::Down);
        Err(Error::ForeignKeys { migration, undoing, references: introduced }.into())
    }

    async fn run<M: MigratorTrait>(&self, manager: &SchemaManager<'_>) -> Result<(), Trouble> {
        let name = self.migration.name().to_owned();
        let db = manager.get_connection();
        let place = server::place(db).await?;
        let run = Run::new(self.terms.clone(), name.clone(), self.way == Way::Down, history_of::<M>());
        let run = run.with(self.beside.clone());
        self.has_begun.store(true, Ordering::SeqCst);
        let work = match self.way {
            Way::Up => self.migration.up(manager),
            Way::Down => self.migration.down(manager),
        };
        match run.follow(work, self.meter).await {
            Some(Err(error)) => Err(run.reason().map_or(Trouble::Driver(error), Trouble::Run)),
            Some(Ok(())) => match place {
                // The history is where it was found, and so is what the next migration names.
                Some(place) => Ok(server::go_back(db, &place).await?),
                None => Ok(()),
            },
            None => Err(self.terms.stopped(Some(&name)).into()),
        }
    }

    /// Puts what was done outside a transaction on record, together with the end of its back-fills.
    async fn record_alone<M: MigratorTrait>(
        &self,
        db: &DatabaseExecutor<'_>,
        began: Instant,
    ) -> Result<Attempt, Trouble> {
        let transaction = db.begin_with_options(immediately()).await?;
        // Without a lock nothing kept others from doing the same meanwhile, and one record of it is enough.
        if self.lifetime != Lifetime::Session
            && let Some(attempt) = self.moved::<M>(&transaction).await?
        {
            transaction.rollback().await?;
            return Ok(attempt);
        }
        self.record::<M>(&transaction).await?;
        backfill::forget(&transaction, self.migration.name()).await?;
        transaction.commit().await?;
        Ok(self.done(began))
    }

    async fn record<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<(), Trouble> {
        let name = self.migration.name();
        if self.lifetime == Lifetime::Session && !server::has_lock(db).await? {
            return Err(Error::LockLost { migration: name.to_owned(), undoing: self.way == Way::Down }.into());
        }
        match self.way {
            Way::Up => history::record::<M>(db, name).await?,
            Way::Down => history::strike::<M>(db, name).await?,
        }
        Ok(())
    }
}

/// Of a migration that wants a transaction, and in it what no transaction of SQLite can do.
const BOTH_WAYS: &str = "it relies on foreign keys in one place and switches them off in another, which SQLite cannot do in one \
    transaction: switch them off before its first statement, or do not ask for a transaction in `use_transaction`";

/// The table of the history.
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
