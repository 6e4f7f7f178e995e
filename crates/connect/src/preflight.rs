//! Checks before the first migration: they refuse databases that must not be migrated.

use sea_orm::{DatabaseExecutor, DbConn};

#[cfg(feature = "postgres")]
use super::postgres;
use super::{
    engine::{self, Engine, Support},
    error::ConnectError,
    snapshot,
    url::DatabaseUrl,
};

/// Fails if migrations would damage a database of this engine, if the rows of a table are stored on other servers, or if
/// [`ensure_tables_in_default_schema`] fails.
///
/// # Errors
/// [`ConnectError::UnsupportedEngine`], [`ConnectError::StoredElsewhere`], [`ConnectError::TableInOtherSchema`], or if the query for the
/// schema fails.
pub async fn ensure_migratable(db: &DbConn, url: &DatabaseUrl, tables: &[String]) -> Result<(), ConnectError> {
    // Failed queries are ignored: the migration reports the cause.
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

/// Fails if one of `tables` is outside the default schema: a migration would create a second one there. PostgreSQL only.
///
/// # Errors
/// [`ConnectError::TableInOtherSchema`], or if the query fails.
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
