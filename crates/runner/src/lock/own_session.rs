//! A session that a run has to itself.

use std::sync::Arc;

use sea_orm_migration::sea_orm::{
    DbErr, RuntimeErr, SqlxError,
    sqlx::{Database, pool::PoolOptions},
};

/// Why a migration cannot have a session of its own.
#[derive(Debug)]
pub(crate) enum NoSession {
    /// The server or a pooler does not keep the settings of a session.
    Refused(String),
    /// There is no connection.
    NotConnected(DbErr),
}

/// A pool of one session. If the session ends between two statements, the next one fails instead of continuing in another
/// session, which has neither the lock nor the timeouts.
pub(super) fn alone<DB: Database>(options: &PoolOptions<DB>) -> PoolOptions<DB> {
    let alone = options.clone().min_connections(0).max_connections(1).idle_timeout(None).max_lifetime(None);
    alone.test_before_acquire(false)
}

pub(super) fn not_connected(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
