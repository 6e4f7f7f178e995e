//! Prepared statements in a session that a pooler lends for one transaction only (PgBouncer).

use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr};

/// Deallocates what other clients prepared in a session under the names that this driver chooses, too (PostgreSQL).
pub const DEALLOCATE_STATEMENTS_OF_OTHERS: &str = include_str!("deallocate_others.sql");

/// Whether the connections cache the statements that they prepare. Those through a pooler must not, and are opened with
/// `statement-cache-capacity=0`.
pub fn are_cached(db: &DatabaseExecutor<'_>) -> bool {
    match db {
        #[cfg(feature = "postgres")]
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Postgres => {
            super::postgres::caches_statements(db)
        }
        _ => true,
    }
}

/// Executes [`DEALLOCATE_STATEMENTS_OF_OTHERS`].
///
/// # Errors
/// Where the connection breaks.
pub async fn deallocate_statements_of_others(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared(DEALLOCATE_STATEMENTS_OF_OTHERS).await.map(drop)
}
