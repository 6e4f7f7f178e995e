//! What makes look-ups fast and keeps duplicates out.

use serde::Serialize;

/// An index or unique constraint that is not the primary key.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Its name, which no program depends on.
    pub name: String,
    /// Column names in index order; an expression stands as its text, where the catalogue has it.
    pub columns: Vec<String>,
    /// Whether it keeps duplicates out.
    pub uniqueness: Uniqueness,
    /// What keeps it from covering every row and value of its columns; empty for a declared index.
    pub restrictions: Vec<IndexRestriction>,
}

/// Whether an index keeps duplicates out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// It does.
    Unique,
    /// It only makes look-ups fast.
    Plain,
}

/// Why an index is less than an index over all its columns in all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexRestriction {
    /// Has a `WHERE`.
    Partial,
    /// Is over an expression, not a column.
    Expression,
    /// Covers only the first characters of a column.
    Prefix,
    /// Is checked at the end of the transaction, so `ON CONFLICT` cannot use it.
    Deferrable,
    /// Was never finished.
    Invalid,
    /// Rejects rows by another comparison than equality, and `ON CONFLICT` cannot name it.
    Exclusion,
    /// Takes a second NULL for a duplicate: it keeps out more, not less.
    NullsNotDistinct,
    /// Is of a kind that does not find equal values: full-text, BRIN.
    Method,
    /// The planner is told not to use it: `IGNORED`, `INVISIBLE`.
    Ignored,
    /// Compares otherwise than the column does.
    Collation,
}

impl std::fmt::Display for IndexRestriction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Partial => "covers only some rows",
            Self::Expression => "is over an expression",
            Self::Prefix => "covers only the beginning of a column",
            Self::Deferrable => "is deferrable",
            Self::Invalid => "is invalid",
            Self::Exclusion => "is an exclusion constraint",
            Self::NullsNotDistinct => "takes a second NULL for a duplicate",
            Self::Method => "is of a kind that does not find equal values",
            Self::Ignored => "is ignored by the planner",
            Self::Collation => "compares otherwise than its column",
        })
    }
}
