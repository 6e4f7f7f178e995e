//! A consistent read, also through a pooler.

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, TransactionTrait,
};

use crate::lock;

/// Begins a transaction for reading. On PostgreSQL it waits at most five seconds for a locked table. Behind a pooler in
/// transaction mode (PgBouncer) it first deallocates the statements that other clients prepared in the session, which may
/// collide with its own; the connections must be opened with `statement-cache-capacity=0`.
///
/// # Errors
/// If the connection is lost.
pub async fn begin(db: &DatabaseExecutor<'_>) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    // An outer transaction keeps its own settings.
    if db.get_database_backend() == DbBackend::Postgres && matches!(db, DatabaseExecutor::Connection(_)) {
        transaction.execute_unprepared("SET LOCAL lock_timeout = '5s'").await?;
    }
    if !lock::caches_statements(db) {
        lock::forget_statements(&transaction).await?;
    }
    Ok(transaction)
}
