//! The forms of a report: each is what its readers expect, tells the same, and changes no exit code.

use std::{collections::BTreeSet, fs};

use insta::assert_snapshot;
use jsonschema::Validator;
use quick_junit::TestCaseStatus;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_drift::Rule;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    cargo::workspace,
    growth::without_growth,
    program::{Run, call_log, call_log_in, call_log_with, lines_beginning},
};
use crate::servers::{Database, Server::Postgres};

const BEFORE: &str = include_str!("../fixtures/legacy/call_log_before_51.sql");
const FORMATS: [&str; 5] = ["text", "json", "github", "junit", "sarif"];

/// The database of the incident: an error for each column that it lacks, six warnings, four additions that break nothing.
async fn legacy() -> Option<Database> {
    let database = Postgres.empty_database().await?;
    database.connect().await.execute_unprepared(BEFORE).await.unwrap();
    Some(database)
}

fn validator(schema: &str) -> Validator {
    let schema = fs::read_to_string(workspace().join(schema)).unwrap();
    // The schema of SARIF has a bracket too many in a pattern.
    jsonschema::validator_for(&serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap()).unwrap()
}

fn valid(document: &str, schema: &str) -> Value {
    let document = serde_json::from_str(document).unwrap();
    validator(schema).validate(&document).unwrap();
    document
}

#[tokio::test]
async fn every_format_tells_the_same_of_a_legacy_database() {
    let Some(database) = legacy().await else { return };
    let check = |format: &str| {
        let run = call_log(&["check", "-v", "--format", format], &database.url);
        assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{format}");
        run.stdout
    };

    let json = valid(&check("json"), "crates/drift/schema/report.schema.json");
    let differences = json["differences"].as_array().unwrap();
    let findings: Vec<String> = differences.iter().map(finding).collect();
    let is_error = |difference: &&Value| difference["severity"] == "error";
    let errors = differences.iter().filter(is_error).count();
    assert!(errors >= 12 && findings.len() == errors + 6 + 4, "{findings:?}");

    let text = check("text");
    let told = ["error[", "warning[", "info["].map(|severity| lines_beginning(&text, severity).len());
    // The missing columns are a block for each migration that adds them.
    let adding = differences.iter().filter(is_error).map(|difference| difference["migration"].as_str().unwrap());
    let adding: BTreeSet<&str> = adding.collect();
    assert_eq!(told, [adding.len(), 6, 5]);

    let github = check("github");
    let commands: Vec<&str> = github.lines().collect();
    assert_eq!(commands.len(), 10, "GitHub shows ten: nine findings and the summary");
    for (command, finding) in commands.iter().zip(&findings).take(9) {
        let title = finding.replace(':', "%3A").replace(',', "%2C");
        assert!(command.starts_with(&format!("::error title={title}::")), "{command}");
    }
    assert!(
        without_growth(commands[9])
            .starts_with("::notice title=schema check::N differences (N errors, 6 warnings, 5 info): ")
    );
    let not_shown = format!("%0A{} findings not shown as annotations%0Apending: ", findings.len() + 1 - 9);
    assert!(commands[9].contains(&not_shown), "{}", commands[9]);

    let open = json["unchecked"].as_array().unwrap().iter().map(finding);
    let all: Vec<String> = findings.iter().cloned().chain(open).collect();
    assert_eq!(all.len(), findings.len() + 1, "conversation_turn refers to calls");
    let junit = quick_junit::Report::deserialize_from_str(&check("junit")).unwrap();
    let [suite] = junit.test_suites.as_slice() else { panic!("one table is compared") };
    assert_eq!(suite.test_cases.iter().map(|case| case.name.as_str()).collect::<Vec<_>>(), all);
    let statuses = suite.test_cases.iter().map(|case| match case.status {
        TestCaseStatus::NonSuccess { .. } => "failed",
        TestCaseStatus::Skipped { .. } => "skipped",
        TestCaseStatus::Success { .. } => "passed",
    });
    assert_eq!(
        statuses.collect::<Vec<_>>(),
        [vec!["failed"; errors], vec!["skipped"; 6], vec!["passed"; 4], vec!["skipped"]].concat()
    );

    let sarif = valid(&check("sarif"), "crates/drift/tests/fixtures/sarif-schema-2.1.0.json");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let known = results.iter().map(|result| result["partialFingerprints"]["ruleAndObject/v1"].as_str().unwrap());
    assert_eq!(known.map(|print| print.replacen(' ', ": ", 1)).collect::<Vec<_>>(), all);
    let source = sarif.pointer("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri").unwrap();
    assert!(workspace().join(source.as_str().unwrap()).is_file(), "{source}");
}

