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
    properties: RunProperties<'a>,
}

#[derive(Serialize)]
struct RunProperties<'a> {
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
    /// An empty list means that it is not suppressed; no list would mean that this is unknown (3.27.23).
    suppressions: Vec<SarifSuppression<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<ResultProperties>,
}

#[derive(Serialize)]
struct SarifSuppression<'a> {
    kind: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
struct ResultProperties {
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

/// GitHub tracks alerts by `primaryLocationLineHash`. Without it, GitHub hashes the text of the line, which is the same for every
/// result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints {
    primary_location_line_hash: String,
    #[serde(rename = "ruleAndObject/v1")]
    rule_and_object: String,
}

impl Report {
    /// Writes the report in SARIF 2.1.0. `source` is the file that declares the entities, as a URI relative to the root of
    /// the repository, because GitHub shows only results that are in a file.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_sarif(&self, source: &str, sink: &mut dyn io::Write) -> io::Result<()> {
        let differences = self.differences.iter().map(|difference| self.difference_result(difference, source));
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
            properties: RunProperties { target: self.target.as_deref(), compared: self.compared },
        };
        let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
        serde_json::to_writer_pretty(&mut *sink, &log)?;
        writeln!(sink)
    }

    fn difference_result<'a>(&self, difference: &'a Difference, source: &'a str) -> SarifResult<'a> {
        let (rule, object) = (difference.change.rule(), difference.object());
        SarifResult {
            rule_id: rule.name(),
            rule_index: rule_index_of(rule),
            kind: "fail",
            level: level(difference.severity()),
            message: escaped(&message::lines(difference, &self.commands)),
            partial_fingerprints: fingerprints(rule, &object),
            locations: [location(source, &object)],
            suppressions: suppressions(&difference.suppression),
            properties: Some(ResultProperties { consequence: difference.consequence() }),
        }
    }
}

/// A rule that could not be evaluated. Its level is `none`, unless an exception gives it a severity.
fn unchecked_result<'a>(unchecked: &'a Unchecked, source: &'a str) -> SarifResult<'a> {
    let object = unchecked.object();
    let (kind, level) = match unchecked.severity().filter(|_| !unchecked.suppression.is_accepted()) {
        Some(severity) => ("fail", level(severity)),
        None => ("open", "none"),
    };
    SarifResult {
        rule_id: unchecked.rule.name(),
        rule_index: rule_index_of(unchecked.rule),
        kind,
        level,
        message: escaped(&format!("`{object}`: {}", message::unchecked_lines(unchecked))),
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

fn suppressions(suppression: &Suppression) -> Vec<SarifSuppression<'_>> {
    let justification = suppression::justification(suppression);
    justification.map(|justification| SarifSuppression { kind: "external", justification }).into_iter().collect()
}

fn notification(text: &str) -> Notification {
    Notification { level: "note", message: escaped(text) }
}

fn sarif_rule(doc: RuleDoc) -> SarifRule {
    SarifRule {
        id: doc.rule.name(),
        short_description: escaped(&doc.summary()),
        full_description: escaped(&doc.section("What breaks").unwrap_or_default()),
        help: Help { text: doc.text, markdown: doc.text },
    }
}

fn rule_index_of(rule: Rule) -> usize {
    Rule::ALL.iter().position(|known| *known == rule).expect("`Rule::ALL` lists every rule")
}

/// Braces stand for arguments unless they are doubled (3.11.5).
fn escaped(text: &str) -> Message {
    Message { text: text.replace('{', "{{").replace('}', "}}") }
}

fn fingerprints(rule: Rule, object: &Object) -> Fingerprints {
    let identity = format!("{rule} {object}");
    Fingerprints { primary_location_line_hash: identity.clone(), rule_and_object: identity }
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
