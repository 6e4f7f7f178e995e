//! The outcome of a comparison, and its forms. A renderer writes into a sink; nothing here prints.

mod json;
mod text;
mod wording;

pub use text::Detail;

use crate::{
    change::{Change, Standing},
    consequence::Severity,
    difference::{Cause, Difference, Unchecked},
    model::{Dialect, Schema},
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
    /// Loudest first, then in the order of the entities and their columns.
    pub differences: Vec<Difference>,
    /// What could not be judged.
    pub unchecked: Vec<Unchecked>,
    /// What is worth knowing beside the differences: sentences without a full stop.
    pub notes: Vec<String>,
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

    /// Whether anything is at least as loud as `threshold`.
    pub fn fails_at(&self, threshold: Severity) -> bool {
        self.differences.iter().any(|difference| difference.severity() >= threshold)
    }

    /// Whether the database is what the entities say: everything declared is there as declared, nothing that it has
    /// besides breaks anything, and nothing was left unjudged.
    ///
    /// Stricter than [`fails_at`](Self::fails_at): a `varchar(64)` where `varchar(32)` is declared breaks nothing, and
    /// is not in sync.
    pub fn is_in_sync(&self) -> bool {
        let is_harmless_addition = |difference: &Difference| {
            difference.severity() == Severity::Info && difference.change.standing() == Standing::Addition
        };
        self.unchecked.is_empty() && self.differences.iter().all(is_harmless_addition)
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

    fn stands(&self, difference: &Difference) -> bool {
        self.differences.iter().any(|found| found.is_same_finding(difference)) || self.lacks_place(difference)
    }

    fn lacks_table(&self, difference: &Difference) -> bool {
        self.differences.iter().any(|found| found.table == difference.table && found.change == Change::TableMissing)
    }

    /// Whether there is no such table or column at all.
    fn lacks_place(&self, difference: &Difference) -> bool {
        let of_table = self.differences.iter().filter(|found| found.table == difference.table);
        of_table.map(|found| &found.change).any(|change| match change {
            Change::TableMissing => true,
            Change::ColumnMissing { declared } => difference.change.column() == Some(&declared.name),
            Change::ColumnUnexpected { .. }
            | Change::Type { .. }
            | Change::EnumLabels { .. }
            | Change::Nullability { .. }
            | Change::Spelling { .. }
            | Change::Default { .. }
            | Change::Generation { .. }
            | Change::PrimaryKey { .. }
            | Change::UniqueMissing { .. }
            | Change::IndexMissing { .. }
            | Change::IndexUnexpected { .. } => false,
        })
    }
}

/// The migration after which the difference was gone for good.
fn cause(difference: &Difference, history: &[Replayed]) -> Cause {
    let before = history.iter().rposition(|step| step.report.stands(difference));
    let Some(step) = history.get(before.map_or(0, |position| position + 1)) else { return Cause::NoMigration };
    // A migration that adds the table passes over one that is there, whatever that lacks.
    let passes_over = match before.map(|position| &history[position].report) {
        None => difference.change != Change::TableMissing,
        Some(before) if before.lacks_table(difference) => difference.change != Change::TableMissing,
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
