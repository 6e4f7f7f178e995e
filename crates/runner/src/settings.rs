//! What may be chosen about a run.

use std::{num::NonZeroU32, time::Duration};

/// How long a run waits, and how fast it works through rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long to wait for one lock, that of another migrator or that of a table, all tries together.
    pub lock_wait: Duration,
    /// How long one statement may stand in the queue for a table, where it holds up whoever comes behind it. MySQL and
    /// MariaDB know whole seconds only; it is rounded up there. On SQLite the `busy_timeout` of the run's connection is
    /// shortened to it.
    pub lock_timeout: Duration,
    /// How long one statement may run. `None` is as long as it takes: what a role or a server allows usual programs
    /// (`statement_timeout` and `transaction_timeout` on PostgreSQL, `max_statement_time` on MariaDB, `max_execution_time` on
    /// MySQL) does not bind a run. MySQL bounds what only reads, and SQLite nothing.
    pub statement_timeout: Option<Duration>,
    /// Rows that a back-fill changes in a second at most.
    pub max_rate: Option<NonZeroU32>,
    /// How far a replica may be behind before a back-fill pauses (PostgreSQL).
    pub max_lag: Option<Duration>,
}

impl Default for Settings {
    /// Ten minutes, one second; statements as long as they take; as many rows as the server takes, whatever its replicas do.
    fn default() -> Self {
        Self {
            lock_wait: Duration::from_mins(10),
            lock_timeout: Duration::from_secs(1),
            statement_timeout: None,
            max_rate: None,
            max_lag: None,
        }
    }
}
