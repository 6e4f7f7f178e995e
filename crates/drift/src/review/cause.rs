//! Why a difference exists: which migration fixes it.

use crate::{
    change::{Change, Origin},
    difference::{Cause, Difference},
    report::Report,
    rule::Rule,
};

/// A scratch database after one migration, to find the migration that fixes a difference.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The migration's name.
    pub migration: String,
    /// Whether the checked database has it.
    pub state: MigrationState,
    /// The entities compared with the scratch database after the migration.
    pub report: Report,
}

/// Whether a database has a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// The history records it as applied.
    Applied,
    /// It does not.
    Pending,
}

impl Report {
    /// Sets the cause of each difference: the migration that fixes it. `history` comes from running the migrations on an
    /// empty scratch database. Undeclared objects have no cause in it.
    pub fn explain(&mut self, history: &[Replayed]) {
        for difference in &mut self.differences {
            if difference.change.origin() == Origin::Declared {
                difference.cause = Some(cause(difference, history));
            }
        }
    }

    /// Sets [`Cause::OtherVersion`] for undeclared objects, and for what an applied migration should have fixed, where
    /// the database has `unknown` migrations that are not in `history`. Call it after [`explain`](Self::explain).
    pub fn explain_by_other_version(&mut self, history: &[Replayed], unknown: &[String]) {
        let Some(last) = history.last().filter(|_| !unknown.is_empty()) else { return };
        for difference in &mut self.differences {
            let is_made_here = last.report.differences.iter().any(|other| other.is_same_finding(difference));
            let is_of_schema = difference.change.origin() == Origin::Undeclared
                && matches!(
                    difference.change,
                    Change::ColumnUnexpected { .. }
                        | Change::IndexUnexpected { .. }
                        | Change::ForeignKeyUnexpected { .. }
                        | Change::ReferringKey { .. }
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
        self.differences.iter().any(|other| other.is_same_finding(difference)) || self.lacks_table_or_column(difference)
    }

    fn lacks_table(&self, difference: &Difference) -> bool {
        self.differences
            .iter()
            .any(|other| other.table == difference.table && matches!(other.change, Change::TableMissing { .. }))
    }

    /// Whether the table or column itself is missing.
    fn lacks_table_or_column(&self, difference: &Difference) -> bool {
        let of_table = self.differences.iter().filter(|other| other.table == difference.table);
        of_table.map(|other| &other.change).any(|change| {
            let is_its_column = || change.column() == difference.change.column();
            let rule = change.rule();
            rule == Rule::TableMissing || (rule == Rule::ColumnMissing && is_its_column())
        })
    }
}

/// The migration after which the difference was gone for good.
fn cause(difference: &Difference, history: &[Replayed]) -> Cause {
    let before = history.iter().rposition(|step| step.report.stands(difference));
    let Some(step) = history.get(before.map_or(0, |position| position + 1)) else { return Cause::NoMigration };
    // A migration that creates the table with IF NOT EXISTS skips an existing one.
    let passes_over = match before.map(|position| &history[position].report) {
        None => !matches!(difference.change, Change::TableMissing { .. }),
        Some(before) if before.lacks_table(difference) => !matches!(difference.change, Change::TableMissing { .. }),
        Some(before) => {
            before.lacks_table_or_column(difference) && !matches!(difference.change, Change::ColumnMissing { .. })
        }
    };
    let name = step.migration.clone();
    if step.state == MigrationState::Applied {
        Cause::AppliedMigration(name)
    } else if passes_over {
        Cause::Preexisting(name)
    } else {
        Cause::PendingMigration(name)
    }
}
