//! Reading what belongs together, also through a pooler that lends a session for one transaction only (PgBouncer).

use sea_orm::{ConnectionTrait, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, TransactionTrait};

use super::galera;

/// Deallocates what others prepared in a session under the names that this driver chooses (PostgreSQL).
pub const FORGET_STATEMENTS: &str = include_str!("forget_statements.sql");

/// Limits the wait for a table, and compiles nothing: the catalogue statements cost so much by the planner's estimate that
/// compiling them would take a hundred times as long as running them. An engine that only speaks the language may not have it.
const SETTINGS: &str = "SET LOCAL lock_timeout = '5s';
    SELECT pg_catalog.set_config('jit', 'off', true) WHERE pg_catalog.current_setting('jit', true) IS NOT NULL";

/// A transaction to read in. On PostgreSQL it waits five seconds at most for a table that somebody has locked. On a node of a
/// Galera cluster it sees all that was committed on the others. Through a
/// pooler, the statements that others prepared in its session are forgotten first; the connections must then be opened with
/// `statement-cache-capacity=0`.
///
/// Do not drop the future half-way where its pool is used for more: sqlx 0.9 then leaves the transaction open in the pool
/// (`findings/sqlx_begin_dropped_half_way.sh`).
///
/// # Errors
/// Where the connection breaks.
pub async fn begin(db: &DatabaseExecutor<'_>) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    // A transaction around this one keeps its own settings.
    if db.get_database_backend() == DbBackend::Postgres && matches!(db, DatabaseExecutor::Connection(_)) {
        transaction.execute_unprepared(SETTINGS).await?;
    }
    if matches!(db, DatabaseExecutor::Connection(_)) {
        galera::catch_up(&transaction).await?;
    }
    if !caches_statements(db) {
        forget_statements(&transaction).await?;
    }
    Ok(transaction)
}

/// Whether the connections keep the statements that they prepare. Those through a pooler must not.
pub fn caches_statements(db: &DatabaseExecutor<'_>) -> bool {
    match db {
        #[cfg(feature = "postgres")]
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Postgres => {
            super::postgres::keeps_statements(db)
        }
        _ => true,
    }
}

/// Executes [`FORGET_STATEMENTS`].
///
/// # Errors
/// Where the connection breaks.
pub async fn forget_statements(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared(FORGET_STATEMENTS).await.map(drop)
}
