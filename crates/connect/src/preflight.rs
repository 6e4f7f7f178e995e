//! What is looked at before the first migration: databases that must not be migrated are refused.

use sea_orm::{DatabaseExecutor, DbConn};

#[cfg(feature = "postgres")]
use super::postgres;
use super::{
    engine::{self, Engine, Support},
    error::ConnectError,
    snapshot,
    url::DatabaseUrl,
};

/// An error if migrations would damage this engine, if the rows of a table are on other servers, or if [`ensure_tables_in_default_schema`]
/// returns one.
///
/// # Errors
/// [`ConnectError::UnsupportedEngine`], [`ConnectError::StoredElsewhere`], [`ConnectError::TableInOtherSchema`], or if the query of the
/// schema fails.
pub async fn ensure_migratable(db: &DbConn, url: &DatabaseUrl, tables: &[String]) -> Result<(), ConnectError> {
    // If a query fails, the migration goes on and says itself what is wrong.
    if let Ok(transaction) = snapshot::begin(&DatabaseExecutor::Connection(db)).await {
        let (engine, elsewhere) =
            (Engine::of(&transaction).await, engine::find_table_stored_elsewhere(&transaction, tables).await);
        transaction.rollback().await.ok();
        if let Ok(Some(Engine { name, support: Support::Refused { reason } })) = engine {
            return Err(ConnectError::UnsupportedEngine { url: url.clone(), name, reason });
        }
        if let Ok(Some((table, by))) = elsewhere {
            return Err(ConnectError::StoredElsewhere { url: url.clone(), table, by });
        }
    }
    ensure_tables_in_default_schema(db, url, tables).await
}

/// An error if one of `tables` is in another schema than the one where CREATE TABLE would put it: migrations would make a second
/// table beside it. PostgreSQL only.
///
/// # Errors
/// [`ConnectError::TableInOtherSchema`], or where the server cannot be asked.
pub async fn ensure_tables_in_default_schema(
    db: &DbConn,
    url: &DatabaseUrl,
    tables: &[String],
) -> Result<(), ConnectError> {
    #[cfg(feature = "postgres")]
    if url.is_postgres() && !tables.is_empty() {
        return postgres::ensure_tables_in_default_schema(db, url, tables).await;
    }
    Ok(())
}
