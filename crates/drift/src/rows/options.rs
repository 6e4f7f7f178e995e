//! How the rows are looked into.

use std::time::Duration;

/// How the rows are looked into.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RowOptions {
    /// Whether every row is read through its entity, so that the driver itself says whether it can be.
    pub decode: bool,
    /// Whether the driver's error is shown, which may hold the value of a row.
    pub show_values: bool,
    /// The rows of a batch.
    pub batch: u64,
    /// The most rows to look at in each table; `None` for all.
    pub limit: Option<u64>,
    /// Only rows after this key: that of one column as it is, that of several as a JSON array of their values.
    pub after: Option<String>,
    /// The table of that key, as messages name it: tables before it are not looked into, those after it from their beginning.
    /// `None` if the key is one of each table.
    pub after_table: Option<String>,
    /// The longest that a single question may take which has to see all rows at once. SQLite has no such limit; there it sees at
    /// most a million rows.
    pub statement_timeout: Duration,
}

impl Default for RowOptions {
    fn default() -> Self {
        Self {
            decode: false,
            show_values: false,
            batch: 10_000,
            limit: None,
            after: None,
            after_table: None,
            statement_timeout: Duration::from_mins(1),
        }
    }
}
