//! What a plan says, as plain data.

use serde::Serialize;

use super::{mode::Mode, server::Server};
use sea_orm_runner::planning::Batches;

/// What the pending migrations would do to one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The server that was asked.
    pub server: Server,
    /// The pending migrations, in the order in which they would run.
    pub migrations: Vec<PlannedMigration>,
    /// What is worth knowing about the server.
    pub notes: Vec<String>,
    /// Migrations that another version has applied, and that are left as they are.
    pub unknown: Vec<String>,
}

/// What one migration would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedMigration {
    /// Its name.
    pub name: String,
    /// What it runs in.
    pub transaction: Transaction,
    /// What it would run, in this order.
    pub statements: Vec<PlannedStatement>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Why its statements end here, where the rest cannot be known.
    pub cut_short: Option<String>,
}

/// What a migration runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transaction {
    /// One for all that it does: it is applied as a whole or not at all, and keeps its locks until its end.
    Whole,
    /// One for the rows that it changes. Each change of a table is committed by itself (MySQL, MariaDB).
    Rows,
    /// None: each statement is committed by itself.
    None,
}

/// One statement, and what it would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedStatement {
    /// As it would run, its values filled in.
    pub sql: String,
    /// The locks that others may have to wait for; `None` where they are not known.
    pub locks: Option<Vec<Lock>>,
    /// How much of a table it goes through.
    pub work: Work,
    /// Why that is so, where it does not speak for itself.
    pub because: Option<String>,
    /// About how many rows the table has, where the server says so and they are many.
    pub rows: Option<u64>,
    /// The batches in which a back-fill runs it.
    pub batches: Option<Batches>,
    /// Why it is unsafe.
    pub warnings: Vec<Warning>,
}

/// A lock that a statement takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lock {
    /// The table; `None` for all of a SQLite database.
    pub table: Option<String>,
    /// The kind of lock.
    #[serde(flatten)]
    pub mode: Mode,
    /// Whether the same plan makes the table, so that nobody uses it yet.
    pub is_new: bool,
}

/// How much of a table a statement goes through. The later ones take longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// What it would make is there already, or what it would remove is not.
    Nothing,
    /// Nothing but its description.
    Metadata,
    /// All its rows are read, to check them or to index them.
    ReadsTable,
    /// It cannot be judged.
    Unknown,
    /// Rows are added, changed or removed.
    ChangesRows,
    /// All its rows are written anew.
    RewritesTable,
}

/// Why a statement is unsafe, in the words of squawk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The rule, as in `https://squawkhq.com/docs/RULE`.
    pub rule: String,
    /// What may happen.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
}

impl Plan {
    /// Whether no migration is pending.
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty()
    }

    /// All statements, whichever migration they are of.
    pub fn statements(&self) -> impl Iterator<Item = &PlannedStatement> {
        self.migrations.iter().flat_map(|migration| &migration.statements)
    }
}
