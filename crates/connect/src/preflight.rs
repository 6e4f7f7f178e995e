//! Where migrations must not run, asked before the first of them.

use sea_orm::{DatabaseExecutor, DbConn};

#[cfg(feature = "postgres")]
use super::postgres;
use super::{
    engine::{self, Engine, Support},
    error::ConnectError,
    snapshot,
    url::DatabaseUrl,
};

/// Refuses to migrate an engine that migrations would damage, a table whose rows are on other servers, and what
/// [`refuse_other_schema`] refuses.
///
/// # Errors
/// [`ConnectError::OtherEngine`], [`ConnectError::Elsewhere`], [`ConnectError::OtherSchema`], or where the server cannot be
/// asked.
pub async fn refuse_to_migrate(db: &DbConn, url: &DatabaseUrl, tables: &[String]) -> Result<(), ConnectError> {
    // A server that cannot be asked may still be migrated, or says itself what is wrong.
    if let Ok(transaction) = snapshot::begin(&DatabaseExecutor::Connection(db)).await {
        let (engine, elsewhere) = (Engine::of(&transaction).await, engine::table_elsewhere(&transaction, tables).await);
        transaction.rollback().await.ok();
        if let Ok(Some(Engine { name, support: Support::Refused { reason } })) = engine {
            return Err(ConnectError::OtherEngine { url: url.clone(), name, reason });
        }
        if let Ok(Some((table, by))) = elsewhere {
            return Err(ConnectError::Elsewhere { url: url.clone(), table, by });
        }
    }
    refuse_other_schema(db, url, tables).await
}

/// Refuses to migrate where one of `tables` is in a schema on the search path, and new tables would go into another one:
/// migrations would make a second table beside it. PostgreSQL only.
///
/// # Errors
/// [`ConnectError::OtherSchema`], or where the server cannot be asked.
pub async fn refuse_other_schema(db: &DbConn, url: &DatabaseUrl, tables: &[String]) -> Result<(), ConnectError> {
    #[cfg(feature = "postgres")]
    if url.is_postgres() && !tables.is_empty() {
        return postgres::refuse_other_schema(db, url, tables).await;
    }
    Ok(())
}
