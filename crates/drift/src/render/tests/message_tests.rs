//! Every finding, and every error of this crate; see `docs/messages.md`.

use std::collections::{BTreeMap, BTreeSet};

use test_messages::{assert_section, prose, samples};

use super::{
    every_change::every_change,
    variations::{name, types, variations},
    *,
};
use crate::{
    change::ChangeDiscriminants,
    commands::Commands,
    consequence::Consequence,
    difference::CauseDiscriminants,
    error::{Error, ErrorDiscriminants},
    exceptions::{Stale, StaleDiscriminants},
    file_error::{InputFileError, InputFileErrorDiscriminants},
    fingerprint::Fingerprint,
    render::message,
};

const DIALECTS: [Dialect; 4] = [Dialect::Postgres, Dialect::MySql, Dialect::MariaDb, Dialect::Sqlite];

/// The consequences that the page of a rule lists.
fn listed(rule: Rule) -> BTreeSet<Consequence> {
    let section = rule.doc().section("What breaks").unwrap_or_default();
    let named = section.lines().filter_map(|line| line.strip_prefix("- **")?.split("**").next());
    named
        .map(|name| match name {
            "reads fail" => Consequence::ReadsFail,
            "writes fail" => Consequence::WritesFail,
            "integrity is lost" => Consequence::IntegrityLost,
            "a constraint is lost" => Consequence::ConstraintLost,
            "reads may fail" => Consequence::ReadsMayFail,
            "writes may fail" => Consequence::WritesMayFail,
            "values change" => Consequence::ValuesChange,
            "slower" => Consequence::Slower,
            "nothing" => Consequence::Nothing,
            other => panic!("{rule}: {other}"),
        })
        .collect()
}

#[test]
fn every_finding_is_documented_with_every_consequence() {
    let mut all: Vec<(Change, Dialect)> = Vec::new();
    for dialect in DIALECTS {
        let changes = every_change().into_iter().chain(variations()).chain(types(dialect));
        all.extend(changes.map(|change| (change, dialect)));
    }
    let changes: Vec<Change> = all.iter().map(|(change, _)| change.clone()).collect();
    let _ = samples::<_, ChangeDiscriminants>(&changes, |_| String::new()); // that there is one of each kind

    let mut shown: BTreeMap<Rule, BTreeMap<String, String>> = BTreeMap::new();
    let mut judged: BTreeMap<Rule, BTreeSet<Consequence>> = BTreeMap::new();
    for (change, dialect) in all {
        let found = Difference::judged(TableName::unqualified("call_log"), change, dialect);
        let (rule, consequence) = (found.change.rule(), found.consequence());
        judged.entry(rule).or_default().insert(consequence);
        let help = message::advice(&found, &Commands::default()).map(|help| format!("\n  help: {help}"));
        let severity = found.severity();
        let text = format!(
            "{severity}: {}\n  {}{}",
            message::what_differs(&found),
            found.impact.reason,
            help.unwrap_or_default()
        );
        // One finding for each reason, or the sentence would be read a hundred times.
        let key = if let Change::Type { sides, .. } = &found.change {
            let without_types =
                found.impact.reason.replace(&sides.declared.to_string(), "").replace(&sides.live.to_string(), "");
            format!("{severity} {without_types}")
        } else {
            format!("{severity} {}", if text.contains("nothing breaks") { &text } else { &found.impact.reason })
        };
        shown.entry(rule).or_default().entry(key).or_insert(text);
    }
    let differing: Vec<_> = judged.iter().filter(|(rule, found)| **found != listed(**rule)).collect();
    let pages: Vec<_> = differing.iter().map(|(rule, _)| (**rule, listed(**rule))).collect();
    assert!(
        differing.is_empty(),
        "pages list what no finding of them breaks, or not all: {differing:#?} and {pages:#?}"
    );
    let text = shown.into_iter().map(|(rule, findings)| {
        let findings = findings.into_values().collect::<Vec<_>>().join("\n");
        format!("[{rule}]\n    {}\n", findings.replace('\n', "\n    "))
    });
    assert_section(
        "checking: findings",
        "Each kind of finding, with each of its reasons once.",
        &text.collect::<String>(),
    );
}

