//! One try at one migration: under the lock of migrators, whole or not at all where the database can.

use std::time::{Duration, Instant};

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr, SqliteTransactionMode,
        TransactionOptions, TransactionTrait,
    },
};

use crate::{
    backfill,
    error::Error,
    event::Event,
    history::{self, State, Step},
    obstacle::Obstacle,
    reading,
    server::{self, Lifetime, NoSession},
    session::Session,
    terms::Terms,
    watch::{Meter, Run},
};

/// Which way the schema goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// How a try ended that found nothing wrong.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// Committed, and on record or off it.
    Done {
        /// Which one.
        migration: String,
        /// Without the waiting.
        took: Duration,
    },
    /// Somebody else did it meanwhile.
    Moved,
    /// Another migrator has the lock.
    Busy(Vec<Session>),
    /// A table was in use, and all is as it was.
    Blocked {
        /// The migration.
        migration: String,
        /// Whose transactions were in its way.
        by: Vec<Session>,
    },
}

/// Why a try did not end well, before it is known what that means.
enum Trouble {
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

impl Way {
    /// The migration that comes next. There is none to undo below what only another version knows.
    pub(crate) fn next(self, history: &[Step]) -> Result<Option<String>, Error> {
        match self {
            Self::Up => Ok(history::named(history, State::Pending).into_iter().next()),
            Self::Down => match history::named(history, State::Unknown) {
                migrations if migrations.is_empty() => Ok(history::named(history, State::Applied).pop()),
                migrations => Err(Error::Ahead { migrations }),
            },
        }
    }

    pub(crate) fn nothing(self) -> &'static Event {
        if self == Self::Up { &Event::NothingToApply } else { &Event::NothingToUndo }
    }

    pub(crate) fn done(self, migration: String, took: Duration) -> Event {
        if self == Self::Up { Event::Applied { migration, took } } else { Event::Undone { migration, took } }
    }
}

/// Tries `next`, if under the lock it still is what comes next.
pub(crate) async fn attempt<M: MigratorTrait>(
    terms: &Terms,
    db: &DatabaseExecutor<'_>,
    meter: &Meter,
    way: Way,
    next: String,
) -> Result<Attempt, Error> {
    let migrations = M::migrations();
    let migration = migrations.iter().find(|migration| migration.name() == next).expect("the history named it");
    let lifetime = Lifetime::of(db.get_database_backend(), migration.use_transaction());
    let own = match lifetime {
        Lifetime::Session => Some(session_for(terms, db, meter, &next).await?),
        Lifetime::Transaction | Lifetime::Statement => None,
    };
    let work = Work { terms, meter, way, migration: migration.as_ref(), lifetime };
    let attempt = match &own {
        Some(own) => work.try_on::<M>(&DatabaseExecutor::Connection(own)).await,
        None => work.try_on::<M>(db).await,
    };
    if let Some(own) = own {
        // With its end the lock is free. What it says about that changes nothing.
        let _ = own.close().await;
    }
    match attempt {
        Ok(attempt) => Ok(attempt),
        Err(Trouble::Run(error)) => Err(error),
        Err(Trouble::Driver(source)) => match Obstacle::of(&source) {
            Obstacle::Lock => Ok(Attempt::Blocked { migration: next, by: blockers(terms, db, meter).await }),
            Obstacle::Connection => Err(Error::Lost { migration: Some(next), source }),
            Obstacle::Statement => Err(Error::Failed { migration: next, undoing: way == Way::Down, source }),
        },
    }
}

async fn session_for(
    terms: &Terms,
    db: &DatabaseExecutor<'_>,
    meter: &Meter,
    migration: &str,
) -> Result<DatabaseConnection, Error> {
    let migration = migration.to_owned();
    let DatabaseExecutor::Connection(db) = db else {
        return Err(Error::InTransaction { migration });
    };
    match server::own_connection(db, &terms.settings).await {
        Ok(own) => Ok(meter.attach(&own, terms.listener.clone())),
        Err(NoSession::Refused(reason)) => Err(Error::NoSession { migration, reason }),
        Err(NoSession::NotConnected(source)) => Err(Error::Lost { migration: Some(migration), source }),
    }
}

/// Only told: whoever cannot be asked is not named.
async fn blockers(terms: &Terms, db: &DatabaseExecutor<'_>, meter: &Meter) -> Vec<Session> {
    let Ok(transaction) = reading::begin(db).await else { return Vec::new() };
    let blockers = server::blockers(&transaction, meter.failed().as_deref(), &terms.settings).await;
    let _ = transaction.rollback().await;
    blockers
}

