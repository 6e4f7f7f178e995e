//! The two kinds of findings: a difference, which is a change with its impact, cause, suppression and repair; and what is
//! unchecked.

use crate::{
    change::Change,
    consequence::{Consequence, Impact, Severity},
    evidence::Evidence,
    fingerprint::Fingerprint,
    impact::impact,
    model::{Dialect, Object, Part, TableName},
    repair::{Context, Repair, repair},
    rule::Rule,
    suppression::Suppression,
};

/// A [`Change`] between the entities and the database, judged: with what it breaks, why it exists and how to repair it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The table, as the entity names it.
    pub table: TableName,
    /// How the two sides disagree.
    pub change: Change,
    /// What it does to a program that uses the entity.
    pub impact: Impact,
    /// Why it exists, where the migrations are known.
    pub cause: Option<Cause>,
    /// What exceptions and the baseline say about it.
    pub suppression: Suppression,
    /// What the rows say about it, if they were asked.
    pub rows: Option<Evidence>,
    /// A repair that removes nothing, whatever caused the difference.
    pub(crate) repair: Option<Repair>,
}

/// Why a difference exists, according to the migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Cause {
    /// This pending migration fixes it.
    PendingMigration(String),
    /// This migration is applied and should have fixed it: somebody edited the database by hand, or the table predates the
    /// migration.
    AppliedMigration(String),
    /// This pending migration creates the table or column as declared. It exists already, so the migration (`IF NOT EXISTS`) will not change it.
    Preexisting(String),
    /// No migration fixes it.
    NoMigration,
    /// The database has these migrations, which this program does not know: another version of it may have made the
    /// difference.
    OtherVersion(Vec<String>),
}

/// A question that the check could not answer. The database may be right or wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unchecked {
    /// Its kind.
    pub rule: Rule,
    /// The table, as the entity names it.
    pub table: TableName,
    /// The column, if it is about one.
    pub column: Option<String>,
    /// The question: `whether the trigger stamp changes what is written`.
    pub question: String,
    /// What exceptions and the baseline say about it.
    pub suppression: Suppression,
}

impl Unchecked {
    pub(crate) fn of_table(rule: Rule, table: &TableName, question: impl Into<String>) -> Self {
        let (table, question) = (table.clone(), question.into());
        Self { rule, table, column: None, question, suppression: Suppression::default() }
    }

    /// The severity that an exception or a baseline gives it, or else that of its rule: none, except `relation-unchecked`, which is a
    /// warning, and `privilege-unchecked` and `delete-unchecked`, which are info.
    pub fn severity(&self) -> Option<Severity> {
        self.suppression.severity().or(self.rule.unchecked_severity())
    }

    /// Whether it is info and nothing raised it: it does not count as out of sync.
    pub(crate) fn is_minor(&self) -> bool {
        (self.rule.unchecked_severity(), self.severity()) == (Some(Severity::Info), Some(Severity::Info))
    }

    /// What it is about: a table or a column.
    pub fn object(&self) -> Object {
        let part = self.column.clone().map_or(Part::Table, Part::Column);
        Object { table: self.table.clone(), part }
    }

    /// What identifies it in exceptions and baselines.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint { rule: self.rule, object: self.object().to_string(), consequence: None }
    }
}

impl Difference {
    pub(crate) fn judged(table: TableName, change: Change, dialect: Dialect) -> Self {
        let impact = impact(&change, &table, dialect);
        Self { table, change, impact, cause: None, suppression: Suppression::default(), rows: None, repair: None }
    }

    pub(crate) fn with_repair(self, context: Context<'_>) -> Self {
        Self { repair: repair(&self.change, context), ..self }
    }

    /// How to repair it without removing anything. `None` if that is impossible, and where a pending migration or another
    /// version of the program repairs it.
    pub fn repair(&self) -> Option<&Repair> {
        match &self.cause {
            Some(Cause::PendingMigration(_) | Cause::OtherVersion(_)) => None,
            None | Some(Cause::AppliedMigration(_) | Cause::Preexisting(_) | Cause::NoMigration) => {
                self.repair.as_ref()
            }
        }
    }

    /// What a program notices.
    pub fn consequence(&self) -> Consequence {
        self.impact.consequence
    }

    /// How serious it is: by its consequence, unless an exception or a baseline says otherwise.
    pub fn severity(&self) -> Severity {
        self.suppression.severity().unwrap_or_else(|| self.consequence().severity())
    }

    /// What identifies it in exceptions and baselines.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            rule: self.change.rule(),
            object: self.object().to_string(),
            consequence: Some(self.consequence()),
        }
    }

    /// What it is about.
    pub fn object(&self) -> Object {
        Object { table: self.table.clone(), part: self.change.part() }
    }

    /// Whether this missing table or column keeps that finding from being reported.
    pub(crate) fn hides(&self, fingerprint: &Fingerprint) -> bool {
        matches!(self.change.rule(), Rule::TableMissing | Rule::ColumnMissing)
            && self.object().contains(&fingerprint.object)
    }

    /// Whether both have the same rule and object.
    pub fn is_same_finding(&self, other: &Self) -> bool {
        self.change.rule() == other.change.rule() && self.object() == other.object()
    }
}
