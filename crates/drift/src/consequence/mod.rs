//! What a difference does to a program that uses the entity. One exhaustive match: a new kind of change does not
//! compile until it has been judged.

mod type_change;

use serde::{Deserialize, Serialize};

use crate::{
    change::{Change, Refuses, Unset},
    model::{
        Action, Collation, Dialect, Equality, ForeignKey, Generation, Nullability, Privilege, Relation, Repertoire,
        Sides, Writability,
    },
};

/// What a program that uses the entity will feel, loudest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        Change::TableMissing { .. } | Change::ColumnMissing { .. } => Consequence::ReadsFail,
        Change::Relation { sides } => relation(&sides.live),
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
        Change::IndexUnexpected { refuses, .. }
        | Change::ForeignKeyUnexpected { refuses, .. }
        | Change::CheckUnexpected { refuses, .. } => match refuses {
            Refuses::Nulls => Consequence::WritesFail,
            Refuses::Duplicates | Refuses::Values => Consequence::WritesMayFail,
            Refuses::Nothing => Consequence::Nothing,
        },
        Change::ForeignKeyMissing { .. } | Change::CheckMissing { .. } => Consequence::IntegrityLost,
        Change::ForeignKey { sides } => foreign_key(sides),
        Change::Collation { sides, refuses, .. } => collation(sides, *refuses),
        Change::SequenceBehind { .. } | Change::RowSecurity { .. } => Consequence::WritesFail,
        Change::SequenceNarrower { sequence, largest, .. } => match sequence.next {
            Some(next) if next > sequence.last.min(*largest) => Consequence::WritesFail,
            _ => Consequence::WritesMayFail,
        },
        Change::PrivilegeMissing { privilege, columns, unset } => match (privilege, unset) {
            (Privilege::Select, _) => Consequence::ReadsFail,
            (Privilege::Usage, _) | (Privilege::Insert, Unset::Refused) => Consequence::WritesFail,
            (Privilege::Insert | Privilege::Update, _) if columns.is_empty() => Consequence::WritesFail,
            (Privilege::Insert | Privilege::Update, _) => Consequence::WritesMayFail,
        },
    }
}

fn relation(live: &Relation) -> Consequence {
    match live {
        Relation::MaterializedView
        | Relation::View(Writability::ReadOnly)
        | Relation::Foreign(Writability::ReadOnly) => Consequence::WritesFail,
        // What a transaction wrote before it was rolled back stays, and is in the way when it is tried again.
        Relation::WithoutTransactions(_) => Consequence::WritesMayFail,
        Relation::Table
        | Relation::Partitioned
        | Relation::Unlogged
        | Relation::Virtual
        | Relation::View(Writability::Writable)
        | Relation::Foreign(Writability::Writable) => Consequence::Nothing,
    }
}

/// Rows that should go stay and hold up what they refer to, or rows that should stay go or forget what they refer to.
fn foreign_key(sides: &Sides<ForeignKey>) -> Consequence {
    let Sides { declared, live } = sides;
    let actions = [(declared.on_delete, live.on_delete), (declared.on_update, live.on_update)];
    let differing = || actions.into_iter().filter(|(declared, live)| declared != live);
    if differing().any(|(_, live)| live == Action::Refuse) {
        Consequence::WritesMayFail
    } else if differing().next().is_some() {
        Consequence::ValuesChange
    } else {
        // Rows from before the key may refer to nothing; new ones are looked at.
        Consequence::Nothing
    }
}

fn collation(sides: &Sides<Option<Collation>>, refuses: Refuses) -> Consequence {
    match &sides.live {
        Some(Collation { repertoire: Repertoire::Limited, .. }) => Consequence::WritesMayFail,
        _ if refuses == Refuses::Duplicates => Consequence::WritesMayFail,
        Some(Collation { equality: Equality::AsDefault, .. }) if sides.declared.is_none() => Consequence::Nothing,
        _ => Consequence::ValuesChange,
    }
}

#[cfg(test)]
mod tests;
