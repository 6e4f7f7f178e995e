use insta::assert_snapshot;
use quick_junit::{Report as Document, TestCaseStatus};
use rstest::rstest;

use super::{every_change::every_change, *};
use crate::model::{DefaultValue, Nullability, Sides, TableName};

fn junit(report: &Report, fail_on: FailOn) -> String {
    written(|sink| report.write_junit(fail_on, sink))
}

/// With a table in sync beside one that is not.
fn two_tables() -> Report {
    let mut report = report(vec![
        missing("recording_mode"),
        Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false },
    ]);
    report.explain(&[
        step("m50", MigrationState::Applied, vec![missing("recording_mode")]),
        step("m51", MigrationState::Pending, Vec::new()),
    ]);
    report.unchecked = vec![unchecked(Rule::DefaultUnchecked, "whether the defaults a() and b() store the same")];
    report.notes = vec!["pending: m51".to_owned()];
    report.tables.push(TableName { schema: Some("crm".to_owned()), name: "lead".to_owned() });
    report
}

#[test]
fn a_table_is_a_suite_and_a_finding_a_case() {
    assert_snapshot!(junit(&two_tables(), FailOn::AtLeast(Severity::Error)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="schema check" tests="4" skipped="1" failures="1" errors="0">
        <testsuite name="call_log" tests="3" skipped="1" errors="0" failures="1">
            <properties>
                <property name="target" value="postgres://app:***@db/calls"/>
                <property name="note" value="pending: m51"/>
            </properties>
            <testcase name="column-missing: call_log.recording_mode" classname="call_log">
                <failure message="`call_log.recording_mode` is declared varchar(32), the database has no such column" type="column-missing">every read of call_log fails: column call_log.recording_mode does not exist
    help: migration m51 adds it and is pending: sea-orm-cli migrate up</failure>
            </testcase>
            <testcase name="column-unexpected: call_log.note" classname="call_log">
                <system-out>`call_log.note` (text) is not in the entity
    nothing breaks</system-out>
            </testcase>
            <testcase name="default-unchecked: call_log.token" classname="call_log">
                <skipped message="whether the defaults a() and b() store the same" type="default-unchecked"/>
            </testcase>
        </testsuite>
        <testsuite name="crm.lead" tests="1" skipped="0" errors="0" failures="0">
            <properties>
                <property name="target" value="postgres://app:***@db/calls"/>
                <property name="note" value="pending: m51"/>
            </properties>
            <testcase name="the schema matches" classname="crm.lead"/>
        </testsuite>
    </testsuites>
    "#);
}

#[rstest]
#[case::errors(FailOn::AtLeast(Severity::Error), [1, 1])]
#[case::everything(FailOn::AtLeast(Severity::Info), [2, 1])]
#[case::what_is_unchecked_is_not_in_sync(FailOn::OutOfSync, [2, 0])]
fn what_fails_the_check_fails(#[case] fail_on: FailOn, #[case] failed_and_skipped: [usize; 2]) {
    let report = two_tables();
    let document = Document::deserialize_from_str(&junit(&report, fail_on)).unwrap();
    assert_eq!([document.failures, document.test_suites[0].skipped], failed_and_skipped);
    assert_eq!(document.failures > 0, !report.passes(fail_on));
}

#[test]
fn a_warning_that_is_allowed_was_skipped() {
    let lacks_a_default = Change::Default {
        column: "status".to_owned(),
        sides: Sides { declared: Some(DefaultValue::Literal("received".to_owned())), live: None },
        nullability: Nullability::Nullable,
        effect: crate::change::DefaultEffect::Stored,
    };
    let report = report(vec![lacks_a_default]);
    let document = Document::deserialize_from_str(&junit(&report, FailOn::AtLeast(Severity::Error))).unwrap();
    assert_eq!((document.tests, document.failures, document.skipped), (1, 0, 1));
}

#[test]
fn it_reads_back_and_no_suite_is_empty() {
    let mut full = report(every_change());
    full.tables.push(TableName::unqualified("lead"));
    full.differences.push(Difference {
        table: TableName::unqualified("lead"),
        ..Difference::judged(TableName::unqualified("lead"), missing("<&\"'\u{1b}[31m]]>"), Dialect::Postgres)
    });
    for report in [full, two_tables(), report(Vec::new())] {
        let document = Document::deserialize_from_str(&junit(&report, FailOn::AtLeast(Severity::Warning))).unwrap();
        let names: Vec<&str> = document.test_suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, report.tables.iter().map(ToString::to_string).collect::<Vec<_>>());
        for suite in &document.test_suites {
            assert_eq!(suite.tests, suite.test_cases.len());
            assert!(suite.tests > 0, "{}", suite.name.as_str());
            let failed = |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { .. });
            assert_eq!(suite.failures, suite.test_cases.iter().filter(|case| failed(&case.status)).count());
        }
        let loud = report.differences.iter().filter(|difference| difference.severity() >= Severity::Warning).count();
        assert_eq!(document.failures, loud);
    }
}

