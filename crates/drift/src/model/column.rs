//! Columns.

use serde::{Deserialize, Serialize};

use super::column_type::{ColumnType, LogicalType};

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a column is facts side by side")]
pub struct Column {
    /// Its name, with the case of the catalogue.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// The other types that the program reads there.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub also_reads: Box<[ColumnType]>,
    /// Which values of its type the field takes.
    #[serde(default, skip_serializing_if = "FieldValues::are_all")]
    pub values: FieldValues,
    /// The schema of its native enum, if the search path does not lead there (PostgreSQL).
    #[serde(skip)]
    pub type_schema: Option<Box<str>>,
    /// Whether its type is a domain, which may reject values that the column itself allows (PostgreSQL).
    #[serde(skip)]
    pub has_domain: bool,
    /// Whether it allows NULL.
    pub nullability: Nullability,
    /// Whether rows older than its NOT NULL may hold NULL (PostgreSQL).
    #[serde(skip)]
    pub may_hold_nulls: bool,
    /// The value that an insert stores if it omits the column; `None` for NULL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<DefaultValue>,
    /// The source of its values.
    #[serde(default, skip_serializing_if = "Generation::is_supplied")]
    pub generation: Generation,
    /// What a generated column is computed from, as its side spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<Box<str>>,
    /// Whether its NOT NULL stores the default for a NULL that is written: `ON CONFLICT REPLACE` (SQLite).
    #[serde(skip)]
    pub stores_default_for_null: bool,
    /// Whether it has no default, not even NULL, although it takes NULL: `ADD x int DEFAULT 1, ALTER x DROP DEFAULT` (MariaDB).
    #[serde(skip)]
    pub lacks_default: bool,
    /// Whether a generated column is computed by reads alone: `VIRTUAL` (PostgreSQL 18).
    #[serde(skip)]
    pub is_virtual: bool,
    /// The sequence that fills it (PostgreSQL). Few columns have one, and it is as large as all the rest.
    #[serde(skip)]
    pub sequence: Option<Box<Sequence>>,
    /// Its collation and character set, if they are not the database's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<Box<Collation>>,
    /// The privileges that the connected role lacks on it.
    #[serde(skip)]
    pub denied: Box<[Privilege]>,
}

/// Whether a column allows NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Nullability {
    /// It does not.
    NotNull,
    /// It does.
    Nullable,
}

/// Which values of the type of its column a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FieldValues {
    /// Each of them, as far as is known.
    #[default]
    All,
    /// Those of a type of its own, such as an enum that is stored as text. SeaORM does not tell which.
    Own,
}

/// The value that an insert stores in a column that it omits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DefaultValue {
    /// A constant, without its quotes.
    Literal(String),
    /// The time of the transaction or statement, in any spelling.
    CurrentTimestamp,
    /// Any other expression, as its side spells it.
    Expression(String),
}

/// The source of a column's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Generation {
    /// The program, or the default.
    #[default]
    Supplied,
    /// The database, if an insert omits the column: serial, identity, `AUTO_INCREMENT`, rowid.
    AutoIncrement,
    /// The database, which rejects any other value: `GENERATED ALWAYS AS IDENTITY`.
    AlwaysIdentity,
    /// The database, from other columns: `GENERATED ALWAYS AS (...)`.
    Computed,
    /// The program, and the database on each update that omits the column: `ON UPDATE CURRENT_TIMESTAMP`.
    OnUpdate,
}

/// What counts the values of a generated key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name, with the schema where the search path needs it; `AUTO_INCREMENT` or `rowid` where it has none.
    pub name: String,
    /// What it is.
    pub kind: CounterKind,
    /// Its next value, if known.
    pub next: Option<i128>,
    /// The difference between two values; negative if it counts down.
    pub increment: i128,
    /// Its smallest value.
    pub first: i128,
    /// Its largest value.
    pub last: i128,
    /// Whether it begins again at its other end (PostgreSQL).
    pub cycles: bool,
    /// Whether a value beyond the column's type is cut to another one, and not refused: an identity column (PostgreSQL).
    pub is_cut: bool,
    /// How many values a day were used so far, if known.
    pub per_day: Option<u32>,
    /// Whether the table has the next value.
    pub state: NextValue,
}

