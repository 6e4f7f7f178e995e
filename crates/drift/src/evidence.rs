//! What the rows say about a finding.

use std::fmt;

use serde::Serialize;

/// The keys that are named.
pub(crate) const NAMED: usize = 3;

/// What the rows say about a finding. Keys, and never the values of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evidence {
    /// The rows that were looked at.
    pub looked_at: u64,
    /// Whether those are all rows of the table.
    pub is_complete: bool,
    /// The rows that do not fit; of a missing unique index, the values that occur more than once.
    pub found: u64,
    /// The first keys of those, where they are known.
    pub first_keys: Vec<String>,
    /// The statement that lists them, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
    /// A back-fill that makes them fit, with a value to adapt. Never executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Adapt>,
}

/// A back-fill to adapt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Adapt {
    /// As one statement.
    pub sql: String,
    /// In batches, with the `Backfill` of sea-orm-runner; `None` where the table's key is not one whole number.
    pub code: Option<String>,
}

impl Evidence {
    pub(crate) fn note(&mut self, key: Option<String>) {
        self.found += 1;
        if self.first_keys.len() < NAMED {
            self.first_keys.extend(key);
        }
    }
}

/// As part of a sentence: `3 rows, the first with the key 17, of 1200 rows`.
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
