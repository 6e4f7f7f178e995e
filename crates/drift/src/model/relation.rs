//! Kinds of relations.

use serde::{Deserialize, Serialize};

use super::column::Privilege;

/// The kind of relation that a table's name belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// A table.
    #[default]
    Table,
    /// A partitioned table.
    Partitioned,
    /// A table that keeps the earlier versions of its rows (MariaDB).
    Versioned,
    /// A table that a server crash empties (PostgreSQL).
    Unlogged,
    /// A table whose engine cannot roll back; its name (MySQL, MariaDB).
    WithoutTransactions(String),
    /// A table of another server.
    Foreign(Writability),
    /// A view.
    View(Writability),
    /// A materialized view.
    MaterializedView,
    /// A table that a module implements (SQLite).
    Virtual,
    /// What has the name of the table and no rows: `a sequence`.
    NoTable(String),
}

/// Whether rows can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Writability {
    /// Rows can be inserted and updated.
    Writable,
    /// The same, but no upsert works.
    WithoutUpserts,
    /// Either inserts or updates fail, and upserts do.
    Partly,
    /// They cannot.
    ReadOnly,
}

/// How row security restricts the connected role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowSecurity {
    /// It does not apply, or shows all rows.
    #[default]
    Open,
    /// No policy lets these commands reach any row.
    Closed(Vec<Privilege>),
    /// Policies depend on the contents of the rows.
    Conditional,
    /// It applies, and `row_security = off` makes each statement fail that it would restrict.
    Refused,
}

/// A rule that rewrites inserts or updates (PostgreSQL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewriteRule {
    /// Its name.
    pub name: String,
    /// `INSERT` or `UPDATE`.
    pub event: Privilege,
    /// What it does to statements of that kind.
    pub effect: RuleEffect,
}

/// What a rule does to the statements that it rewrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEffect {
    /// Nothing: it is disabled, for this session. One for UPDATE keeps upserts away all the same.
    Disabled,
    /// They may return the row.
    Returning,
    /// They may not return the row: it is `INSTEAD`, and has no `RETURNING`.
    ReturnsNothing,
}

/// Whether the connected role may delete rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletes {
    /// It may.
    #[default]
    Allowed,
    /// It has no such privilege, and each fails.
    Denied,
    /// No policy of row security lets it delete any row, and none is deleted.
    Hidden,
}

/// A function or a collation that a table uses and the connection does not have (SQLite), or may not execute (PostgreSQL).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownName {
    /// Its name.
    pub name: String,
    /// What it is, and where.
    pub kind: UnknownObjectKind,
    /// What uses it: `the CHECK (slug(status))`.
    pub used_by: String,
}

/// What a connection does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnknownObjectKind {
    /// A function.
    Function,
    /// The collation of an index.
    Collation,
    /// The collation of a column.
    CollationOfColumn,
    /// A function that the connected role may not execute (PostgreSQL).
    Denied,
    /// The account as which a trigger runs (MySQL, MariaDB).
    Definer,
}

/// What a publication sends that nothing identifies (PostgreSQL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Updates, and perhaps deletes.
    Updates,
    /// Deletes alone.
    Deletes,
}

/// Why the connected role's transactions cannot write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// The server is a replica, or read-only as a whole.
    Server,
    /// A setting of the role, the database or the session: `default_transaction_read_only`.
    Setting,
}

impl RelationKind {
    pub(crate) fn is_table(&self) -> bool {
        *self == Self::Table
    }

    /// Whether it is a view, whose keys, defaults and NULLs are unknown.
    pub fn is_view(&self) -> bool {
        matches!(self, Self::View(_) | Self::MaterializedView)
    }
}

impl std::fmt::Display for RelationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table => f.write_str("a table"),
            Self::Partitioned => f.write_str("a partitioned table"),
            Self::Versioned => f.write_str("a system-versioned table"),
            Self::Unlogged => f.write_str("an unlogged table"),
            Self::WithoutTransactions(engine) => write!(f, "a table of the engine {engine}"),
            Self::Foreign(Writability::Writable | Writability::WithoutUpserts) => f.write_str("a foreign table"),
            Self::View(Writability::WithoutUpserts) => f.write_str("a view that triggers or rules write"),
            Self::View(Writability::Partly) => f.write_str("a view that does not accept every write"),
            Self::Foreign(Writability::ReadOnly | Writability::Partly) => f.write_str("a read-only foreign table"),
            Self::View(Writability::Writable) => f.write_str("a view"),
            Self::View(Writability::ReadOnly) => f.write_str("a read-only view"),
            Self::MaterializedView => f.write_str("a materialized view"),
            Self::NoTable(kind) => f.write_str(kind),
            Self::Virtual => f.write_str("a virtual table"),
        }
    }
}
