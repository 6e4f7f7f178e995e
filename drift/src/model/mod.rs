//! What a schema is: plain data, the same for both sides. Knows no database and no entity.

mod column_type;
mod sides;

pub use column_type::{ColumnType, Kind, Sign, Zone};
pub use sides::Sides;

use sea_orm::DbBackend;
use serde::Serialize;

/// The kind of database, as far as it decides what a declaration becomes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// PostgreSQL 13 or newer.
    Postgres,
    /// MySQL 8.
    MySql,
    /// MariaDB, which speaks MySQL's protocol and keeps a different catalogue.
    MariaDb,
    /// SQLite 3.38 or newer.
    Sqlite,
}

impl Dialect {
    /// The backend SeaORM uses for it.
    pub fn backend(self) -> DbBackend {
        match self {
            Self::Postgres => DbBackend::Postgres,
            Self::MySql | Self::MariaDb => DbBackend::MySql,
            Self::Sqlite => DbBackend::Sqlite,
        }
    }
}

/// One side of a comparison: the tables that entities name.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// What the types and defaults below are in the words of.
    pub dialect: Dialect,
    /// In the order of the entities.
    pub tables: Vec<Table>,
}

/// Where a table is to be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    /// PostgreSQL schema, MySQL database or SQLite attachment; `None` leaves it to the connection.
    pub schema: Option<String>,
    /// The table's own name.
    pub name: String,
}

/// A table, or a live relation that stands in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// As the entity names it.
    pub name: TableName,
    /// Declared: in the order of the entity. Live: in the order of the table.
    pub columns: Vec<Column>,
    /// Names of the key's columns, in key order; empty without a primary key.
    pub primary_key: Vec<String>,
    /// What keeps the primary key from refusing duplicates at once; empty for a declared one.
    pub primary_key_limits: Vec<Limit>,
    /// All other indexes and unique constraints.
    pub indexes: Vec<Index>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name, in the case the catalogue keeps.
    pub name: String,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it takes NULL.
    pub nullability: Nullability,
    /// What an insert that leaves it out stores, if not NULL.
    pub default: Option<DefaultValue>,
    /// Who supplies its values.
    pub generation: Generation,
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
    Given,
    /// The database, where an insert leaves the column out: serial, identity, `AUTO_INCREMENT`, rowid.
    AutoIncrement,
    /// The database, and it refuses any other value: `GENERATED ALWAYS AS IDENTITY`.
    AlwaysIdentity,
    /// The database, from other columns: `GENERATED ALWAYS AS (...)`.
    Computed,
    /// The program, and the database at each update that leaves the column out: `ON UPDATE CURRENT_TIMESTAMP`.
    Touched,
}

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
    pub limits: Vec<Limit>,
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
pub enum Limit {
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
    /// Refuses rows by another comparison than equality, and `ON CONFLICT` cannot name it.
    Exclusion,
    /// Takes a second NULL for a duplicate: it keeps out more, not less.
    NullsNotDistinct,
    /// Is of a kind that does not find equal values: full-text, BRIN.
    Method,
}

impl TableName {
    /// A table found by the connection's own rules.
    pub fn unqualified(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
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

impl std::fmt::Display for Limit {
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
        })
    }
}

impl Column {
    /// Whether an insert that does not know the column fails.
    pub fn must_be_given(&self) -> bool {
        let is_given = matches!(self.generation, Generation::Given | Generation::Touched);
        // MySQL stores the first label of an enum where nothing is given.
        let has_first_label = matches!(self.ty.kind, Kind::Enum { name: None, .. });
        self.nullability == Nullability::NotNull && self.default.is_none() && is_given && !has_first_label
    }
}
