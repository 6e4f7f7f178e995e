//! The plan as plain data: its migrations, statements, locks and warnings.

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
    /// Migrations that another version of the program, or another program, has applied. The plan does not touch them.
    #[serde(rename = "unknown")]
    pub unknown_migrations: Vec<String>,
}

/// What one migration would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedMigration {
    /// Its name.
    pub name: String,
    /// The part that runs in one transaction.
    #[serde(rename = "transaction")]
    pub transaction_scope: TransactionScope,
    /// The statements it would run, in order.
    pub statements: Vec<PlannedStatement>,
    /// Notes about the migration.
    pub notes: Vec<String>,
    /// Why the list of statements is incomplete; `None` if it is complete.
    #[serde(rename = "cut_short")]
    pub incomplete_reason: Option<String>,
    /// Whether its statements may differ when it runs, because it read data that earlier statements of the plan change.
    #[serde(rename = "may_differ")]
    pub statements_may_differ: bool,
}

/// The part of a migration that runs in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionScope {
    /// The migration: all or nothing; locks are held until the commit.
    #[serde(rename = "whole")]
    Migration,
    /// The changes of rows. Each schema change commits on its own (MySQL, MariaDB).
    #[serde(rename = "rows")]
    RowChanges,
    /// Nothing: each statement commits on its own.
    None,
}

/// One statement and its impact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedStatement {
    /// The statement, with its values filled in.
    pub sql: String,
    /// The locks that may block other sessions; `None` if they are unknown.
    pub locks: Option<Vec<Lock>>,
    /// How much of a table it reads or rewrites.
    pub work: Work,
    /// Why it takes these locks and does this work, if that is not obvious.
    #[serde(rename = "reason")]
    pub impact_reason: Option<String>,
    /// The estimated number of rows in the table that it works through; `None` if that is unknown or small.
    #[serde(rename = "rows")]
    pub estimated_rows: Option<u64>,
    /// The size and order of the batches, if a back-fill runs it in batches.
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
    #[serde(rename = "is_new")]
    pub is_new_table: bool,
}

/// How much of a table a statement reads or rewrites, shortest first. `Unknown` ranks below the longest, so that several statements in
/// one text show the longest work that is known.
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