/// Rule and object of a difference in the JSON form.
fn finding(difference: &Value) -> String {
    format!("{}: {}", difference["rule"].as_str().unwrap(), difference["object"].as_str().unwrap())
}

#[tokio::test]
async fn no_format_changes_the_exit_code() {
    let Some(database) = legacy().await else { return };
    let codes = |arguments: &[&str]| {
        FORMATS.map(|format| {
            let run = call_log(&[&["check", "--format", format], arguments].concat(), &database.url);
            assert_eq!(run.stderr, "", "{format}");
            run.code
        })
    };
    assert_eq!(codes(&[]), [1; 5]);
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    assert_eq!(codes(&[]), [0; 5], "six warnings are left");
    assert_eq!(codes(&["--fail-on", "warning"]), [1; 5]);
}

#[test]
fn every_format_says_that_all_is_well() {
    for format in FORMATS {
        let run = call_log_with(&["check", "--migrations", "--format", format], &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{format}");
        assert!(run.stdout.ends_with('\n') && !run.stdout.contains('\u{1b}'), "{format}");
    }
}

#[tokio::test]
async fn github_finds_a_summary_in_its_file() {
    let Some(database) = legacy().await else { return };
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("summary.md");
    fs::write(&file, "of an earlier step\n").unwrap();
    let check = |format: &str, file: &str| -> Run {
        let settings = [("DATABASE_URL", database.url.as_str()), ("GITHUB_STEP_SUMMARY", file)];
        call_log_with(&["check", "--format", format], &settings)
    };

    let path = file.to_str().unwrap();
    let run = check("github", path);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let summary = fs::read_to_string(&file).unwrap();
    assert!(
        without_growth(&summary)
            .starts_with("of an earlier step\n### Schema check\n\nN differences (N errors, 6 warnings, 5 info): ")
    );
    let errors = |text: &str| lines_beginning(text, "| error | `column-missing` | ").len();
    assert!(errors(&summary) >= 12, "{summary}");
    assert!(summary.contains(&format!("({} errors, ", errors(&summary))), "{summary}");
    assert_eq!(lines_beginning(&summary, "| warning | `default-differs` | ").len(), 3, "{summary}");

    for format in ["text", "json", "junit", "sarif"] {
        assert_eq!(check(format, path).code, 1, "{format}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), summary, "no other format writes there");

    let unset = check("github", "");
    assert_eq!((unset.code, unset.stdout.as_str(), unset.stderr.as_str()), (1, run.stdout.as_str(), ""));
    let nowhere = check("github", "no/such/folder/summary.md");
    assert_eq!((nowhere.code, nowhere.stdout), (1, run.stdout));
    assert_eq!(
        nowhere.stderr,
        "warning: the summary cannot be added to `no/such/folder/summary.md`: No such file or directory (os error 2)\n"
    );
}

#[rstest]
#[case::nobody_asked(&[], false)]
#[case::forced(&[("CLICOLOR_FORCE", "1")], true)]
#[case::forced_and_refused(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false)]
fn colours_are_for_terminals(#[case] settings: &[(&str, &str)], #[case] is_coloured: bool) {
    let run = call_log_with(&["check", "--migrations", "-v"], settings);
    assert_eq!(run.stdout.contains("\u{1b}[34minfo[index-unexpected]\u{1b}[0m: "), is_coloured, "{}", run.stdout);
    assert_eq!(run.stdout.contains('\u{1b}'), is_coloured);
    for format in ["json", "github", "junit", "sarif"] {
        let run = call_log_with(&["check", "--migrations", "-v", "--format", format], settings);
        assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("u001b"), "{format}");
    }
}

#[test]
fn every_rule_is_explained() {
    let list = call_log_with(&["check", "explain"], &[]);
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    let listed: Vec<&str> = list.stdout.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(listed, Rule::ALL.iter().map(|rule| rule.name()).collect::<Vec<_>>());
    for rule in Rule::ALL.iter().map(|rule| rule.name()) {
        let page = call_log_with(&["check", "explain", rule], &[("GITHUB_STEP_SUMMARY", "summary.md")]);
        assert_eq!((page.code, page.stderr.as_str()), (0, ""), "{rule}");
        assert_eq!(page.stdout, fs::read_to_string(workspace().join(format!("crates/drift/docs/{rule}.md"))).unwrap());
    }
}

#[test]
fn an_unknown_rule_names_the_nearest() {
    let run = call_log_with(&["check", "explain", "colum-missing"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""));
    assert!(run.stderr.contains("a similar value exists: 'column-missing'"), "{}", run.stderr);
    let run = call_log_with(&["check", "explain", "nothing"], &[]);
    assert_eq!(run.code, 64);
    assert!(Rule::ALL.iter().all(|rule| run.stderr.contains(rule.name())), "{}", run.stderr);
}

#[rstest]
#[case::an_unknown_format(&["check", "--format", "xml"])]
#[case::a_format_of_an_explanation(&["check", "--format", "json", "explain", "column-missing"])]
#[case::two_rules(&["check", "explain", "column-missing", "type-differs"])]
fn what_makes_no_sense_is_a_usage_error(#[case] arguments: &[&str]) {
    let run = call_log_with(arguments, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{}", run.stderr);
}

#[test]
fn junit_of_a_table_in_sync_is_a_suite_that_passed() {
    let junit = call_log_with(&["check", "--migrations", "--format", "junit"], &[]).stdout;
    assert_snapshot!(without_growth(&junit), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="schema check" tests="4" skipped="0" failures="0" errors="0">
        <testsuite name="call_log" tests="4" skipped="0" errors="0" failures="0">
            <properties>
                <property name="target" value="SQLite in memory after N migrations"/>
            </properties>
            <testcase name="index-unexpected: call_log (business_id, created_at, id)" classname="call_log">
                <system-out>the index `ix_call_log_business_id_created_at_id` on `call_log (business_id, created_at, id)` is not in the entity
    nothing breaks</system-out>
            </testcase>
            <testcase name="index-unexpected: call_log (business_id, direction, created_at)" classname="call_log">
                <system-out>the index `idx_call_log_recent_outbound` on `call_log (business_id, direction, created_at)` is not in the entity
    nothing breaks</system-out>
            </testcase>
            <testcase name="index-unexpected: call_log (created_at, id)" classname="call_log">
                <system-out>the index `ix_call_log_created_at_id` on `call_log (created_at, id)` is not in the entity
    nothing breaks</system-out>
            </testcase>
            <testcase name="index-unexpected: call_log (estimated_cost_bucket, created_at)" classname="call_log">
                <system-out>the index `ix_call_log_bucket_created_at` on `call_log (estimated_cost_bucket, created_at)` is not in the entity
    nothing breaks</system-out>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[tokio::test]
async fn every_format_knows_what_is_accepted() {
    let Some(database) = legacy().await else { return };
    let folder = TempDir::new().unwrap();
    let allowed = |rule: &str| {
        format!("[[exception]]\nrule = \"{rule}\"\nobject = \"*\"\nlevel = \"allow\"\nreason = \"migrated tonight\"\n")
    };
    fs::write(folder.path().join("drift.toml"), [allowed("column-missing"), allowed("table-missing")].concat())
        .unwrap();
    let check = |format: &str, arguments: &[&str]| {
        let settings = [("DATABASE_URL", database.url.as_str())];
        call_log_in(folder.path(), &[&["check", "--format", format], arguments].concat(), &settings)
    };
    for format in FORMATS {
        let run = check(format, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{format}");
        assert!(run.stdout.contains("`table-missing` of `*` (drift.toml, line 6) matches nothing"), "{format}");
        assert_eq!(check(format, &["--fail-on", "warning"]).code, 1, "{format}");
    }

    let json = valid(&check("json", &[]).stdout, "crates/drift/schema/report.schema.json");
    let accepted = json["differences"].as_array().unwrap().iter().filter(|difference| difference["accepted"] == true);
    let accepted: Vec<String> = accepted.map(finding).collect();
    assert!(accepted.len() >= 12 && accepted.iter().all(|name| name.starts_with("column-missing: ")), "{accepted:?}");

    let [usual, verbose] = [&[][..], &["-v"]].map(|arguments| check("github", arguments).stdout);
    assert!(!usual.contains("column-missing%3A") && verbose.contains("::notice title=column-missing%3A"), "{verbose}");

    let junit = quick_junit::Report::deserialize_from_str(&check("junit", &[]).stdout).unwrap();
    let reasons = junit.test_suites[0].test_cases.iter().filter(|case| {
        matches!(&case.status, TestCaseStatus::Skipped { message: Some(message), .. } if message.as_str().contains("migrated tonight"))
    });
    assert_eq!(reasons.map(|case| case.name.as_str()).collect::<Vec<_>>(), accepted);

    let sarif = valid(&check("sarif", &[]).stdout, "crates/drift/tests/fixtures/sarif-schema-2.1.0.json");
    let suppressed = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let suppressed = suppressed.filter(|result| result["suppressions"][0]["justification"] == "migrated tonight");
    let prints = suppressed.map(|result| result["partialFingerprints"]["ruleAndObject/v1"].as_str().unwrap());
    assert_eq!(prints.map(|print| print.replacen(' ', ": ", 1)).collect::<Vec<_>>(), accepted);
}
