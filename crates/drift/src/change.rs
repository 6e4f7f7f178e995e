//! Every way in which the entities and the database can disagree. A change is the compared fact alone; with what it breaks, its
//! cause and its repair it is a [`Difference`](crate::Difference).

mod effect;
mod subject;

pub use effect::{DefaultEffect, OnOmit, PartitionGap, Rejects};

use crate::{
    evidence::Evidence,
    model::{
        Check, Collation, Column, ColumnType, DefaultValue, ForeignKey, Generation, Index, IndexRestriction,
        LogicalType, Nullability, Privilege, Published, ReadOnly, Referrer, RelationKind, RewriteRule, Sequence, Sides,
        Stated, UnknownObjectKind,
    },
};

/// One fact in which the two sides disagree, not yet judged.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Change {
    /// The entity's table does not exist.
    TableMissing {
        /// Other schemas that have a table of that name.
        other_schemas: Vec<String>,
        /// Undeclared tables that have all its columns: it may have been renamed.
        rename_candidates: Vec<String>,
    },
    /// The name belongs to another kind of relation: a view, a foreign table.
    RelationKind {
        /// The two kinds.
        sides: Sides<RelationKind>,
    },
    /// The entity's column does not exist.
    ColumnMissing {
        /// As the entity declares it.
        declared: Column,
        /// Undeclared columns of the same type, the likeliest first: it may have been renamed.
        rename_candidates: Vec<Column>,
    },
    /// The table has a column that the entity does not declare.
    ColumnUnexpected {
        /// Whether it is NOT NULL without a default, and a trigger may set it before a row is inserted, or a server that is not
        /// strict sets it.
        may_be_set_by_server: bool,
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
        /// Labels that only the entity has.
        missing: Vec<String>,
        /// Labels that only the database has.
        unexpected: Vec<String>,
    },
    /// Only one side allows NULL.
    Nullability {
        /// The column's name.
        column: String,
        /// The two sides.
        sides: Sides<Nullability>,
        /// What an insert that omits the column does.
        on_omit: OnOmit,
        /// What writing NULL to a column that does not allow it does.
        on_null: OnOmit,
    },
    /// The names differ only in case, and the database ignores case.
    Spelling {
        /// The two names.
        sides: Sides<String>,
        /// Whether the entity's field allows NULL.
        nullability: Nullability,
    },
    /// Inserts that omit the column store different values.
    Default {
        /// The column's name.
        column: String,
        /// The two defaults.
        sides: Sides<Option<DefaultValue>>,
        /// Whether an insert of the program could store NULL without a default.
        nullability: Nullability,
        /// What becomes of a row that gets the database's default.
        effect: DefaultEffect,
    },
    /// The column's values come from different places.
    Generation {
        /// The column's name.
        column: String,
        /// The two sources.
        sides: Sides<Generation>,
        /// Whether the entity's field allows NULL.
        nullability: Nullability,
    },
    /// The column has another collation or character set than declared.
    Collation {
        /// The column's name.
        column: String,
        /// The two collations; `None` is the database's default.
        sides: Sides<Option<Collation>>,
        /// What a unique index over it rejects because of the collation.
        rejects: Rejects,
    },
    /// The next value of the sequence already exists in the table.
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
    /// The counter of a key has no values left, or has used half of them.
    KeysRunOut {
        /// The column's name.
        column: String,
        /// The counter that fills it.
        sequence: Sequence,
        /// How many values are left.
        left: i128,
    },
    /// The primary keys are over different columns.
    PrimaryKey {
        /// The two keys; empty if there is none.
        sides: Sides<Vec<String>>,
        /// Why the live one does not reject duplicates at once.
        restrictions: Vec<IndexRestriction>,
        /// A live unique index with the same effect.
        equivalent: Option<Index>,
    },
    /// No live index or constraint enforces the declared uniqueness.
    UniqueMissing {
        /// As the entity declares it.
        declared: Index,
        /// A live index over the same columns that does not serve.
        nearest: Option<Index>,
        /// A live unique index over these columns and others that belong to other keys of the entity. `sea-orm-cli generate
        /// entity` writes one attribute for each column, so it leaves such columns out.
        wider: Option<Index>,
    },
    /// No live index serves as the declared one.
    IndexMissing {
        /// As the entity declares it.
        declared: Index,
        /// A live index over the same columns that does not serve.
        nearest: Option<Index>,
        /// A live index over these columns and more after them: it finds rows as fast.
        longer: Option<Index>,
    },
    /// The table has an index that the entity does not declare.
    IndexUnexpected {
        /// As the database has it.
        live: Index,
        /// The declared index that it serves as, though it is restricted.
        counterpart: Option<Index>,
        /// What it rejects that the entity's own keys allow.
        rejects: Rejects,
    },
    /// The database does not have the declared foreign key.
    ForeignKeyMissing {
        /// As the entity declares it.
        declared: ForeignKey,
        /// A live foreign key of the same columns to another target.
        nearest: Option<ForeignKey>,
    },
    /// The foreign key has another action, or was never validated.
    ForeignKey {
        /// The two keys.
        sides: Sides<ForeignKey>,
    },
    /// The table has a foreign key that the entity does not declare.
    ForeignKeyUnexpected {
        /// As the database has it.
        live: ForeignKey,
        /// What it rejects.
        rejects: Rejects,
    },
    /// A foreign key that refers to the table makes changes of its rows fail.
    ReferringKey {
        /// The key.
        referrer: Referrer,
    },
    /// The database does not have the declared CHECK.
    CheckMissing {
        /// As the entity declares it.
        declared: Check,
    },
    /// The table has a CHECK that the entity does not declare.
    CheckUnexpected {
        /// As the database has it.
        live: Check,
        /// What it rejects.
        rejects: Rejects,
    },
    /// The connected role lacks a privilege that a program needs.
    PrivilegeMissing {
        /// The privilege.
        privilege: Privilege,
        /// The columns that it is missing for; empty for the whole table.
        columns: Vec<String>,
        /// What an insert that omits them does.
        on_omit: OnOmit,
    },
    /// Rows from before the NOT NULL may hold NULL.
    NullsRemain {
        /// The column's name.
        column: String,
    },
    /// A rule rewrites inserts or updates, so some statements of a program fail (PostgreSQL).
    RewriteRule {
        /// The rule.
        rule: RewriteRule,
    },
    /// No partition takes some rows.
    PartitionMissing {
        /// The partition key.
        key: String,
        /// Which rows.
        gap: PartitionGap,
    },
    /// The table uses a function or a collation that the connection does not have (SQLite), or may not execute (PostgreSQL).
    FunctionUnknown {
        /// Its name.
        name: String,
        /// What it is, and where.
        kind: UnknownObjectKind,
        /// What uses it: `the CHECK (slug(status))`.
        used_by: String,
    },
    /// Updates or deletes are published, and nothing identifies the rows (PostgreSQL).
    ReplicaIdentity {
        /// Which.
        published: Published,
    },
    /// The connected role's transactions cannot write.
    ReadOnly {
        /// Why.
        why: ReadOnly,
    },
    /// The database cannot hold all characters (PostgreSQL).
    Encoding {
        /// Its encoding.
        live: String,
    },
    /// Row security applies to the connected role, and no policy lets some command reach any row.
    RowSecurity {
        /// The commands: SELECT, INSERT or UPDATE.
        commands: Vec<Privilege>,
    },
    /// Row security applies to the connected role, whose setting refuses every statement that it restricts.
    RowSecurityRefused,
    /// The entity cannot read some rows; found by reading all of them.
    RowsUnreadable {
        /// How many, and their first keys.
        rows: Evidence,
        /// The driver's first error, which may hold a value; only where values may be shown.
        error: Option<String>,
    },
}

