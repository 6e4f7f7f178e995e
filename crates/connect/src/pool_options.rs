//! What a pool is for: whether it writes, how many connections it may open, and how long one of its statements may take.

use std::time::Duration;

use sea_orm::ConnectOptions;

/// Whether a connection may change the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A SQLite file is opened read-only. Servers are asked nothing but `SELECT`s.
    ReadOnly,
    /// Migrations may run.
    ReadWrite,
}

/// The limits of a pool. By default they are those of the driver; SQLite opens one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolOptions {
    /// The most connections to open. Each connection to an in-memory SQLite database opens another database, so such a
    /// pool always has one.
    pub max_connections: Option<u32>,
    /// How long to wait for a free connection.
    pub acquire_timeout: Option<Duration>,
    /// The server ends a statement that takes longer. MySQL ends `SELECT`s only; SQLite has no such limit. Not set where the
    /// URL has a `statement-cache-capacity` other than 0, because a pooler may refuse the setting.
    pub statement_timeout: Option<Duration>,
    /// Tests a connection before each use only if it was idle for this long, which saves a round trip. What uses the pool
    /// must then try again after [`ErrorKind::Connection`](crate::ErrorKind::Connection).
    pub ping_after_idle: Option<Duration>,
}

impl PoolOptions {
    /// Applies what belongs to the pool. The statement timeout is a setting of each session.
    pub(crate) fn apply_to_pool(&self, options: &mut ConnectOptions) {
        let Self { max_connections, acquire_timeout, statement_timeout: _, ping_after_idle } = *self;
        if let Some(max_connections) = max_connections {
            options.max_connections(max_connections);
        }
        if let Some(acquire_timeout) = acquire_timeout {
            options.acquire_timeout(acquire_timeout);
        }
        if let Some(idle) = ping_after_idle {
            options.test_before_acquire_if_idle_for(idle);
        }
    }

    /// The name and the value of the setting of a session (PostgreSQL).
    pub(crate) fn postgres_timeout_setting(&self) -> Option<(&'static str, String)> {
        Some(("statement_timeout", self.statement_timeout?.as_millis().to_string()))
    }

    /// The statement that sets it for one transaction (PostgreSQL).
    pub(crate) fn set_local_timeout_sql(&self) -> Option<String> {
        Some(format!("SET LOCAL statement_timeout = {}", self.statement_timeout?.as_millis()))
    }

    /// What to append to a `SET SESSION a = b`. MariaDB reads `/*M!`, and skips what MySQL 8 reads:
    /// <https://mariadb.com/kb/en/comment-syntax/>.
    pub(crate) fn mysql_timeout_assignment(&self) -> String {
        let Some(timeout) = self.statement_timeout else { return String::new() };
        let (seconds, ms) = (timeout.as_secs_f64(), timeout.as_millis());
        format!(" /*M!100101 , max_statement_time = {seconds} */ /*!80000 , max_execution_time = {ms} */")
    }
}

/// Each connection to `:memory:` is a database of its own, so there must be one and it must stay.
pub(super) fn keep_one_connection(options: &mut ConnectOptions) {
    options.min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
}
