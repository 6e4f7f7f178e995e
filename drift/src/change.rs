//! What can disagree between the entities and the database. Closed: everything that can be found is here.

use crate::model::{Column, ColumnType, DefaultValue, Generation, Index, Limit, Nullability, Sides};

/// What is not the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The entity's table does not exist.
    TableMissing,
    /// The entity's column does not exist.
    ColumnMissing {
        /// As the entity declares it.
        declared: Column,
    },
    /// The table has a column that the entity does not know.
    ColumnUnexpected {
        /// As the database has it.
        live: Column,
    },
    /// The types mean different things.
    Type {
        /// The column's name.
        column: String,
        /// The two types.
        sides: Sides<ColumnType>,
    },
    /// The same enum has other labels.
    EnumLabels {
        /// The column's name.
        column: String,
        /// What the entity has and the database has not.
        missing: Vec<String>,
        /// What the database has and the entity has not.
        unexpected: Vec<String>,
    },
    /// One side takes NULL.
    Nullability {
        /// The column's name.
        column: String,
        /// The two answers.
        sides: Sides<Nullability>,
        /// What becomes of an insert that leaves the column out.
        unset: Unset,
    },
    /// The names differ in case only, on a database that takes them for the same.
    Spelling {
        /// The two names.
        sides: Sides<String>,
        /// Whether the entity's field takes NULL.
        nullability: Nullability,
    },
    /// Inserts that leave the column out store different values.
    Default {
        /// The column's name.
        column: String,
        /// The two defaults.
        sides: Sides<Option<DefaultValue>>,
        /// Whether the live column takes NULL.
        nullability: Nullability,
    },
    /// The column's values come from different places.
    Generation {
        /// The column's name.
        column: String,
        /// The two sources.
        sides: Sides<Generation>,
        /// Whether the entity's field takes NULL.
        nullability: Nullability,
    },
    /// The primary keys are over different columns.
    PrimaryKey {
        /// The two keys; empty where there is none.
        sides: Sides<Vec<String>>,
        /// What keeps the live one from refusing duplicates at once.
        limits: Vec<Limit>,
        /// A live unique index that does the same.
        substitute: Option<Index>,
    },
    /// Nothing live keeps the duplicates out that the entity says cannot be.
    UniqueMissing {
        /// As the entity declares it.
        declared: Index,
        /// A live index over the same columns that does less.
        nearest: Option<Index>,
    },
    /// No live index is what the entity declares.
    IndexMissing {
        /// As the entity declares it.
        declared: Index,
        /// A live index over the same columns that does less.
        nearest: Option<Index>,
        /// A live index that begins with the same columns, and is as fast for looking them up.
        substitute: Option<Index>,
    },
    /// The table has an index that the entity does not declare.
    IndexUnexpected {
        /// As the database has it.
        live: Index,
        /// What it keeps out that the entity's own keys let in.
        refuses: Refuses,
    },
}

/// What becomes of an insert that leaves a column out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// NULL, the default or a generated value is stored.
    Stored,
    /// It fails.
    Refused,
}

/// What an undeclared index keeps out that the entity's own keys let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuses {
    /// Rows that repeat a value.
    Duplicates,
    /// Rows that leave out what another row left out.
    Nulls,
    /// Nothing: it is not unique, or some declared key over fewer columns is already.
    Nothing,
}

/// Whether a change is about something that the entity declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What the entity declares is missing or not as declared.
    Declared,
    /// The database has more than the entity declares.
    Addition,
}

impl Change {
    /// The rule's name, stable across versions.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TableMissing => "table-missing",
            Self::ColumnMissing { .. } => "column-missing",
            Self::ColumnUnexpected { .. } => "column-unexpected",
            Self::Type { .. } => "type-differs",
            Self::EnumLabels { .. } => "enum-labels-differ",
            Self::Nullability { .. } => "nullability-differs",
            Self::Spelling { .. } => "column-spelling-differs",
            Self::Default { .. } => "default-differs",
            Self::Generation { .. } => "generation-differs",
            Self::PrimaryKey { .. } => "primary-key-differs",
            Self::UniqueMissing { .. } => "unique-missing",
            Self::IndexMissing { .. } => "index-missing",
            Self::IndexUnexpected { .. } => "index-unexpected",
        }
    }

    /// The column it is about, if it is about exactly one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::ColumnMissing { declared: column } | Self::ColumnUnexpected { live: column } => Some(&column.name),
            Self::Spelling { sides, .. } => Some(&sides.declared),
            Self::Type { column, .. }
            | Self::EnumLabels { column, .. }
            | Self::Nullability { column, .. }
            | Self::Default { column, .. }
            | Self::Generation { column, .. } => Some(column),
            Self::TableMissing
            | Self::PrimaryKey { .. }
            | Self::UniqueMissing { .. }
            | Self::IndexMissing { .. }
            | Self::IndexUnexpected { .. } => None,
        }
    }

    /// Whether the entity's own declarations are touched.
    pub fn standing(&self) -> Standing {
        match self {
            Self::ColumnUnexpected { .. } | Self::IndexUnexpected { .. } => Standing::Addition,
            Self::Default { sides, .. } if sides.declared.is_none() => Standing::Addition,
            Self::TableMissing
            | Self::ColumnMissing { .. }
            | Self::Type { .. }
            | Self::EnumLabels { .. }
            | Self::Nullability { .. }
            | Self::Spelling { .. }
            | Self::Default { .. }
            | Self::Generation { .. }
            | Self::PrimaryKey { .. }
            | Self::UniqueMissing { .. }
            | Self::IndexMissing { .. } => Standing::Declared,
        }
    }
}
