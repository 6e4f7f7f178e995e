//! The settings of a run.

use std::{num::NonZeroU32, time::Duration};

/// How long a run waits, and how fast it changes rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The total wait for one lock, the migration lock or that of a table, over all attempts.
    pub lock_wait: Duration,
    /// How long one statement may wait for a table; other sessions queue behind it meanwhile. MySQL and MariaDB round it up to
    /// whole seconds. On SQLite it limits the `busy_timeout` of the run's connection.
    pub lock_timeout: Duration,
    /// How long one statement may run. `None` means as long as it takes: a run lifts the limits of the role and the server
    /// (`statement_timeout` and `transaction_timeout` on PostgreSQL, `max_statement_time` on MariaDB, `max_execution_time` on
    /// MySQL). MySQL limits only reads, and SQLite has no limit.
    pub statement_timeout: Option<Duration>,
    /// The maximum number of rows that a back-fill changes per second.
    pub max_rate: Option<NonZeroU32>,
    /// The replica lag at which a back-fill pauses (PostgreSQL).
    pub max_lag: Option<Duration>,
}

impl Default for Settings {
    /// Waits ten minutes in total and one second per attempt; no limits on statements, rows or lag.
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
