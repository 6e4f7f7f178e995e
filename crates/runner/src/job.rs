//! Work on many rows that is not a migration, such as deleting old ones: batch after batch, each in its own transaction, at the pace
//! of a back-fill.

use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionSession,
    TransactionTrait,
};

use sea_orm_connect::ErrorKind;

use crate::{
    backfill::{Extent, Pace},
    context::Context,
    error::Error,
    lock::{self, AwaitedLock, Lifetime},
    retry::Backoff,
    runner::Runner,
    session::{Session, listed},
};

/// A job, by its name in events, and the table whose rows it locks.
#[derive(Clone, Debug)]
pub struct Job {
    /// Stands for the migration in [`Event`](crate::Event)s.
    pub name: String,
    /// The table.
    pub table: String,
}

/// What one batch did. A `Position` says where a batch begins, such as the last key of the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Batch<Position> {
    /// The rows it changed.
    pub rows: u64,
    /// How much of the job is done.
    pub percent: u8,
    /// Where the next batch begins; `None` if nothing is left to do.
    pub next: Option<Position>,
}

/// Why a job ended early. Batches before it are committed; the last one is rolled back, unless the connection was lost while it
/// was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum JobError {
    /// Rows were locked for longer than the job waits.
    #[error("rows of {table} were locked in each of {tries} attempts within {} s: {}", waited.as_secs(), listed(holders))]
    Busy {
        /// The table.
        table: String,
        /// How long the job waited.
        waited: Duration,
        /// The number of attempts.
        tries: u32,
        /// The sessions that may hold the locks, as far as the role may see them.
        holders: Vec<Session>,
    },
    /// The job was asked to stop.
    #[error("stopped by signal {signal}; run it again: it continues with what is left")]
    Stopped {
        /// The number of the signal.
        signal: u8,
    },
    /// The connection to the server was lost.
    #[error("the connection was lost; run it again: it continues with what is left")]
    Lost(#[source] DbErr),
    /// The server takes no writes.
    #[error(
        "this server takes no writes: it is a replica, or transactions of this role, database or server are read-only; run it on the \
         primary, or lift that setting"
    )]
    ReadOnly(#[source] DbErr),
    /// The settings do not fit this database.
    #[error("{0}")]
    Refused(String),
    /// The database rejected a batch.
    #[error("a batch failed and was rolled back")]
    Failed(#[source] DbErr),
}

impl JobError {
    /// The exit code for a program, with the meaning of [`Error::exit_code`].
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Busy { .. } => 75,
            Self::Stopped { signal } => signal.saturating_add(128),
            Self::Lost(_) | Self::ReadOnly(_) => 69,
            Self::Refused(_) => 78,
            Self::Failed(_) => 1,
        }
    }
}

impl From<DbErr> for JobError {
    fn from(source: DbErr) -> Self {
        if let DbErr::Migration(reason) = source {
            return Self::Refused(reason);
        }
        match ErrorKind::of(&source) {
            ErrorKind::Connection => Self::Lost(source),
            ErrorKind::ReadOnly => Self::ReadOnly(source),
            ErrorKind::Lock | ErrorKind::Statement => Self::Failed(source),
        }
    }
}

impl Runner {
    /// Runs `batch` until nothing is left to do, each time in a transaction of its own (read committed), and returns the rows
    /// changed, also if it fails. Between batches it pauses as the [`Settings`](crate::Settings) require, and stops if it was
    /// asked to. A batch that meets a lock is rolled back, and runs again from the same position.
    ///
    /// It keeps no checkpoint: what `batch` has done must not be there to be done again.
    pub async fn in_batches<D, Position>(
        &self,
        db: &D,
        job: &Job,
        first: Position,
        batch: impl AsyncFn(&D::Transaction, &Position) -> Result<Batch<Position>, DbErr>,
    ) -> (u64, Result<(), JobError>)
    where
        D: ConnectionTrait + TransactionTrait,
    {
        let mut rows = 0;
        let ended = self.run_batches(db, job, first, batch, &mut rows).await;
        (rows, ended)
    }

    async fn run_batches<D, Position>(
        &self,
        db: &D,
        job: &Job,
        first: Position,
        batch: impl AsyncFn(&D::Transaction, &Position) -> Result<Batch<Position>, DbErr>,
        rows: &mut u64,
    ) -> Result<(), JobError>
    where
        D: ConnectionTrait + TransactionTrait,
    {
        let mut pace = Pace::new(self.context.clone(), job.name.clone());
        let mut next = Some(first);
        while let Some(position) = next {
            let mut backoff = Backoff::new();
            let done = loop {
                check_stop(&self.context)?;
                let began = Instant::now();
                match try_batch(&self.context, db, &position, &batch).await {
                    Ok(done) => break done,
                    Err(error) if ErrorKind::of(&error) == ErrorKind::Lock => {
                        self.wait_for_rows(db, job, &mut backoff, began).await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            };
            *rows += done.rows;
            pace.after_batch(db, Extent { rows: *rows, percent: done.percent }, done.rows).await?;
            next = done.next;
        }
        pace.end(*rows);
        Ok(())
    }

    async fn wait_for_rows(
        &self,
        db: &impl ConnectionTrait,
        job: &Job,
        backoff: &mut Backoff,
        began: Instant,
    ) -> Result<(), JobError> {
        let settings = &self.context.settings;
        let holders = lock::possible_blockers(db, AwaitedLock::Rows(&job.table), settings).await;
        match backoff.wait_for_table(&self.context, &job.name, holders, began, settings.lock_timeout).await {
            Err(Error::Blocked { waited, tries, blockers, .. }) => {
                Err(JobError::Busy { table: job.table.clone(), waited, tries, holders: blockers })
            }
            // It fails in no other way.
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn check_stop(context: &Context) -> Result<(), JobError> {
    match context.stop.signal() {
        Some(signal) => Err(JobError::Stopped { signal }),
        None => Ok(()),
    }
}

async fn try_batch<D, Position>(
    context: &Context,
    db: &D,
    position: &Position,
    batch: &impl AsyncFn(&D::Transaction, &Position) -> Result<Batch<Position>, DbErr>,
) -> Result<Batch<Position>, DbErr>
where
    D: ConnectionTrait + TransactionTrait,
{
    let options = TransactionOptions {
        // With repeatable reads, MySQL and MariaDB lock every row they examine.
        isolation_level: (db.get_database_backend() != DbBackend::Sqlite).then_some(IsolationLevel::ReadCommitted),
        // A transaction that starts as a reader fails if another one writes first.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        access_mode: None,
    };
    let transaction = db.begin_with_options(options).await?;
    lock::set_timeouts(&transaction, Lifetime::Transaction, &context.settings).await?;
    // Where it fails, the transaction is rolled back when it is dropped.
    let done = batch(&transaction, position).await?;
    transaction.commit().await?;
    Ok(done)
}
