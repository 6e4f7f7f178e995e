//! Reading what belongs together, also through a pooler.

use sea_orm_migration::sea_orm::{DatabaseExecutor, DatabaseTransaction, DbErr, TransactionTrait};

use crate::server;

/// A transaction to read in. Behind a pooler that lends a session for one transaction only (PgBouncer), the statements
/// that others prepared there are forgotten first, so that they are not in the way; the connections must then be opened
/// with `statement-cache-capacity=0`.
///
/// # Errors
/// Where the connection breaks.
pub async fn begin(db: &DatabaseExecutor<'_>) -> Result<DatabaseTransaction, DbErr> {
    let transaction = db.begin().await?;
    if !server::caches_statements(db) {
        server::forget_statements(&transaction).await?;
    }
    Ok(transaction)
}