#[test]
fn an_accepted_finding_is_skipped_with_its_reason_and_a_denied_one_fails() {
    assert_snapshot!(junit(&with_suppressions(), FailOn::OutOfSync), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="schema check" tests="7" skipped="3" failures="3" errors="0">
        <testsuite name="call_log" tests="7" skipped="3" errors="0" failures="3">
            <properties>
                <property name="target" value="postgres://app:***@db/calls"/>
                <property name="stale" value="the exception for `*` of `*` expired on 2026-12-31 and no longer applies: remove it or renew it"/>
                <property name="stale" value="`column-missing` of `call_log.settled` is no longer there: remove it from the baseline"/>
            </properties>
            <testcase name="column-unexpected: call_log.denied" classname="call_log">
                <failure message="`call_log.denied` (text) is not in the entity" type="column-unexpected">nothing breaks
    denied: nothing undeclared</failure>
            </testcase>
            <testcase name="column-missing: call_log.known" classname="call_log">
                <skipped message="accepted: it is in the baseline" type="column-missing">`call_log.known` is declared varchar(32), the database has no such column
    every read of call_log fails: column call_log.known does not exist</skipped>
            </testcase>
            <testcase name="column-missing: call_log.allowed" classname="call_log">
                <skipped message="allowed: as {agreed} (until 2027-01-31)" type="column-missing">`call_log.allowed` is declared varchar(32), the database has no such column
    every read of call_log fails: column call_log.allowed does not exist</skipped>
            </testcase>
            <testcase name="column-unexpected: call_log.note" classname="call_log">
                <system-out>`call_log.note` (text) is not in the entity
    nothing breaks</system-out>
            </testcase>
            <testcase name="default-unchecked: call_log.token" classname="call_log">
                <failure message="whether the defaults a() and b() store the same" type="default-unchecked"/>
            </testcase>
            <testcase name="default-unchecked: call_log.denied" classname="call_log">
                <failure message="whether the defaults a() and b() store the same" type="default-unchecked">denied: nothing undeclared</failure>
            </testcase>
            <testcase name="default-unchecked: call_log.allowed" classname="call_log">
                <skipped message="allowed: as {agreed} (until 2027-01-31)" type="default-unchecked">whether the defaults a() and b() store the same</skipped>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_test_fails_where_the_check_does() {
    let denied = with_suppressions();
    let accepted = Report { unchecked: vec![denied.unchecked[2].clone()], ..denied.clone() };
    let accepted = Report { differences: accepted.differences[1..3].to_vec(), ..accepted };
    for fail_on in
        [Severity::Error, Severity::Warning, Severity::Info].map(FailOn::AtLeast).into_iter().chain([FailOn::OutOfSync])
    {
        assert!(accepted.passes(fail_on) && !denied.passes(fail_on), "{fail_on:?}");
        for report in [&accepted, &denied] {
            let document = Document::deserialize_from_str(&junit(report, fail_on)).unwrap();
            assert_eq!(document.failures == 0, report.passes(fail_on), "{fail_on:?}");
        }
    }
}
