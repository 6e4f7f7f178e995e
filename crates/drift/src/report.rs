//! The outcome of a check, as data. `review` adds causes and suppressions to it, `render` writes it.

use std::cmp::Reverse;

use crate::{
    change::Change,
    commands::Commands,
    consequence::Severity,
    difference::{Difference, Unchecked},
    exceptions::Stale,
    fail_policy::FailOn,
    fingerprint::Fingerprint,
    model::{Column, Dialect, Privilege, ReadOnly, Schema, TableName},
    rule::Rule,
    suppression::Suppression,
};

/// What was compared, and what was found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The kind of database.
    pub dialect: Dialect,
    /// The database's name in the report; no password belongs here.
    pub target: Option<String>,
    /// How much was compared; never zero.
    pub compared: Compared,
    /// The tables that were compared, in the order of the entities.
    pub tables: Vec<TableName>,
    /// Worst first, then in the order of the entities and their columns.
    pub differences: Vec<Difference>,
    /// What could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// What the connected role seems to be for.
    pub role: Role,
    /// Exceptions and baseline entries that no longer apply; they never fail a check.
    pub stale: Vec<Stale>,
    /// The commands that its advice names.
    pub commands: Commands,
    /// Other things worth knowing: sentences without a full stop.
    pub notes: Vec<String>,
}

/// What the connected role seems to be for, by its privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A program that uses the entities: it may write to some table.
    Program,
    /// Reading: it may read some of the tables and write to none.
    Reader,
}

/// How much of the declared side was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Compared {
    /// Entities.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub entities: usize,
    /// Their columns.
    pub columns: usize,
    /// Their primary keys, unique constraints and indexes.
    pub indexes: usize,
}

impl Role {
    pub(crate) fn of(live: &Schema) -> Self {
        let may = |privilege| move |column: &Column| !column.denied.contains(&privilege);
        let columns = || live.tables.iter().flat_map(|table| &table.columns);
        let may_write = columns().any(may(Privilege::Insert)) || columns().any(may(Privilege::Update));
        if !may_write && columns().any(may(Privilege::Select)) { Self::Reader } else { Self::Program }
    }
}

impl Compared {
    pub(crate) fn count(declared: &Schema) -> Self {
        let keys = declared.tables.iter().filter(|table| !table.primary_key.is_empty()).count();
        Self {
            entities: declared.tables.len(),
            columns: declared.tables.iter().map(|table| table.columns.len()).sum(),
            indexes: keys + declared.tables.iter().map(|table| table.indexes.len()).sum::<usize>(),
        }
    }
}

impl Report {
    /// Sets the name of the database in the report.
    #[must_use]
    pub fn against(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// For a check by another connection than the program's: reports missing write privileges of a [`Role::Reader`], and that
    /// the server is read-only, as one note each instead of differences. So a check may run on a replica. A setting that makes
    /// the sessions of this role read-only stays an error: it is the role that the program has.
    #[must_use]
    pub fn allowing_readers(mut self) -> Self {
        if self.role == Role::Reader {
            let is_of_writing = |change: &Change| matches!(change, Change::PrivilegeMissing { privilege, .. } if *privilege != Privilege::Select);
            self.differences.retain(|difference| !is_of_writing(&difference.change));
            self.unchecked.retain(|unchecked| unchecked.rule != Rule::PrivilegeUnchecked);
            self.notes.push(
                "the connected role may only read; the write privileges of the program's role were not checked"
                    .to_owned(),
            );
        }
        let is_of_the_server = |change: &Change| matches!(change, Change::ReadOnly { why: ReadOnly::Server });
        let before = self.differences.len();
        self.differences.retain(|difference| !is_of_the_server(&difference.change));
        if self.differences.len() < before {
            self.notes.push("the server is read-only: a program that writes needs another".to_owned());
        }
        self
    }

    /// For a report that is not to be repaired: of a program that will be replaced.
    #[must_use]
    pub fn without_repairs(mut self) -> Self {
        for difference in &mut self.differences {
            difference.repair = None;
        }
        self
    }

    /// Whether a check with this policy passes.
    pub fn passes(&self, fail_on: FailOn) -> bool {
        self.failures(fail_on) == 0
    }

    /// How many findings fail a check with this policy.
    pub fn failures(&self, fail_on: FailOn) -> usize {
        self.differences.iter().filter(|difference| !fail_on.allows(difference)).count()
            + self.unchecked.iter().filter(|unchecked| !fail_on.allows_unchecked(unchecked)).count()
    }

    /// Whether there is a finding of at least this severity that is not accepted.
    pub fn fails_at(&self, threshold: Severity) -> bool {
        !self.passes(FailOn::AtLeast(threshold))
    }

    /// Whether the database matches the entities: it has everything as declared, nothing else in it breaks anything, and
    /// nothing was left unchecked.
    ///
    /// Stricter than [`fails_at`](Self::fails_at): a `varchar(64)` in place of a declared `varchar(32)` breaks nothing, but
    /// is not in sync. Accepted findings do not count.
    pub fn is_in_sync(&self) -> bool {
        self.passes(FailOn::OutOfSync)
    }

    /// How many differences break the program, and are not errors only because an exception or the baseline says so.
    pub fn accepted_errors(&self) -> usize {
        let breaks = |difference: &&Difference| difference.consequence().severity() == Severity::Error;
        self.differences.iter().filter(breaks).filter(|difference| difference.severity() < Severity::Error).count()
    }

    /// Every finding, with its suppression.
    pub(crate) fn suppressions_mut(&mut self) -> impl Iterator<Item = (Fingerprint, &mut Suppression)> {
        let differences =
            self.differences.iter_mut().map(|difference| (difference.fingerprint(), &mut difference.suppression));
        differences
            .chain(self.unchecked.iter_mut().map(|unchecked| (unchecked.fingerprint(), &mut unchecked.suppression)))
    }

    /// Worst first.
    pub(crate) fn sort(&mut self) {
        self.differences.sort_by_key(|difference| Reverse((difference.severity(), difference.consequence())));
    }
}
