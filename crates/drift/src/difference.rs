//! A disagreement between the entities and the database, and all that is known about it.

use crate::{
    change::Change,
    consequence::{Consequence, Severity, consequence},
    decision::Decision,
    finding::Finding,
    model::{Dialect, Sides, TableName},
    repair::{Place, Repair, repair},
};

/// One disagreement, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The table, as the entity names it.
    pub table: TableName,
    /// What is not the same.
    pub change: Change,
    /// What a program that uses the entity will feel.
    pub consequence: Consequence,
    /// Why it is so, where the history of the schema is known.
    pub cause: Option<Cause>,
    /// What was decided about it beforehand.
    pub decision: Decision,
    /// How it is repaired by adding, whatever caused it.
    pub(crate) repair: Option<Repair>,
}

/// Why a difference is there, as far as the history of the schema tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A migration that is not yet applied settles it.
    PendingMigration(String),
    /// A migration that is recorded as applied should have settled it: somebody changed the database by hand, or the
    /// migration passed over what was there.
    AppliedMigration(String),
    /// A pending migration makes it as declared where it adds the table or column itself; this one was there before, and
    /// is passed over.
    WasThere(String),
    /// No migration settles it.
    NoMigration,
    /// Migrations are on record as applied that this program does not know, named here: it may come from them. Run the
    /// version of the program that knows them.
    OtherVersion(Vec<String>),
}

/// Something that could not be judged, and is not thereby right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// Its kind, one of [`RULES`](crate::RULES).
    pub rule: &'static str,
    /// The table, as the entity names it.
    pub table: TableName,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is left open.
    pub why: String,
    /// What was decided about it beforehand.
    pub decision: Decision,
}

impl Unchecked {
    /// How loud it is, where an exception or a baseline says so; by itself it is neither right nor wrong.
    pub fn severity(&self) -> Option<Severity> {
        self.decision.severity()
    }

    /// What it is about: `call_log`, `call_log.status`.
    pub fn object(&self) -> String {
        match &self.column {
            Some(column) => format!("{}.{column}", self.table),
            None => self.table.to_string(),
        }
    }

    /// Its name.
    pub fn finding(&self) -> Finding {
        Finding { rule: self.rule, object: self.object(), consequence: None }
    }
}

impl Difference {
    pub(crate) fn judged(table: TableName, change: Change, dialect: Dialect) -> Self {
        let consequence = consequence(&change, dialect);
        Self { table, change, consequence, cause: None, decision: Decision::default(), repair: None }
    }

    pub(crate) fn repaired(self, place: Place<'_>) -> Self {
        Self { repair: repair(&self.change, place), ..self }
    }

    /// What makes it go away without taking anything away; `None` where nothing does, or where something else is to be
    /// done: apply the pending migration, run the other version.
    pub fn repair(&self) -> Option<&Repair> {
        match &self.cause {
            Some(Cause::PendingMigration(_) | Cause::OtherVersion(_)) => None,
            None | Some(Cause::AppliedMigration(_) | Cause::WasThere(_) | Cause::NoMigration) => self.repair.as_ref(),
        }
    }

    /// How loud it is: by its consequence, unless an exception or a baseline says otherwise.
    pub fn severity(&self) -> Severity {
        self.decision.severity().unwrap_or_else(|| self.consequence.severity())
    }

    /// Its name.
    pub fn finding(&self) -> Finding {
        Finding { rule: self.change.rule(), object: self.object(), consequence: Some(self.consequence) }
    }

    /// What it is about: `call_log`, `call_log.status`, `call_log (call_sid)`.
    pub fn object(&self) -> String {
        let table = &self.table;
        match (&self.change.column(), &self.change) {
            (Some(column), _) => format!("{table}.{column}"),
            (
                None,
                Change::UniqueMissing { declared: index, .. }
                | Change::IndexMissing { declared: index, .. }
                | Change::IndexUnexpected { live: index, .. },
            ) => format!("{table} ({})", index.columns.join(", ")),
            (
                None,
                Change::ForeignKeyMissing { declared: key, .. }
                | Change::ForeignKey { sides: Sides { declared: key, .. } }
                | Change::ForeignKeyUnexpected { live: key, .. },
            ) => format!("{table} ({})", key.columns.join(", ")),
            (None, Change::CheckMissing { declared: check } | Change::CheckUnexpected { live: check, .. }) => {
                let names = if check.name.is_empty() { check.columns.join(", ") } else { check.name.clone() };
                format!("{table} ({names})")
            }
            (None, Change::PrivilegeMissing { columns, .. }) if !columns.is_empty() => {
                format!("{table} ({})", columns.join(", "))
            }
            _ => table.to_string(),
        }
    }

    /// Whether it hides what may be the matter with something smaller: a missing table has no columns to compare.
    pub(crate) fn takes_away(&self, finding: &Finding) -> bool {
        let beyond = finding.object.strip_prefix(&self.object());
        match self.change.rule() {
            "table-missing" => beyond.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' '])),
            "column-missing" => beyond == Some(""),
            _ => false,
        }
    }

    /// Whether both are about the same thing in the same way, however each side looks exactly.
    pub fn is_same_finding(&self, other: &Self) -> bool {
        self.change.rule() == other.change.rule() && self.object() == other.object()
    }
}
