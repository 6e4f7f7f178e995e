//! What the rows say about a finding.

use std::fmt;

use serde::Serialize;

/// How many keys are listed.
pub(crate) const MAX_LISTED_KEYS: usize = 3;

/// What the rows say about a finding. It lists keys and no other values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evidence {
    /// How many rows were looked at.
    pub looked_at: u64,
    /// Whether those are all rows of the table.
    pub is_complete: bool,
    /// How many rows do not fit; for a missing unique index, how many values occur more than once.
    pub found: u64,
    /// The keys of the first of those, where they are known.
    pub first_keys: Vec<String>,
    /// The statement that lists them, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
    /// A back-fill that makes them fit, with a value to adapt. Never executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<BackfillTemplate>,
}

/// A back-fill with a placeholder for the value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BackfillTemplate {
    /// As one statement.
    pub sql: String,
    /// In batches, with the `Backfill` of sea-orm-runner; `None` unless the primary key is one integer column.
    pub code: Option<String>,
}

impl Evidence {
    /// Counts a row that does not fit.
    pub(crate) fn record(&mut self, key: Option<String>) {
        self.found += 1;
        if self.first_keys.len() < MAX_LISTED_KEYS {
            self.first_keys.extend(key);
        }
    }
}

/// As part of a sentence: `3 rows, first keys 17, 18, 19 (of all 1200 rows looked at)`.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |number: u64| if number == 1 { "1 row".to_owned() } else { format!("{number} rows") };
        write!(f, "{}", if self.found == 0 { "no row".to_owned() } else { rows(self.found) })?;
        match self.first_keys.as_slice() {
            [] => {}
            [only] if self.found == 1 => write!(f, ", with the key {only}")?,
            keys => write!(f, ", first keys {}", keys.join(", "))?,
        }
        match (self.is_complete, self.looked_at) {
            (true, 0) => f.write_str(" (the table is empty)"),
            (true, 1) => f.write_str(" (the table has only 1 row)"),
            (true, all) => write!(f, " (of all {all} rows looked at)"),
            (false, first) => write!(f, " (of the first {} looked at)", rows(first)),
        }
    }
}
