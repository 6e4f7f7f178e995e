//! Support for `sea-orm-plan`: read-only sessions, and dry runs.
//!
//! In a dry run a back-fill executes its update once, instead of batch by batch until no row is left, and [`current_batches`] returns the
//! batches in which it would run.

use std::cell::RefCell;

use sea_orm_connect::prepared;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr, TransactionTrait,
};
use serde::Serialize;

pub use crate::lock::Lifetime;
use crate::{
    lock::{self, NoSession},
    settings::Settings,
};

/// The batches of a back-fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batches {
    /// The number of rows in a transaction.
    pub rows: u32,
    /// The column that orders the rows.
    pub key: String,
}

thread_local! {
    static DRY_RUN: RefCell<DryRun> = const { RefCell::new(DryRun::None) };
}

/// The state of a thread.
enum DryRun {
    /// This thread is not in a dry run.
    None,
    /// The current statement would run once.
    Unbatched,
    /// The current statement would run in batches.
    Batches(Batches),
}

/// Starts a dry run on this thread.
pub fn begin_dry_run() {
    DRY_RUN.set(DryRun::Unbatched);
}

/// Whether this thread is in a dry run.
pub(crate) fn is_dry_run() -> bool {
    DRY_RUN.with_borrow(|dry_run| !matches!(dry_run, DryRun::None))
}

/// The batches of the current statement.
pub fn current_batches() -> Option<Batches> {
    DRY_RUN.with_borrow(|dry_run| match dry_run {
        DryRun::None | DryRun::Unbatched => None,
        DryRun::Batches(batches) => Some(batches.clone()),
    })
}

/// Sets the batches of the statements from now on.
pub(crate) fn set_batches(batches: Option<Batches>) {
    DRY_RUN.set(batches.map_or(DryRun::Unbatched, DryRun::Batches));
}

/// A read-only session (MySQL, MariaDB). A transaction would block schema changes to the tables that it has read.
///
/// # Errors
/// If the server gives no session.
pub async fn read_only_session(db: &DatabaseConnection, settings: &Settings) -> Result<DatabaseConnection, DbErr> {
    let own = lock::own_connection(db, settings).await.map_err(|error| match error {
        NoSession::NotConnected(error) => error,
        NoSession::Refused(reason) => DbErr::Custom(reason),
    })?;
    lock::set_timeouts(&own, Lifetime::Session, settings).await?;
    own.execute_unprepared("SET SESSION TRANSACTION READ ONLY").await?;
    Ok(own)
}

/// A read-only transaction (PostgreSQL), with the settings of a run.
///
/// # Errors
/// If the connection is lost.
pub async fn read_only_transaction(db: &DatabaseConnection, settings: &Settings) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    // Unprepared, because behind a pooler the statement names of other clients may collide.
    transaction.execute_unprepared("SET TRANSACTION READ ONLY").await?;
    if !prepared::caches_statements(&DatabaseExecutor::Connection(db)) {
        prepared::deallocate_statements_of_other_clients(&transaction).await?;
    }
    lock::set_timeouts(&transaction, Lifetime::Transaction, settings).await?;
    Ok(transaction)
}
