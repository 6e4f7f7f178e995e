//! Indexes.

use serde::{Deserialize, Serialize};

/// An index or unique constraint that is not the primary key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Its name, which is not compared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Column names in index order; for an expression its text, if the catalogue has it.
    pub columns: Vec<String>,
    /// Whether it rejects duplicates.
    pub uniqueness: Uniqueness,
    /// Why it does not cover every row and value of its columns; empty for a declared index.
    #[serde(skip)]
    pub restrictions: Vec<IndexRestriction>,
    /// Live: the expressions that each write computes for it, its `WHERE` among them.
    #[serde(skip)]
    pub computed: Vec<String>,
    /// Live: its `WHERE`.
    #[serde(skip)]
    pub condition: Option<String>,
    /// Live: the columns that it holds without being sorted by them: `INCLUDE` (PostgreSQL).
    #[serde(skip)]
    pub included: Vec<String>,
}

/// Whether an index rejects duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Uniqueness {
    /// It does.
    Unique,
    /// It does not.
    Plain,
}

/// Why an index does not cover every row and value of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IndexRestriction {
    /// It has a `WHERE`.
    Partial,
    /// Its `WHERE` leaves out only rows in which a column is NULL, and a search for a value finds all others.
    LeavesOutNulls,
    /// It is over an expression.
    Expression,
    /// It covers only the first characters of a column.
    Prefix,
    /// It is checked at the end of the transaction, so `ON CONFLICT` cannot use it.
    Deferrable,
    /// Its creation failed.
    Invalid,
    /// Its creation failed early, and writes do not reach it: it rejects nothing.
    Unbuilt,
    /// It compares by other operators than equality, and `ON CONFLICT` cannot use it.
    Exclusion,
    /// It compares by equality, and is not a unique index: `ON CONFLICT` cannot use it (PostgreSQL).
    ExclusionOfEquals,
    /// It rejects ranges that overlap, and `ON CONFLICT` cannot use it (PostgreSQL).
    ExclusionOfOverlaps,
    /// It rejects a second NULL: it is stricter.
    NullsNotDistinct,
    /// Its method does not find equal values: full-text, BRIN.
    Method,
    /// The planner ignores it: `IGNORED`, `INVISIBLE`.
    Ignored,
    /// It has another collation than the column.
    Collation,
    /// It also contains the partition key, as each unique key of a partitioned table must.
    PerPartition,
    /// It is sorted by another collation than the column, so the planner does not use it (PostgreSQL).
    SortOrder,
    /// It rejects values of more than some thousand bytes, which one of its columns can hold (PostgreSQL).
    LongValues,
    /// An insert that repeats a value deletes the row that has it: `ON CONFLICT REPLACE` (SQLite).
    Replaces,
    /// An insert that repeats a value is dropped without an error: `ON CONFLICT IGNORE` (SQLite).
    Ignores,
}

impl IndexRestriction {
    /// Whether a row that repeats a value is not rejected, but replaces the other or is dropped.
    pub fn hides_duplicates(self) -> bool {
        matches!(self, Self::Replaces | Self::Ignores)
    }

    /// Whether it is an exclusion constraint, which `ON CONFLICT` cannot use.
    pub fn is_exclusion(self) -> bool {
        matches!(self, Self::Exclusion | Self::ExclusionOfEquals | Self::ExclusionOfOverlaps)
    }
}

impl std::fmt::Display for IndexRestriction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Partial => "covers only some rows",
            Self::LeavesOutNulls => "leaves out rows with NULL",
            Self::Expression => "is over an expression",
            Self::Prefix => "covers only the first characters of a column",
            Self::Deferrable => "is deferrable",
            Self::Invalid => "is invalid",
            Self::Unbuilt => "was never built",
            Self::Exclusion | Self::ExclusionOfEquals | Self::ExclusionOfOverlaps => "is an exclusion constraint",
            Self::NullsNotDistinct => "is NULLS NOT DISTINCT",
            Self::Method => "has a method that does not find equal values",
            Self::Ignored => "is ignored by the planner",
            Self::Collation => "has another collation than its column",
            Self::PerPartition => {
                "is unique within each partition only, because a unique key must contain the partition key"
            }
            Self::SortOrder => "is sorted by another collation than its column",
            Self::LongValues => "cannot hold long values",
            Self::Replaces => "is ON CONFLICT REPLACE",
            Self::Ignores => "is ON CONFLICT IGNORE",
        })
    }
}
