//! Reading the catalogue as it was at one moment.

use sea_orm::{ConnectionTrait, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, TransactionTrait};

use super::{galera, prepared};

/// One snapshot for all statements of the transaction; a limit to the wait for a table; and no JIT compilation: the catalogue
/// statements cost so much by the planner's estimate that compiling them would take a hundred times as long as running them.
/// An engine that is only compatible with PostgreSQL may not have JIT.
const SETTINGS: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
    SET LOCAL lock_timeout = '5s';
    SELECT pg_catalog.set_config('jit', 'off', true) WHERE pg_catalog.current_setting('jit', true) IS NOT NULL";

/// A transaction to read in, also through a pooler that lends a session for one transaction only. On PostgreSQL all its statements
/// see what was committed before the first of them, and it waits five seconds at most for a table that somebody has
/// locked. On a node of a Galera cluster it sees all that was committed on the others.
///
/// Do not drop the future half-way if the pool is used again: sqlx 0.9 then leaves the transaction open in the pool
/// (`findings/sqlx_begin_dropped_half_way.sh`).
///
/// # Errors
/// If the connection breaks.
pub async fn begin(db: &DatabaseExecutor<'_>) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    // A transaction around this one keeps its own settings.
    if db.get_database_backend() == DbBackend::Postgres && matches!(db, DatabaseExecutor::Connection(_)) {
        transaction.execute_unprepared(SETTINGS).await?;
    }
    if matches!(db, DatabaseExecutor::Connection(_)) {
        galera::restart_after_sync_wait(&transaction).await?;
    }
    if !prepared::caches_statements(db) {
        prepared::deallocate_statements_of_other_clients(&transaction).await?;
    }
    Ok(transaction)
}
