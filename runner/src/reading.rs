//! Reading what belongs together, also through a pooler.

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, TransactionTrait,
};

use crate::server;
pub use crate::server::{FORGET_STATEMENTS, caches_statements};

/// A transaction to read in. On PostgreSQL it waits five seconds at most for a table that somebody has for himself. Behind a
/// pooler that lends a session for one transaction only (PgBouncer), the statements that others prepared there are forgotten
/// first, so that they are not in the way; the connections must then be opened with `statement-cache-capacity=0`.
///
/// # Errors
/// Where the connection breaks.
pub async fn begin(db: &DatabaseExecutor<'_>) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    // A transaction around this one keeps its own settings.
    if db.get_database_backend() == DbBackend::Postgres && matches!(db, DatabaseExecutor::Connection(_)) {
        transaction.execute_unprepared("SET LOCAL lock_timeout = '5s'").await?;
    }
    if !server::caches_statements(db) {
        server::forget_statements(&transaction).await?;
    }
    Ok(transaction)
}
