//! For code scanning: SARIF 2.1.0.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; what GitHub reads of it:
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>.

use std::io;

use serde::Serialize;

use super::{message, suppression};
use crate::{
    consequence::{Consequence, Severity},
    difference::{Difference, Unchecked},
    model::Object,
    report::{Compared, Report},
    rule::{Rule, RuleDoc},
    suppression::Suppression,
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
    results: Vec<SarifResult<'a>>,
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
    rules: Vec<SarifRule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
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
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints,
    suppressions: Vec<Justification<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Judgement>,
}

/// An empty list means that it is not suppressed; no list would mean unknown (3.27.23).
#[derive(Serialize)]
struct Justification<'a> {
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

/// GitHub recognises a finding by the first; without it, by the text of the line, which is the same for all.
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
    /// Those of `sink`.
    pub fn write_sarif(&self, source: &str, sink: &mut dyn io::Write) -> io::Result<()> {
        let differences = self.differences.iter().map(|difference| self.finding(difference, source));
        let unchecked = self.unchecked.iter().map(|unchecked| unchecked_result(unchecked, source));
        let notes = self.notes.iter().map(|note| notification(note));
        let stale = self.stale.iter().map(|stale| notification(&stale.to_string()));
        let run = Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    rules: RuleDoc::all().map(sarif_rule).collect(),
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

    fn finding<'a>(&self, difference: &'a Difference, source: &'a str) -> SarifResult<'a> {
        let (rule, object) = (difference.change.rule(), difference.object());
        SarifResult {
            rule_id: rule.name(),
            rule_index: index(rule),
            kind: "fail",
            level: level(difference.severity()),
            message: text(&message::lines(difference, &self.commands)),
            partial_fingerprints: fingerprints(rule, &object),
            locations: [location(source, &object)],
            suppressions: suppressions(&difference.suppression),
            properties: Some(Judgement { consequence: difference.consequence() }),
        }
    }
}

/// A rule that could not be evaluated: it has no level, unless an exception makes it a failure.
fn unchecked_result<'a>(unchecked: &'a Unchecked, source: &'a str) -> SarifResult<'a> {
    let object = unchecked.object();
    let (kind, level) = match unchecked.severity().filter(|_| !unchecked.suppression.is_accepted()) {
        Some(severity) => ("fail", level(severity)),
        None => ("open", "none"),
    };
    SarifResult {
        rule_id: unchecked.rule.name(),
        rule_index: index(unchecked.rule),
        kind,
        level,
        message: text(&format!("`{object}`: {}", message::unchecked_lines(unchecked))),
        partial_fingerprints: fingerprints(unchecked.rule, &object),
        locations: [location(source, &object)],
        suppressions: suppressions(&unchecked.suppression),
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

fn suppressions(suppression: &Suppression) -> Vec<Justification<'_>> {
    let justification = suppression::justification(suppression);
    justification.map(|justification| Justification { kind: "external", justification }).into_iter().collect()
}

fn notification(text: &str) -> Notification {
    Notification { level: "note", message: self::text(text) }
}

fn sarif_rule(page: RuleDoc) -> SarifRule {
    SarifRule {
        id: page.rule.name(),
        short_description: text(&page.summary()),
        full_description: text(&page.section("What breaks").unwrap_or_default()),
        help: Help { text: page.text, markdown: page.text },
    }
}

fn index(rule: Rule) -> usize {
    Rule::ALL.iter().position(|known| *known == rule).expect("`Rule::ALL` has all of them")
}

/// Braces stand for arguments unless they are doubled (3.11.5).
fn text(text: &str) -> Message {
    Message { text: text.replace('{', "{{").replace('}', "}}") }
}

fn fingerprints(rule: Rule, object: &Object) -> Fingerprints {
    let finding = format!("{rule} {object}");
    Fingerprints { primary_location_line_hash: finding.clone(), rule_and_object: finding }
}

fn location<'a>(source: &'a str, object: &Object) -> Location<'a> {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: source, uri_base_id: "%SRCROOT%" },
            region: Region { start_line: 1 },
        },
        logical_locations: [LogicalLocation { fully_qualified_name: object.to_string(), kind: object.part.kind() }],
    }
}
