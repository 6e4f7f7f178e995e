//! A plan as plain data.

use sea_orm_runner::planning::Batches;
use serde::Serialize;

use crate::{lock_mode::LockMode, server::Server};

/// What the pending migrations would do to one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The server that the plan is for.
    pub server: Server,
    /// The pending migrations, in the order in which they would run.
    pub migrations: Vec<PlannedMigration>,
    /// Notes about the server.
    pub notes: Vec<String>,
    /// Migrations that another version of the program, or another program, has applied. They stay as they are.
    pub unknown: Vec<String>,
}

/// What one migration would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedMigration {
    /// Its name.
    pub name: String,
    /// The transaction it runs in.
    pub transaction: Transaction,
    /// The statements it would run, in order.
    pub statements: Vec<PlannedStatement>,
    /// Notes about the migration.
    pub notes: Vec<String>,
    /// Why the list of statements is incomplete; `None` where it is complete.
    pub cut_short: Option<String>,
    /// Whether its statements may differ, because it read data that earlier statements of the plan change.
    pub may_differ: bool,
}

/// The transaction that a migration runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transaction {
    /// One for everything: the migration is applied as a whole or not at all, and holds its locks until it commits.
    Whole,
    /// One for row changes. Each schema change commits on its own (MySQL, MariaDB).
    Rows,
    /// None: each statement commits on its own.
    None,
}

/// One statement and its impact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedStatement {
    /// The statement, with its values filled in.
    pub sql: String,
    /// The locks that other sessions may wait for; `None` where they are unknown.
    pub locks: Option<Vec<Lock>>,
    /// How much of a table it reads or rewrites.
    pub work: Work,
    /// Why, where that is not obvious.
    pub reason: Option<String>,
    /// The estimated number of rows in the table, where the server has an estimate and it is large.
    pub rows: Option<u64>,
    /// The batches in which a back-fill runs it.
    pub batches: Option<Batches>,
    /// Why the statement is unsafe.
    pub warnings: Vec<Warning>,
}

/// A lock that a statement takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lock {
    /// The table; `None` for a whole SQLite database.
    pub table: Option<String>,
    /// The lock mode.
    #[serde(flatten)]
    pub mode: LockMode,
    /// Whether the plan itself creates the table, so that no other session uses it yet.
    pub is_new: bool,
}

/// How much of a table a statement reads or rewrites. Ordered by duration, shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// No change: what it would create already exists, or what it would drop does not.
    Nothing,
    /// The schema only.
    Metadata,
    /// Reads all rows, to check or to index them.
    ReadsTable,
    /// Unknown.
    Unknown,
    /// Adds, changes or removes rows.
    ChangesRows,
    /// Rewrites all rows.
    RewritesTable,
}

/// Why a statement is unsafe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The rule. squawk's rules are documented at `https://squawkhq.com/docs/RULE`.
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

    /// The statements of all migrations.
    pub fn statements(&self) -> impl Iterator<Item = &PlannedStatement> {
        self.migrations.iter().flat_map(|migration| &migration.statements)
    }
}
