//! For programs. The format is versioned: version 1 may gain fields, and never changes or loses one.
//! `schema/report.schema.json` is its JSON Schema.

use std::io;

use serde::Serialize;

use super::{message, suppression::SuppressionFields};
use crate::{
    commands::Commands,
    consequence::{Consequence, Severity},
    difference::{Cause, Difference, Unchecked},
    evidence::Evidence,
    exceptions::Stale,
    model::Dialect,
    repair::Repair,
    report::{Compared, Report},
    rule::Rule,
};

/// A report of sea-orm-drift, version 1, as `call-log check --format json` prints it. Version 1 may gain properties, and
/// never changes or loses one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "Report of sea-orm-drift, version 1"))]
pub(super) struct Document<'a> {
    #[cfg_attr(test, schemars(extend("const" = 1)))]
    version: u32,
    /// The kind of database.
    dialect: Dialect,
    /// The database's name, without a password.
    target: Option<&'a str>,
    /// Whether the database has everything as declared, its extras break nothing, and nothing is unchecked. Accepted
    /// findings do not count.
    in_sync: bool,
    compared: Compared,
    /// Worst first, then in the order of the entities and their columns.
    differences: Vec<JsonDifference<'a>>,
    /// What could not be checked.
    unchecked: Vec<JsonUnchecked<'a>>,
    /// Exceptions and baseline entries that no longer apply; they never fail a check.
    stale: Vec<JsonStale<'a>>,
    /// Other things worth knowing.
    notes: &'a [String],
}

/// A difference between the entities and the database.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend(
    "if" = { "properties": { "cause": { "enum": ["no-migration", null] } } },
    "then" = { "properties": { "migration": { "type": "null" } } },
    "else" = { "properties": { "migration": { "type": "string" } } },
)))]
struct JsonDifference<'a> {
    #[cfg_attr(test, schemars(extend("not" = { "pattern": "-unchecked$" })))]
    rule: Rule,
    severity: Severity,
    consequence: Consequence,
    table: String,
    /// The column, if it is about one.
    column: Option<String>,
    /// `call_log`, `call_log.status`, `call_log (call_sid)`: with the rule, it identifies the difference.
    object: String,
    /// How the two sides differ.
    message: String,
    /// What it breaks.
    effect: &'a str,
    /// What to do.
    help: Option<String>,
    /// Why it exists, if the migrations are known.
    cause: Option<JsonCause>,
    /// The migration that fixes it, or those of another version that may have made it.
    migration: Option<String>,
    #[serde(flatten)]
    suppression: SuppressionFields<'a>,
    /// What the rows say about it, if they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<&'a Evidence>,
    /// How to repair it without removing anything.
    repair: Option<JsonRepair>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum JsonCause {
    PendingMigration,
    AppliedMigration,
    Preexisting,
    OtherVersion,
    NoMigration,
}

/// Statements that repair a difference. None has been executed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonRepair {
    /// In order, without semicolons, in the SQL of the compared database.
    #[cfg_attr(test, schemars(length(min = 1)))]
    sql: Vec<String>,
    /// The same as the body of `up` in a `MigrationTrait` of sea-orm-migration 2.0.
    code: String,
    /// What to know before running it.
    remarks: Vec<String>,
}

/// Something that could not be checked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonUnchecked<'a> {
    #[cfg_attr(test, schemars(extend("pattern" = "-unchecked$")))]
    rule: Rule,
    /// If an exception or the baseline sets it.
    severity: Option<Severity>,
    table: String,
    /// The column, if it is about one.
    column: Option<&'a str>,
    /// `call_log`, `call_log.status`.
    object: String,
    /// The open question.
    why: &'a str,
    #[serde(flatten)]
    suppression: SuppressionFields<'a>,
}

/// An exception or a baseline entry that no longer applies.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonStale<'a> {
    #[cfg_attr(test, schemars(extend("enum" = ["unmatched", "overruled", "expired", "settled"])))]
    kind: &'static str,
    /// The rule, as the exception or the baseline has it.
    rule: &'a str,
    /// The object, as the exception or the baseline has it.
    object: &'a str,
    /// The whole sentence.
    message: String,
}

impl Report {
    /// Writes the report as one JSON document, followed by a newline.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_json(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        let document = Document {
            version: 1,
            dialect: self.dialect,
            target: self.target.as_deref(),
            in_sync: self.is_in_sync(),
            compared: self.compared,
            differences: self
                .differences
                .iter()
                .map(|difference| json_difference(difference, &self.commands))
                .collect(),
            unchecked: self.unchecked.iter().map(json_unchecked).collect(),
            stale: self.stale.iter().map(stale).collect(),
            notes: &self.notes,
        };
        serde_json::to_writer_pretty(&mut *sink, &document)?;
        writeln!(sink)
    }
}

fn json_unchecked(unchecked: &Unchecked) -> JsonUnchecked<'_> {
    JsonUnchecked {
        rule: unchecked.rule,
        severity: unchecked.severity(),
        table: unchecked.table.to_string(),
        column: unchecked.column.as_deref(),
        object: unchecked.object().to_string(),
        why: &unchecked.question,
        suppression: SuppressionFields::from(&unchecked.suppression),
    }
}

fn stale(stale: &Stale) -> JsonStale<'_> {
    JsonStale { kind: stale.kind(), rule: stale.rule(), object: stale.object(), message: stale.to_string() }
}

fn json_difference<'a>(difference: &'a Difference, commands: &Commands) -> JsonDifference<'a> {
    let (cause, migration) = match &difference.cause {
        None => (None, None),
        Some(Cause::NoMigration) => (Some(JsonCause::NoMigration), None),
        Some(Cause::PendingMigration(name)) => (Some(JsonCause::PendingMigration), Some(name.clone())),
        Some(Cause::Preexisting(name)) => (Some(JsonCause::Preexisting), Some(name.clone())),
        Some(Cause::AppliedMigration(name)) => (Some(JsonCause::AppliedMigration), Some(name.clone())),
        Some(Cause::OtherVersion(names)) => (Some(JsonCause::OtherVersion), Some(names.join(", "))),
    };
    JsonDifference {
        rule: difference.change.rule(),
        severity: difference.severity(),
        consequence: difference.consequence(),
        table: difference.table.to_string(),
        column: difference.change.column().map(str::to_owned),
        object: difference.object().to_string(),
        message: message::what_differs(difference),
        effect: &difference.impact.reason,
        help: message::advice(difference, commands),
        cause,
        migration,
        suppression: SuppressionFields::from(&difference.suppression),
        rows: difference.rows.as_ref(),
        repair: difference.repair().cloned().map(|Repair { sql, code, remarks, .. }| JsonRepair { sql, code, remarks }),
    }
}