/// One migration, and how it is to be run.
struct Work<'r> {
    terms: &'r Terms,
    meter: &'r Meter,
    way: Way,
    migration: &'r dyn MigrationTrait,
    lifetime: Lifetime,
}

impl Work<'_> {
    async fn try_on<M: MigratorTrait>(&self, db: &DatabaseExecutor<'_>) -> Result<Attempt, Trouble> {
        if self.lifetime != Lifetime::Transaction {
            return self.try_in_session::<M>(db).await;
        }
        let transaction = match db.begin_with_options(immediately()).await {
            // Only SQLite has a lock to take here.
            Err(error) if Obstacle::of(&error) == Obstacle::Lock => {
                return Ok(Attempt::Busy(server::holders(db).await));
            }
            begun => begun?,
        };
        if !server::caches_statements(db) {
            server::forget_statements(&transaction).await?;
        }
        server::prepare(&transaction, self.lifetime, &self.terms.settings).await?;
        match self.begin::<M>(&transaction).await? {
            Some(attempt) => {
                transaction.rollback().await?;
                Ok(attempt)
            }
            None => self.run_in::<M>(transaction).await,
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
            return self.run_in::<M>(db.begin().await?).await;
        }
        let began = Instant::now();
        self.run(&manager(db)).await?;
        if self.lifetime == Lifetime::Session {
            self.record::<M>(db).await?;
            return Ok(self.done(began));
        }
        // Nothing kept others from doing the same meanwhile, and one record of it is enough.
        let transaction = db.begin_with_options(immediately()).await?;
        if let Some(attempt) = self.begin::<M>(&transaction).await? {
            transaction.rollback().await?;
            return Ok(attempt);
        }
        self.record::<M>(&transaction).await?;
        transaction.commit().await?;
        Ok(self.done(began))
    }

    /// Takes the lock and looks again at what comes next, which nobody else changes from now on.
    async fn begin<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<Option<Attempt>, DbErr> {
        if !server::try_lock(db, self.lifetime).await? {
            return Ok(Some(Attempt::Busy(server::holders(db).await)));
        }
        let applied = history::applied::<M>(db).await?;
        if applied.is_none() && self.way == Way::Up {
            M::install(db).await?;
        }
        let history = history::read::<M>(db).await?;
        let is_next = self.way.next(&history).is_ok_and(|next| next.as_deref() == Some(self.migration.name()));
        Ok((!is_next).then_some(Attempt::Moved))
    }

    fn done(&self, began: Instant) -> Attempt {
        Attempt::Done { migration: self.migration.name().to_owned(), took: began.elapsed() }
    }

    async fn run_in<M: MigratorTrait>(&self, transaction: DatabaseTransaction) -> Result<Attempt, Trouble> {
        let began = Instant::now();
        let run = async {
            self.run(&SchemaManager::new(&transaction)).await?;
            self.record::<M>(&transaction).await
        };
        match run.await {
            Ok(()) => {
                transaction.commit().await?;
                Ok(self.done(began))
            }
            Err(trouble) => {
                // Where that fails the connection is gone, and with it the transaction.
                let _ = transaction.rollback().await;
                Err(trouble)
            }
        }
    }

    async fn run(&self, manager: &SchemaManager<'_>) -> Result<(), Trouble> {
        let name = self.migration.name().to_owned();
        let run = Run::new(self.terms.clone(), name.clone());
        let work = match self.way {
            Way::Up => self.migration.up(manager),
            Way::Down => self.migration.down(manager),
        };
        match run.follow(work, self.meter).await {
            Some(Err(error)) => Err(run.reason().map_or(Trouble::Driver(error), Trouble::Run)),
            Some(Ok(())) => Ok(()),
            None => Err(self.terms.stopped(Some(&name)).into()),
        }
    }

    async fn record<M: MigratorTrait>(&self, db: &impl ConnectionTrait) -> Result<(), Trouble> {
        let name = self.migration.name();
        if self.lifetime == Lifetime::Session && !server::has_lock(db).await? {
            return Err(Error::LockLost { migration: name.to_owned() }.into());
        }
        match self.way {
            Way::Up => history::record::<M>(db, name).await?,
            Way::Down => history::strike::<M>(db, name).await?,
        }
        if self.lifetime != Lifetime::Transaction {
            backfill::forget(db, name).await?;
        }
        Ok(())
    }
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
