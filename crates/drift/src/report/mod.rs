//! The outcome of a comparison, and its forms. A renderer writes into a sink; nothing here prints.

mod decided;
mod detail;
mod github;
mod json;
mod junit;
mod markdown;
mod palette;
mod requirement;
mod sarif;
mod summary;
mod text;
mod wording;

pub use detail::Detail;
pub use requirement::Requirement;

use crate::{
    change::{Change, Standing},
    consequence::Severity,
    decision::Decision,
    difference::{Cause, Difference, Unchecked},
    exceptions::Stale,
    finding::Finding,
    model::{Column, Dialect, Privilege, Schema, TableName},
};

/// What was compared and what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The kind of database that was compared.
    pub dialect: Dialect,
    /// How the database is called in the report; no password belongs here.
    pub target: Option<String>,
    /// How much was compared; never nothing.
    pub compared: Compared,
    /// The tables that were compared, in the order of the entities.
    pub tables: Vec<TableName>,
    /// Loudest first, then in the order of the entities and their columns.
    pub differences: Vec<Difference>,
    /// What could not be judged.
    pub unchecked: Vec<Unchecked>,
    /// Whether the connected role could be a program's.
    pub role: Role,
    /// Exceptions, and entries of the baseline, that are of no use any more; they never make a check fail.
    pub stale: Vec<Stale>,
    /// What is worth knowing beside the differences: sentences without a full stop.
    pub notes: Vec<String>,
}

/// What the connected role is for, as far as its privileges tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A program that uses the entities: it may write some table.
    Program,
    /// Looking: it may write none of the tables, and read some.
    Reader,
}

/// How much of the declared side was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Compared {
    /// Entities.
    pub entities: usize,
    /// Their columns.
    pub columns: usize,
    /// Their primary keys, unique constraints and indexes.
    pub indexes: usize,
}

/// The state of a throw-away database after one migration, to tell which migration settles which difference.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The migration's name.
    pub migration: String,
    /// Whether the database in question has it.
    pub state: MigrationState,
    /// The entities against the throw-away database, after the migration ran there.
    pub report: Report,
}

