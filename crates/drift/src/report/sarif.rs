//! For code scanning: SARIF 2.1.0, as far as a schema check has something to say in it.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; what GitHub reads of it:
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>.

use std::io;

use serde::Serialize;

use super::{Compared, Report, decided, wording};
use crate::{
    consequence::{Consequence, Severity},
    decision::Decision,
    difference::{Difference, Unchecked},
    rule::{Page, RULES},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation; 1],
    results: Vec<Finding<'a>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Properties<'a> {
    target: Option<&'a str>,
    compared: Compared,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
    tool_configuration_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints,
    suppressions: Vec<Suppression<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Judgement>,
}

/// An empty list says that it counts; no list would say that nobody knows (3.27.23).
#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
struct Judgement {
    consequence: Consequence,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation<'a> {
    uri: &'a str,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

/// GitHub knows a finding again by the first; without it, it would go by the text of the line, which is the same for all.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints {
    primary_location_line_hash: String,
    #[serde(rename = "ruleAndObject/v1")]
    rule_and_object: String,
}

impl Report {
    /// Writes the report in SARIF 2.1.0. `source` is the file that declares the entities, as a URI relative to the root of
    /// the repository: code scanning shows nothing that is not in a file.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_sarif(&self, source: &str, sink: &mut dyn io::Write) -> io::Result<()> {
        let differences = self.differences.iter().map(|difference| self.finding(difference, source));
        let unchecked = self.unchecked.iter().map(|open| open_finding(open, source));
        let notes = self.notes.iter().map(|note| notification(note));
        let stale = self.stale.iter().map(|stale| notification(&stale.to_string()));
        let run = Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    rules: Page::all().map(rule).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: notes.collect(),
                tool_configuration_notifications: stale.collect(),
            }],
            results: differences.chain(unchecked).collect(),
            properties: Properties { target: self.target.as_deref(), compared: self.compared },
        };
        let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
        serde_json::to_writer_pretty(&mut *sink, &log)?;
        writeln!(sink)
    }

    fn finding<'a>(&self, difference: &'a Difference, source: &'a str) -> Finding<'a> {
        let rule = difference.change.rule();
        let object = difference.object();
        let kind = match difference.change.column() {
            Some(_) => "column",
            None if object == difference.table.to_string() => "table",
            None => "index",
        };
        Finding {
            rule_id: rule,
            rule_index: index(rule),
            kind: "fail",
            level: level(difference.severity()),
            message: message(&wording::lines(difference, self.dialect)),
            partial_fingerprints: fingerprints(rule, &object),
            locations: [location(source, object, kind)],
            suppressions: suppressions(&difference.decision),
            properties: Some(Judgement { consequence: difference.consequence }),
        }
    }
}

/// A rule that could not be decided: what is not a failure has no level, and is one only if an exception says so.
fn open_finding<'a>(open: &'a Unchecked, source: &'a str) -> Finding<'a> {
    let object = open.object();
    let (kind, level) = match open.severity().filter(|_| !open.decision.is_accepted()) {
        Some(severity) => ("fail", level(severity)),
        None => ("open", "none"),
    };
    Finding {
        rule_id: open.rule,
        rule_index: index(open.rule),
        kind,
        level,
        message: message(&format!("`{object}`: {}", wording::open_lines(open))),
        partial_fingerprints: fingerprints(open.rule, &object),
        locations: [location(source, object, if open.column.is_some() { "column" } else { "table" })],
        suppressions: suppressions(&open.decision),
        properties: None,
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn suppressions(decision: &Decision) -> Vec<Suppression<'_>> {
    let justification = decided::justification(decision);
    justification.map(|justification| Suppression { kind: "external", justification }).into_iter().collect()
}

fn notification(text: &str) -> Notification {
    Notification { level: "note", message: message(text) }
}

fn rule(page: Page) -> Rule {
    Rule {
        id: page.rule,
        short_description: message(&page.summary()),
        full_description: message(&page.section("What breaks").unwrap_or_default()),
        help: Help { text: page.text, markdown: page.text },
    }
}

fn index(rule: &str) -> usize {
    RULES.iter().position(|name| *name == rule).expect("every finding is of one of the rules")
}

/// Braces stand for arguments unless they are doubled (3.11.5).
fn message(text: &str) -> Message {
    Message { text: text.replace('{', "{{").replace('}', "}}") }
}

fn fingerprints(rule: &str, object: &str) -> Fingerprints {
    let finding = format!("{rule} {object}");
    Fingerprints { primary_location_line_hash: finding.clone(), rule_and_object: finding }
}

fn location<'a>(source: &'a str, object: String, kind: &'static str) -> Location<'a> {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: source, uri_base_id: "%SRCROOT%" },
            region: Region { start_line: 1 },
        },
        logical_locations: [LogicalLocation { fully_qualified_name: object, kind }],
    }
}
