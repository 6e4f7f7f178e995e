//! Prepared statements in a session that a pooler lends for one transaction only (PgBouncer).

use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr};

/// Deallocates the statements that other clients prepared in the same session, under names that this driver uses, too
/// (PostgreSQL).
pub const DEALLOCATE_STATEMENTS_OF_OTHER_CLIENTS: &str = include_str!("deallocate_others.sql");

/// Whether the connections cache the statements that they prepare. Connections through a pooler must not, and are opened with
/// `statement-cache-capacity=0`.
pub fn caches_statements(db: &DatabaseExecutor<'_>) -> bool {
    match db {
        #[cfg(feature = "postgres")]
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Postgres => {
            super::postgres::caches_statements(db)
        }
        _ => true,
    }
}

/// Executes [`DEALLOCATE_STATEMENTS_OF_OTHER_CLIENTS`].
///
/// # Errors
/// If the connection breaks.
pub async fn deallocate_statements_of_other_clients(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared(DEALLOCATE_STATEMENTS_OF_OTHER_CLIENTS).await.map(drop)
}