/// Which side a change comes from, and so whether a migration can fix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The database lacks what the entity declares, or has it differently.
    Declared,
    /// The database has, or demands, something that no entity declares.
    Undeclared,
}

/// Whether the types differ in no more than what the entity does not say.
pub(crate) fn declares_no_type(declared: &ColumnType, live: &ColumnType) -> bool {
    let of_element = if let LogicalType::Array(element) = &live.kind { element } else { &live.kind };
    match (declared.stated, &live.kind) {
        (Stated::WithoutLength, _) => matches!(of_element, LogicalType::Varchar(_) | LogicalType::Char(_)),
        (Stated::ByField, LogicalType::Varchar(_) | LogicalType::Decimal(_)) => true,
        (Stated::ByField, LogicalType::Json | LogicalType::JsonBinary) if declared.field == LogicalType::Json => true,
        _ if equals_field_type(declared, live) => true,
        _ => false,
    }
}

/// Whether both are points in time that SQLite stores as the same text. `sea-orm-cli generate entity` makes a `DateTimeUtc` of a
/// `timestamp`, which is declared otherwise.
pub(crate) fn is_time_of_sqlite(declared: &ColumnType, live: &ColumnType) -> bool {
    let is_time = |ty: &ColumnType| matches!(ty.kind, LogicalType::Timestamp { .. });
    let is_written_by_hand = ["datetime", "timestamp"].iter().any(|name| live.text.eq_ignore_ascii_case(name));
    declared.text.ends_with("_text") && is_time(declared) && (is_time(live) || is_written_by_hand)
}

/// Whether the column is of the type of its field, where `column_type` names another one that holds it, too.
pub(crate) fn equals_field_type(declared: &ColumnType, live: &ColumnType) -> bool {
    declared.stated == Stated::ByField
        && declared.kind != declared.field
        && (live.kind == declared.field || live.field == declared.field)
}

/// Whether no migration changes it: the column is as declared, and its field is a text that cannot hold all of it; or the field is of
/// a type that the driver does not read.
pub(crate) fn is_about_the_field(declared: &ColumnType, live: &ColumnType) -> bool {
    matches!(declared.field, LogicalType::Rust(_)) || (declared == live && declared.field == LogicalType::Text(None))
}
