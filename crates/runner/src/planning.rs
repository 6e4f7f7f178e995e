//! What a planner needs of a runner: sessions that only read, and a note for back-fills.
//!
//! Whether a migration runs only to be planned, and in which batches what it executes would run. A back-fill asks: in a plan it
//! is its update, once, instead of batch by batch until no row is left.

use std::cell::RefCell;

use sea_orm_connect::snapshot;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr, TransactionTrait,
};
use serde::Serialize;

pub use crate::server::Lifetime;
use crate::{
    server::{self, NoSession},
    settings::Settings,
};

/// How a back-fill divides its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batches {
    /// Rows in a transaction.
    pub rows: u32,
    /// The column whose order it follows.
    pub key: String,
}

thread_local! {
    static REHEARSAL: RefCell<Rehearsal> = const { RefCell::new(Rehearsal::None) };
}

/// What is known on each thread.
enum Rehearsal {
    /// What runs here is not rehearsed.
    None,
    /// What is executed now is executed once.
    Whole,
    /// What is executed now stands for all its batches.
    Batches(Batches),
}

/// From now on this thread rehearses.
pub fn begin() {
    REHEARSAL.set(Rehearsal::Whole);
}

/// Whether what runs is only rehearsed.
pub(crate) fn is_rehearsed() -> bool {
    REHEARSAL.with_borrow(|rehearsal| !matches!(rehearsal, Rehearsal::None))
}

/// The batches of what is executed now.
pub fn current() -> Option<Batches> {
    REHEARSAL.with_borrow(|rehearsal| match rehearsal {
        Rehearsal::None | Rehearsal::Whole => None,
        Rehearsal::Batches(batches) => Some(batches.clone()),
    })
}

/// What is executed from now on is executed in batches, or no longer.
pub(crate) fn set(batches: Option<Batches>) {
    REHEARSAL.set(batches.map_or(Rehearsal::Whole, Rehearsal::Batches));
}

/// A session that only reads (MySQL, MariaDB), where a transaction would keep others from changing the tables that it has
/// read.
///
/// # Errors
/// Where the server gives none.
pub async fn read_only_session(db: &DatabaseConnection, settings: &Settings) -> Result<DatabaseConnection, DbErr> {
    let own = server::own_connection(db, settings).await.map_err(|error| match error {
        NoSession::NotConnected(error) => error,
        NoSession::Refused(reason) => DbErr::Custom(reason),
    })?;
    server::prepare(&own, Lifetime::Session, settings).await?;
    own.execute_unprepared("SET SESSION TRANSACTION READ ONLY").await?;
    Ok(own)
}

/// A transaction that only reads (PostgreSQL), as a run would begin one.
///
/// # Errors
/// Where the connection breaks.
pub async fn read_only_transaction(db: &DatabaseConnection, settings: &Settings) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    // Unprepared, because what others prepared may be in the way behind a pooler.
    transaction.execute_unprepared("SET TRANSACTION READ ONLY").await?;
    if !snapshot::caches_statements(&DatabaseExecutor::Connection(db)) {
        snapshot::forget_statements(&transaction).await?;
    }
    server::prepare(&transaction, Lifetime::Transaction, settings).await?;
    Ok(transaction)
}
