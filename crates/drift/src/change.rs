//! What can disagree between the entities and the database. Closed: everything that can be found is here.

use crate::model::{
    Check, Collation, Column, ColumnType, DefaultValue, ForeignKey, Generation, Index, Limit, Nullability, Privilege,
    Relation, Sequence, Sides,
};

/// What is not the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The entity's table does not exist.
    TableMissing {
        /// Schemas that have a table of that name, and are not looked at.
        elsewhere: Vec<String>,
    },
    /// Something else stands in the table's place.
    Relation {
        /// What is expected, and what is there.
        sides: Sides<Relation>,
    },
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
    /// The column compares or holds text otherwise than a column that says nothing.
    Collation {
        /// The column's name.
        column: String,
        /// What is declared, and what the database has; `None` is the database's own.
        sides: Sides<Option<Collation>>,
        /// What a unique index over it keeps out that it would let in otherwise.
        refuses: Refuses,
    },
    /// The value that the sequence gives next is taken.
    SequenceBehind {
        /// The column's name.
        column: String,
        /// The sequence that fills it.
        sequence: Sequence,
    },
    /// The sequence ends before the column is full, or has ended.
    SequenceNarrower {
        /// The column's name.
        column: String,
        /// The sequence that fills it.
        sequence: Sequence,
        /// The largest value that the declared type holds.
        largest: i128,
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
    /// Nothing live keeps out rows that refer to nothing.
    ForeignKeyMissing {
        /// As the entity declares it.
        declared: ForeignKey,
        /// A live foreign key of the same columns that refers to something else.
        nearest: Option<ForeignKey>,
    },
    /// The foreign key does something else when the row referred to goes, or was never validated.
    ForeignKey {
        /// The two keys.
        sides: Sides<ForeignKey>,
    },
    /// The table has a foreign key that the entity does not declare.
    ForeignKeyUnexpected {
        /// As the database has it.
        live: ForeignKey,
        /// What it keeps out.
        refuses: Refuses,
    },
    /// Nothing live keeps out what the entity's CHECK does.
    CheckMissing {
        /// As the entity declares it.
        declared: Check,
    },
    /// The table has a CHECK that the entity does not declare.
    CheckUnexpected {
        /// As the database has it.
        live: Check,
        /// What it keeps out.
        refuses: Refuses,
    },
    /// The connected role may not do what a program does.
    PrivilegeMissing {
        /// What it may not do.
        privilege: Privilege,
        /// With which of the entity's columns; empty for all of them.
        columns: Vec<String>,
        /// What becomes of an insert that leaves them out.
        unset: Unset,
    },
    /// Row security applies to the connected role, and some command passes no row at all.
    RowSecurity {
        /// Reading, inserting or updating.
        commands: Vec<Privilege>,
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

/// What something undeclared keeps out that the entity lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuses {
    /// Rows that repeat a value.
    Duplicates,
    /// Rows that leave out what another row left out.
    Nulls,
    /// Rows with values of some kind, or that refer to nothing.
    Values,
    /// Nothing: it is not unique, or some declared key over fewer columns is already.
    Nothing,
}

/// Whether a change is about something that the entity declares, so that a migration could bring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What the entity declares is missing or not as declared.
    Declared,
    /// The database has, or demands, what no entity declares.
    Addition,
}

impl Change {
    /// The rule's name, stable across versions.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::TableMissing { .. } => "table-missing",
            Self::Relation { .. } => "relation-differs",
            Self::ColumnMissing { .. } => "column-missing",
            Self::ColumnUnexpected { .. } => "column-unexpected",
            Self::Type { .. } => "type-differs",
            Self::EnumLabels { .. } => "enum-labels-differ",
            Self::Nullability { .. } => "nullability-differs",
            Self::Spelling { .. } => "column-spelling-differs",
            Self::Default { .. } => "default-differs",
            Self::Generation { .. } => "generation-differs",
            Self::Collation { .. } => "collation-differs",
            Self::SequenceBehind { .. } => "sequence-behind",
            Self::SequenceNarrower { .. } => "sequence-narrower",
            Self::PrimaryKey { .. } => "primary-key-differs",
            Self::UniqueMissing { .. } => "unique-missing",
            Self::IndexMissing { .. } => "index-missing",
            Self::IndexUnexpected { .. } => "index-unexpected",
            Self::ForeignKeyMissing { .. } => "foreign-key-missing",
            Self::ForeignKey { .. } => "foreign-key-differs",
            Self::ForeignKeyUnexpected { .. } => "foreign-key-unexpected",
            Self::CheckMissing { .. } => "check-missing",
            Self::CheckUnexpected { .. } => "check-unexpected",
            Self::PrivilegeMissing { .. } => "privilege-missing",
            Self::RowSecurity { .. } => "row-security",
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
            | Self::Generation { column, .. }
            | Self::Collation { column, .. }
            | Self::SequenceBehind { column, .. }
            | Self::SequenceNarrower { column, .. } => Some(column),
            Self::TableMissing { .. }
            | Self::Relation { .. }
            | Self::PrimaryKey { .. }
            | Self::UniqueMissing { .. }
            | Self::IndexMissing { .. }
            | Self::IndexUnexpected { .. }
            | Self::ForeignKeyMissing { .. }
            | Self::ForeignKey { .. }
            | Self::ForeignKeyUnexpected { .. }
            | Self::CheckMissing { .. }
            | Self::CheckUnexpected { .. }
            | Self::PrivilegeMissing { .. }
            | Self::RowSecurity { .. } => None,
        }
    }

    /// Whether the entity's own declarations are touched.
    pub fn standing(&self) -> Standing {
        match self {
            Self::ColumnUnexpected { .. }
            | Self::IndexUnexpected { .. }
            | Self::ForeignKeyUnexpected { .. }
            | Self::CheckUnexpected { .. }
            | Self::Relation { .. }
            | Self::SequenceBehind { .. }
            | Self::SequenceNarrower { .. }
            | Self::PrivilegeMissing { .. }
            | Self::RowSecurity { .. } => Standing::Addition,
            Self::Collation { sides, .. } if sides.declared.is_none() => Standing::Addition,
            Self::Default { sides, .. } if sides.declared.is_none() => Standing::Addition,
            Self::TableMissing { .. }
            | Self::ColumnMissing { .. }
            | Self::Type { .. }
            | Self::EnumLabels { .. }
            | Self::Nullability { .. }
            | Self::Spelling { .. }
            | Self::Default { .. }
            | Self::Generation { .. }
            | Self::Collation { .. }
            | Self::PrimaryKey { .. }
            | Self::UniqueMissing { .. }
            | Self::IndexMissing { .. }
            | Self::ForeignKeyMissing { .. }
            | Self::ForeignKey { .. }
            | Self::CheckMissing { .. } => Standing::Declared,
        }
    }
}
