//! For programs. The form is versioned: fields may be added to version 1, none is changed or removed.
//! `drift/schema/report.schema.json` is its JSON Schema.

use std::io;

use serde::Serialize;

use super::{Compared, Report, decided::Decided, wording};
use crate::{
    consequence::{Consequence, Severity},
    difference::{Cause, Difference, Unchecked},
    exceptions::Stale,
    model::Dialect,
    repair::Repair,
};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    dialect: Dialect,
    target: Option<&'a str>,
    in_sync: bool,
    compared: Compared,
    differences: Vec<Finding<'a>>,
    unchecked: Vec<Open<'a>>,
    stale: Vec<OfNoUse<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: Severity,
    consequence: Consequence,
    table: String,
    column: Option<String>,
    object: String,
    message: String,
    effect: String,
    help: Option<String>,
    cause: Option<&'static str>,
    migration: Option<String>,
    #[serde(flatten)]
    decided: Decided<'a>,
    repair: Option<Steps>,
}

#[derive(Serialize)]
struct Steps {
    sql: Vec<String>,
    code: String,
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct Open<'a> {
    rule: &'static str,
    severity: Option<Severity>,
    table: String,
    column: Option<&'a str>,
    object: String,
    why: &'a str,
    #[serde(flatten)]
    decided: Decided<'a>,
}

#[derive(Serialize)]
struct OfNoUse<'a> {
    kind: &'static str,
    rule: &'a str,
    object: &'a str,
    message: String,
}

impl Report {
    /// Writes the report as one JSON document, with a newline behind it.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_json(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        let document = Document {
            version: 1,
            dialect: self.dialect,
            target: self.target.as_deref(),
            in_sync: self.is_in_sync(),
            compared: self.compared,
            differences: self.differences.iter().map(|difference| finding(difference, self.dialect)).collect(),
            unchecked: self.unchecked.iter().map(open).collect(),
            stale: self.stale.iter().map(of_no_use).collect(),
            notes: &self.notes,
        };
        serde_json::to_writer_pretty(&mut *sink, &document)?;
        writeln!(sink)
    }
}

fn open(open: &Unchecked) -> Open<'_> {
    Open {
        rule: open.rule,
        severity: open.severity(),
        table: open.table.to_string(),
        column: open.column.as_deref(),
        object: open.object(),
        why: &open.why,
        decided: Decided::from(&open.decision),
    }
}

fn of_no_use(stale: &Stale) -> OfNoUse<'_> {
    OfNoUse { kind: stale.kind(), rule: stale.rule(), object: stale.object(), message: stale.to_string() }
}

fn finding(difference: &Difference, dialect: Dialect) -> Finding<'_> {
    let (cause, migration) = match &difference.cause {
        None => (None, None),
        Some(Cause::NoMigration) => (Some("no-migration"), None),
        Some(Cause::PendingMigration(name)) => (Some("pending-migration"), Some(name.clone())),
        Some(Cause::WasThere(name)) => (Some("was-there"), Some(name.clone())),
        Some(Cause::AppliedMigration(name)) => (Some("applied-migration"), Some(name.clone())),
        Some(Cause::OtherVersion(names)) => (Some("other-version"), Some(names.join(", "))),
    };
    Finding {
        rule: difference.change.rule(),
        severity: difference.severity(),
        consequence: difference.consequence,
        table: difference.table.to_string(),
        column: difference.change.column().map(str::to_owned),
        object: difference.object(),
        message: wording::what(difference),
        effect: wording::effect(difference, dialect),
        help: wording::help(difference),
        cause,
        migration,
        decided: Decided::from(&difference.decision),
        repair: difference.repair().cloned().map(|Repair { sql, code, remarks }| Steps { sql, code, remarks }),
    }
}