/// A kind of counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterKind {
    /// A sequence (PostgreSQL).
    Sequence,
    /// `AUTO_INCREMENT` (MySQL, MariaDB).
    AutoIncrement,
    /// The rowid (SQLite).
    Rowid {
        /// Whether a value is never given out again: `AUTOINCREMENT`.
        is_kept: bool,
    },
}

/// Whether a table has the next value of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextValue {
    /// No row has it.
    Free,
    /// A row has it.
    Taken,
    /// No row has it, and one has the value that comes after so many others.
    TakenAfter(u32),
    /// Unknown: the table is empty or locked, the column has no unique index of its own, or the role may not read it.
    Unknown,
}

/// The collation of a text column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Collation {
    /// Its name.
    pub name: String,
    /// Which values it takes for equal, compared with the default.
    pub equality: Equality,
    /// Which characters the column can hold.
    pub coverage: CharsetCoverage,
}

/// Which values a collation takes for equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Equality {
    /// The same as the default.
    AsDefault,
    /// More than the default: `a` and `A`.
    Looser,
    /// Less than the default.
    Stricter,
}

/// Which characters a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CharsetCoverage {
    /// All of Unicode.
    Unicode,
    /// Those of an older character set.
    Limited,
}

/// A privilege.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Privilege {
    /// Read.
    Select,
    /// Insert a row that sets the column.
    Insert,
    /// Change the column.
    Update,
    /// Use the column's sequence.
    Usage,
}

impl std::fmt::Display for Nullability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotNull => "NOT NULL",
            Self::Nullable => "nullable",
        })
    }
}

impl std::fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Literal(value) if value.parse::<f64>().is_ok() => f.write_str(value),
            Self::Literal(value) => write!(f, "'{value}'"),
            Self::CurrentTimestamp => f.write_str("CURRENT_TIMESTAMP"),
            Self::Expression(text) => f.write_str(text),
        }
    }
}

impl std::fmt::Display for Privilege {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Usage => "USAGE",
        })
    }
}

impl FieldValues {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn are_all(&self) -> bool {
        *self == Self::All
    }
}

impl Generation {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn is_supplied(&self) -> bool {
        *self == Self::Supplied
    }
}

impl Column {
    /// A nullable column without a default.
    pub fn plain(name: impl Into<String>, ty: ColumnType) -> Self {
        Self {
            name: name.into(),
            ty,
            also_reads: Box::default(),
            values: FieldValues::All,
            type_schema: None,
            has_domain: false,
            nullability: Nullability::Nullable,
            may_hold_nulls: false,
            stores_default_for_null: false,
            lacks_default: false,
            is_virtual: false,
            default: None,
            generation: Generation::Supplied,
            expression: None,
            sequence: None,
            collation: None,
            denied: Box::default(),
        }
    }

    /// Whether an insert that omits it stores NULL.
    pub fn is_null_when_omitted(&self) -> bool {
        self.nullability == Nullability::Nullable
            && self.default.is_none()
            && !self.lacks_default
            && self.generation == Generation::Supplied
    }

    /// Whether each insert that omits it stores the same value, which is not NULL.
    pub fn is_constant_when_omitted(&self) -> bool {
        self.generation == Generation::Supplied && matches!(self.default, Some(DefaultValue::Literal(_)))
    }

    /// Whether an insert that omits it fails.
    pub fn must_be_given(&self) -> bool {
        let is_given = matches!(self.generation, Generation::Supplied | Generation::OnUpdate);
        // MySQL stores the first label of an enum.
        let has_first_label = matches!(self.ty.kind, LogicalType::Enum { name: None, .. });
        let is_required = self.nullability == Nullability::NotNull && !has_first_label || self.lacks_default;
        is_required && self.default.is_none() && is_given
    }
}
