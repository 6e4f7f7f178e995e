//! What a difference does to a program that uses the entity. One exhaustive match: a new kind of change does not
//! compile until it has been judged.

mod type_change;

use serde::Serialize;

use crate::{
    change::{Change, Refuses, Unset},
    model::{Dialect, Generation, Nullability},
};

/// What a program that uses the entity will feel, loudest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Every read fails. Writes that return the row fail too, after they took effect.
    ReadsFail,
    /// Inserts fail, or every write that gives a column.
    WritesFail,
    /// Duplicates get in, and upserts fail for want of a unique index, or insert another row (MySQL).
    IntegrityLost,
    /// Reads fail on values that the table may hold and the entity cannot, or when they look for a value.
    ReadsMayFail,
    /// Writes fail for values that the entity allows and the table refuses.
    WritesMayFail,
    /// Values are stored or come back other than the entity says.
    ValuesChange,
    /// Queries that relied on an index scan the table.
    Slower,
    /// No program notices.
    Nothing,
}

/// How loud a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, breaks nothing.
    Info,
    /// May break something.
    Warning,
    /// Breaks something.
    Error,
}

impl Consequence {
    /// How loud it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::ReadsFail | Self::WritesFail | Self::IntegrityLost => Severity::Error,
            Self::ReadsMayFail | Self::WritesMayFail | Self::ValuesChange | Self::Slower => Severity::Warning,
            Self::Nothing => Severity::Info,
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

pub(crate) fn consequence(change: &Change, dialect: Dialect) -> Consequence {
    match change {
        Change::TableMissing | Change::ColumnMissing { .. } => Consequence::ReadsFail,
        Change::ColumnUnexpected { live } if live.must_be_given() => Consequence::WritesFail,
        Change::ColumnUnexpected { .. } => Consequence::Nothing,
        Change::Type { sides, .. } => type_change::consequence(sides, dialect),
        Change::EnumLabels { unexpected, .. } => type_change::of_labels(unexpected),
        Change::Nullability { sides, unset, .. } => match (sides.live, unset) {
            (Nullability::Nullable, _) => Consequence::ReadsMayFail,
            (Nullability::NotNull, Unset::Stored) => Consequence::WritesMayFail,
            (Nullability::NotNull, Unset::Refused) => Consequence::WritesFail,
        },
        // SQLite names the results after the table; SeaORM looks for its own name, and takes an absent value for NULL.
        Change::Spelling { nullability, .. } => match (dialect, nullability) {
            (Dialect::Sqlite, Nullability::NotNull) => Consequence::ReadsFail,
            (Dialect::Sqlite, Nullability::Nullable) => Consequence::ValuesChange,
            (Dialect::Postgres | Dialect::MySql | Dialect::MariaDb, _) => Consequence::Nothing,
        },
        Change::Default { sides, nullability, .. } => match (nullability, &sides.declared, &sides.live) {
            // An entity that declares no default leaves it to the table; only NULL would have been stored instead.
            (Nullability::NotNull, None, _) => Consequence::Nothing,
            (Nullability::NotNull, Some(_), None) => Consequence::WritesFail,
            _ => Consequence::ValuesChange,
        },
        Change::Generation { sides, nullability, .. } => match (sides.declared, sides.live) {
            // What was left out was NULL, and is a number now.
            (Generation::Given, Generation::AutoIncrement) if *nullability == Nullability::Nullable => {
                Consequence::ValuesChange
            }
            (Generation::AutoIncrement, Generation::Touched) => Consequence::WritesFail,
            (_, Generation::Touched) => Consequence::ValuesChange,
            (Generation::AutoIncrement, Generation::Given) | (_, Generation::Computed) => Consequence::WritesFail,
            (_, Generation::AlwaysIdentity) => Consequence::WritesMayFail,
            (Generation::Computed, _) => Consequence::ValuesChange,
            (_, Generation::Given | Generation::AutoIncrement) => Consequence::Nothing,
        },
        Change::PrimaryKey { substitute: Some(_), .. } => Consequence::Nothing,
        Change::PrimaryKey { substitute: None, .. } | Change::UniqueMissing { .. } => Consequence::IntegrityLost,
        Change::IndexMissing { substitute: Some(_), .. } => Consequence::Nothing,
        Change::IndexMissing { substitute: None, .. } => Consequence::Slower,
        Change::IndexUnexpected { refuses: Refuses::Nulls, .. } => Consequence::WritesFail,
        Change::IndexUnexpected { refuses: Refuses::Duplicates, .. } => Consequence::WritesMayFail,
        Change::IndexUnexpected { refuses: Refuses::Nothing, .. } => Consequence::Nothing,
    }
}

#[cfg(test)]
mod tests;
