//! What a column is.

use serde::{Deserialize, Serialize};

use super::{ColumnType, LogicalType};

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name, in the case the catalogue keeps.
    pub name: String,
    /// Its type.
    pub ty: ColumnType,
    /// The domain that its type is declared by, which may refuse what the column itself does not (PostgreSQL).
    pub domain: Option<String>,
    /// Whether it takes NULL.
    pub nullability: Nullability,
    /// What an insert that leaves it out stores, if not NULL.
    pub default: Option<DefaultValue>,
    /// Who supplies its values.
    pub generation: Generation,
    /// The sequence that fills it (PostgreSQL).
    pub sequence: Option<Sequence>,
    /// How it compares and what it holds, where that is not what the database gives a column that says nothing.
    pub collation: Option<Collation>,
    /// What the connected role may not do with it.
    pub denied: Vec<Privilege>,
}

/// Whether a column takes NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nullability {
    /// It does not.
    NotNull,
    /// It does.
    Nullable,
}

/// What an insert stores in a column that it leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// A constant, without its quotes.
    Literal(String),
    /// The time of the transaction or statement, however spelt.
    CurrentTimestamp,
    /// Anything else, in the words of its side.
    Expression(String),
}

/// Who supplies a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The program, or the default.
    Supplied,
    /// The database, where an insert leaves the column out: serial, identity, `AUTO_INCREMENT`, rowid.
    AutoIncrement,
    /// The database, and it rejects any other value: `GENERATED ALWAYS AS IDENTITY`.
    AlwaysIdentity,
    /// The database, from other columns: `GENERATED ALWAYS AS (...)`.
    Computed,
    /// The program, and the database at each update that leaves the column out: `ON UPDATE CURRENT_TIMESTAMP`.
    OnUpdate,
}

/// The counter behind a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name, with the schema where the search path needs it.
    pub name: String,
    /// The value it gives next, where that was asked.
    pub next: Option<i128>,
    /// The largest value it ever gives.
    pub last: i128,
    /// What comes of the value it gives next.
    pub state: NextValue,
}

/// What comes of an insert of a sequence's next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextValue {
    /// No row has it.
    Free,
    /// A row has it.
    Taken,
    /// It was not asked: the table is empty or locked, no unique index is on the column alone, or the role may not know.
    Unknown,
}

/// How a text column compares and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Collation {
    /// Its name.
    pub name: String,
    /// What it takes for equal, beside the default.
    pub equality: Equality,
    /// What characters the column holds.
    pub coverage: CharsetCoverage,
}

/// What a collation takes for equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Equality {
    /// The same as the default.
    AsDefault,
    /// More than the default: `a` and `A`.
    Looser,
    /// Less than the default.
    Stricter,
}

/// What characters a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharsetCoverage {
    /// All of Unicode.
    Unicode,
    /// Those of an older character set.
    Limited,
}

/// What a role may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Privilege {
    /// Read.
    Select,
    /// Insert a row that gives the column.
    Insert,
    /// Change the column.
    Update,
    /// NextValue from the sequence that fills the column.
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

impl Column {
    /// A column that takes NULL and is given by the program.
    pub fn plain(name: impl Into<String>, ty: ColumnType) -> Self {
        Self {
            name: name.into(),
            ty,
            domain: None,
            nullability: Nullability::Nullable,
            default: None,
            generation: Generation::Supplied,
            sequence: None,
            collation: None,
            denied: Vec::new(),
        }
    }

    /// Whether an insert that leaves it out stores NULL.
    pub fn is_null_when_left_out(&self) -> bool {
        self.nullability == Nullability::Nullable && self.default.is_none() && self.generation == Generation::Supplied
    }

    /// Whether an insert that does not know the column fails.
    pub fn must_be_given(&self) -> bool {
        let is_given = matches!(self.generation, Generation::Supplied | Generation::OnUpdate);
        // MySQL stores the first label of an enum where nothing is given.
        let has_first_label = matches!(self.ty.kind, LogicalType::Enum { name: None, .. });
        self.nullability == Nullability::NotNull && self.default.is_none() && is_given && !has_first_label
    }
}
