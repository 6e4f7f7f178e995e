//! What a name in the catalogue stands for.

use super::Privilege;

/// What stands behind a table's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A table.
    Table,
    /// A table in parts.
    Partitioned,
    /// A table that a crash empties (PostgreSQL).
    Unlogged,
    /// A table whose engine, named here, cannot roll back (MySQL, MariaDB).
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
    /// They can be inserted and updated.
    Writable,
    /// They cannot.
    ReadOnly,
}

/// What row security does to the commands of a role that it applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSecurity {
    /// It does not apply, or lets all rows through.
    Open,
    /// No policy lets any row through for these: reading, inserting, updating.
    Closed(Vec<Privilege>),
    /// Policies decide by what is in the rows.
    Conditional,
}

impl Relation {
    /// Whether keys, defaults and NULLs are known: those of what stands behind a view are not.
    pub fn is_view(&self) -> bool {
        matches!(self, Self::View(_) | Self::MaterializedView)
    }
}

impl std::fmt::Display for Relation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table => f.write_str("a table"),
            Self::Partitioned => f.write_str("a partitioned table"),
            Self::Unlogged => f.write_str("an unlogged table"),
            Self::WithoutTransactions(engine) => write!(f, "a table of the engine {engine}"),
            Self::Foreign(Writability::Writable) => f.write_str("a foreign table"),
            Self::Foreign(Writability::ReadOnly) => f.write_str("a foreign table that cannot be written"),
            Self::View(Writability::Writable) => f.write_str("a view"),
            Self::View(Writability::ReadOnly) => f.write_str("a view that cannot be written"),
            Self::MaterializedView => f.write_str("a materialized view"),
            Self::Virtual => f.write_str("a virtual table"),
        }
    }
}