/// Whether a database has a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// It is on record as applied.
    Applied,
    /// It is not.
    Pending,
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
    /// Names the database in the report.
    #[must_use]
    pub fn against(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// For a check that is run by another role than the program's: what a [`Role::Reader`] may not write is a note, and
    /// no difference.
    #[must_use]
    pub fn allowing_readers(mut self) -> Self {
        if self.role == Role::Reader {
            let is_of_writing = |change: &Change| matches!(change, Change::PrivilegeMissing { privilege, .. } if *privilege != Privilege::Select);
            self.differences.retain(|difference| !is_of_writing(&difference.change));
            self.notes
                .push("the connected role may only read; what the program's role may write was not judged".to_owned());
        }
        self
    }

    /// Whether anything is at least as loud as `threshold`, other than what is accepted.
    pub fn fails_at(&self, threshold: Severity) -> bool {
        !self.meets(Requirement::Below(threshold))
    }

    /// Whether the database is what the entities say: everything declared is there as declared, nothing that it has
    /// besides breaks anything, and nothing was left unjudged.
    ///
    /// Stricter than [`fails_at`](Self::fails_at): a `varchar(64)` where `varchar(32)` is declared breaks nothing, and
    /// is not in sync. What is accepted, by an exception or by a baseline, does not count here either.
    pub fn is_in_sync(&self) -> bool {
        self.meets(Requirement::InSync)
    }

    /// Says of each difference which migration settles it, after the history of the schema was replayed on an empty
    /// throw-away database. What the database has in addition has no cause in that history.
    pub fn explain(&mut self, history: &[Replayed]) {
        for difference in &mut self.differences {
            if difference.change.standing() == Standing::Declared {
                difference.cause = Some(cause(difference, history));
            }
        }
    }

    /// Every finding by its name, with what is decided about it.
    pub(crate) fn findings_mut(&mut self) -> impl Iterator<Item = (Finding, &mut Decision)> {
        let differences = self.differences.iter_mut().map(|found| (found.finding(), &mut found.decision));
        differences.chain(self.unchecked.iter_mut().map(|found| (found.finding(), &mut found.decision)))
    }

    /// Says of what the database has in addition, and of what was as declared once, that another version of the program
    /// may have made it so: `unknown` are migrations that are on record as applied and not in `history`. Call it after
    /// [`explain`](Self::explain).
    pub fn explain_by_other_version(&mut self, history: &[Replayed], unknown: &[String]) {
        let Some(last) = history.last().filter(|_| !unknown.is_empty()) else { return };
        for difference in &mut self.differences {
            let is_made_here = last.report.differences.iter().any(|found| found.is_same_finding(difference));
            let is_of_schema = difference.change.standing() == Standing::Addition
                && matches!(
                    difference.change,
                    Change::ColumnUnexpected { .. }
                        | Change::IndexUnexpected { .. }
                        | Change::ForeignKeyUnexpected { .. }
                        | Change::CheckUnexpected { .. }
                        | Change::Default { .. }
                );
            let was_as_declared = matches!(difference.cause, Some(Cause::AppliedMigration(_)));
            if was_as_declared || (is_of_schema && !is_made_here) {
                difference.cause = Some(Cause::OtherVersion(unknown.to_vec()));
            }
        }
    }

    fn stands(&self, difference: &Difference) -> bool {
        self.differences.iter().any(|found| found.is_same_finding(difference)) || self.lacks_place(difference)
    }

    fn lacks_table(&self, difference: &Difference) -> bool {
        self.differences
            .iter()
            .any(|found| found.table == difference.table && matches!(found.change, Change::TableMissing { .. }))
    }

    /// Whether there is no such table or column at all.
    fn lacks_place(&self, difference: &Difference) -> bool {
        let of_table = self.differences.iter().filter(|found| found.table == difference.table);
        of_table.map(|found| &found.change).any(|change| match change {
            Change::TableMissing { .. } => true,
            Change::ColumnMissing { declared } => difference.change.column() == Some(&declared.name),
            Change::Relation { .. }
            | Change::ColumnUnexpected { .. }
            | Change::Type { .. }
            | Change::EnumLabels { .. }
            | Change::Nullability { .. }
            | Change::Spelling { .. }
            | Change::Default { .. }
            | Change::Generation { .. }
            | Change::PrimaryKey { .. }
            | Change::UniqueMissing { .. }
            | Change::IndexMissing { .. }
            | Change::IndexUnexpected { .. }
            | Change::Collation { .. }
            | Change::SequenceBehind { .. }
            | Change::SequenceNarrower { .. }
            | Change::ForeignKeyMissing { .. }
            | Change::ForeignKey { .. }
            | Change::ForeignKeyUnexpected { .. }
            | Change::CheckMissing { .. }
            | Change::CheckUnexpected { .. }
            | Change::PrivilegeMissing { .. }
            | Change::RowSecurity { .. } => false,
        })
    }
}

/// The migration after which the difference was gone for good.
fn cause(difference: &Difference, history: &[Replayed]) -> Cause {
    let before = history.iter().rposition(|step| step.report.stands(difference));
    let Some(step) = history.get(before.map_or(0, |position| position + 1)) else { return Cause::NoMigration };
    // A migration that adds the table passes over one that is there, whatever that lacks.
    let passes_over = match before.map(|position| &history[position].report) {
        None => !matches!(difference.change, Change::TableMissing { .. }),
        Some(before) if before.lacks_table(difference) => !matches!(difference.change, Change::TableMissing { .. }),
        Some(before) => before.lacks_place(difference) && !matches!(difference.change, Change::ColumnMissing { .. }),
    };
    let name = step.migration.clone();
    if step.state == MigrationState::Applied {
        Cause::AppliedMigration(name)
    } else if passes_over {
        Cause::WasThere(name)
    } else {
        Cause::PendingMigration(name)
    }
}

#[cfg(test)]
mod tests;
