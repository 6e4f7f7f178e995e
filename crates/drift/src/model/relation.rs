//! Kinds of relations.

use super::Privilege;

/// The kind of relation that a table's name belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// A table.
    Table,
    /// A partitioned table.
    Partitioned,
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
}

/// Whether rows can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writability {
    /// Rows can be inserted and updated.
    Writable,
    /// They cannot.
    ReadOnly,
}

/// How row security restricts the connected role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSecurity {
    /// It does not apply, or shows all rows.
    Open,
    /// No policy lets these commands reach any row.
    Closed(Vec<Privilege>),
    /// Policies depend on the contents of the rows.
    Conditional,
}

/// A rule that rewrites inserts or updates (PostgreSQL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewriteRule {
    /// Its name.
    pub name: String,
    /// `INSERT` or `UPDATE`.
    pub event: Privilege,
    /// Whether statements of that kind may not return the row: it is `INSTEAD`, and has no `RETURNING`.
    pub returns_nothing: bool,
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
            Self::Unlogged => f.write_str("an unlogged table"),
            Self::WithoutTransactions(engine) => write!(f, "a table of the engine {engine}"),
            Self::Foreign(Writability::Writable) => f.write_str("a foreign table"),
            Self::Foreign(Writability::ReadOnly) => f.write_str("a read-only foreign table"),
            Self::View(Writability::Writable) => f.write_str("a view"),
            Self::View(Writability::ReadOnly) => f.write_str("a read-only view"),
            Self::MaterializedView => f.write_str("a materialized view"),
            Self::Virtual => f.write_str("a virtual table"),
        }
    }
}