#[test]
fn every_cause_is_documented() {
    let m = || name("m20260102_030405_add_note");
    let causes = [
        Cause::PendingMigration(m()),
        Cause::AppliedMigration(m()),
        Cause::Preexisting(m()),
        Cause::NoMigration,
        Cause::OtherVersion(vec![m()]),
    ];
    let ty = |text| column_type(text, Dialect::Postgres);
    let retyped =
        Change::Type { column: name("duration"), sides: Sides { declared: ty("integer"), live: ty("bigint") } };
    let text = samples::<_, CauseDiscriminants>(&causes, |cause| {
        let found = |change: &Change| Difference { cause: Some(cause.clone()), ..difference(change.clone()) };
        let one = message::advice(&found(&retyped), &Commands::default());
        let several = message::advice_about_columns(&found(&missing("note")), &Commands::default());
        one.into_iter().chain(several).map(|help| format!("help: {help}")).collect::<Vec<_>>().join("\n")
    });
    assert_section("checking: what to do", "A column of another type, and several missing columns.", &text);
}

#[test]
fn every_error_is_documented() {
    let errors = [
        Error::NoEntities,
        Error::UnsupportedBackend(name("mssql")),
        Error::Catalogue { source: sea_orm::DbErr::Custom(name("permission denied")) },
    ];
    let io = || std::io::ErrorKind::PermissionDenied.into();
    let files = [
        InputFileError::UnknownRule { rule: name("column-mising") },
        InputFileError::BlankObject,
        InputFileError::BlankReason,
        InputFileError::NotADate,
        InputFileError::ConsequenceMismatch { rule: Rule::DefaultUnchecked },
        InputFileError::ConsequenceMismatch { rule: Rule::ColumnMissing },
        InputFileError::BaselineVersion(2),
        InputFileError::UnsupportedRecordVersion(2),
        InputFileError::EmptyRecord,
        InputFileError::RecordDiffersByDatabase,
        InputFileError::OtherProject,
        InputFileError::NotABaseline,
        InputFileError::Syntax(name("unknown field `expire`, expected one of `rule`, `object`")),
        InputFileError::Unreadable(io()),
        InputFileError::Unwritable(io()),
    ];
    let exception = || Exception::allow("column-missing", "call_log.note", "as agreed").unwrap();
    let stale = [
        Stale::Unmatched(exception()),
        Stale::Overruled(exception()),
        Stale::Expired(exception()),
        Stale::Settled(Fingerprint {
            rule: Rule::ColumnMissing,
            object: name("call_log.note"),
            consequence: Some(Consequence::ReadsFail),
        }),
    ];
    let text = samples::<_, ErrorDiscriminants>(&errors, ToString::to_string)
        + &samples::<_, InputFileErrorDiscriminants>(&files, ToString::to_string)
        + &samples::<_, StaleDiscriminants>(&stale, ToString::to_string);
    assert_section("checking: errors", "Why nothing was compared, wrong files, and what no longer applies.", &text);
}

#[test]
fn the_sentences_of_the_sources_are_documented() {
    let parts = [
        "compare",
        "entities.rs",
        "exceptions/mod.rs",
        "render/github.rs",
        "render/junit.rs",
        "render/markdown.rs",
        "render/summary.rs",
        "render/suppression.rs",
        "render/text.rs",
        "repair",
        "report.rs",
    ];
    let text = parts.map(|part| prose(&format!("crates/drift/src/{part}")));
    let about = "Summaries, open questions, remarks on repairs. `{...}` is a value.";
    assert_section("checking: other sentences", about, &text.concat());
}
