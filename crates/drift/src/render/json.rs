//! For programs. The format is versioned: version 1 may gain fields, and never changes or loses one.
//! `schema/report.schema.json` is its JSON Schema.

use std::io;

use serde::Serialize;

use super::{message, suppression::SuppressionFields};
use crate::{
    difference::{Cause, Difference, Unchecked},
    exceptions::Stale,
    impact::{Consequence, Severity},
    model::Dialect,
    repair::Repair,
    report::{Compared, Report},
    rule::Rule,
};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    dialect: Dialect,
    target: Option<&'a str>,
    in_sync: bool,
    compared: Compared,
    differences: Vec<JsonDifference<'a>>,
    unchecked: Vec<JsonUnchecked<'a>>,
    stale: Vec<JsonStale<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct JsonDifference<'a> {
    rule: Rule,
    severity: Severity,
    consequence: Consequence,
    table: String,
    column: Option<String>,
    object: String,
    message: String,
    effect: &'a str,
    help: Option<String>,
    cause: Option<&'static str>,
    migration: Option<String>,
    #[serde(flatten)]
    suppression: SuppressionFields<'a>,
    repair: Option<JsonRepair>,
}

#[derive(Serialize)]
struct JsonRepair {
    sql: Vec<String>,
    code: String,
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct JsonUnchecked<'a> {
    rule: Rule,
    severity: Option<Severity>,
    table: String,
    column: Option<&'a str>,
    object: String,
    why: &'a str,
    #[serde(flatten)]
    suppression: SuppressionFields<'a>,
}

#[derive(Serialize)]
struct JsonStale<'a> {
    kind: &'static str,
    rule: &'a str,
    object: &'a str,
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
            differences: self.differences.iter().map(difference).collect(),
            unchecked: self.unchecked.iter().map(unchecked).collect(),
            stale: self.stale.iter().map(stale).collect(),
            notes: &self.notes,
        };
        serde_json::to_writer_pretty(&mut *sink, &document)?;
        writeln!(sink)
    }
}

fn unchecked(open: &Unchecked) -> JsonUnchecked<'_> {
    JsonUnchecked {
        rule: open.rule,
        severity: open.severity(),
        table: open.table.to_string(),
        column: open.column.as_deref(),
        object: open.object().to_string(),
        why: &open.question,
        suppression: SuppressionFields::from(&open.suppression),
    }
}

fn stale(stale: &Stale) -> JsonStale<'_> {
    JsonStale { kind: stale.kind(), rule: stale.rule(), object: stale.object(), message: stale.to_string() }
}

fn difference(difference: &Difference) -> JsonDifference<'_> {
    let (cause, migration) = match &difference.cause {
        None => (None, None),
        Some(Cause::NoMigration) => (Some("no-migration"), None),
        Some(Cause::PendingMigration(name)) => (Some("pending-migration"), Some(name.clone())),
        Some(Cause::Preexisting(name)) => (Some("preexisting"), Some(name.clone())),
        Some(Cause::AppliedMigration(name)) => (Some("applied-migration"), Some(name.clone())),
        Some(Cause::OtherVersion(names)) => (Some("other-version"), Some(names.join(", "))),
    };
    JsonDifference {
        rule: difference.change.rule(),
        severity: difference.severity(),
        consequence: difference.consequence(),
        table: difference.table.to_string(),
        column: difference.change.column().map(str::to_owned),
        object: difference.object().to_string(),
        message: message::difference(difference),
        effect: &difference.impact.reason,
        help: message::advice(difference),
        cause,
        migration,
        suppression: SuppressionFields::from(&difference.suppression),
        repair: difference.repair().cloned().map(|Repair { sql, code, remarks, .. }| JsonRepair { sql, code, remarks }),
    }
}
