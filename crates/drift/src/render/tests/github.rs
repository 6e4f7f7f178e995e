use insta::assert_snapshot;
use rstest::rstest;

use super::*;

fn github(report: &Report, verbosity: Verbosity) -> String {
    written(|sink| report.write_github(verbosity, sink))
}

#[test]
fn a_finding_is_an_annotation_and_so_is_the_summary() {
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
    assert_snapshot!(github(&report, Verbosity::Verbose), @r"
    ::error title=column-missing%3A call_log.recording_mode::`call_log.recording_mode` is declared varchar(32), the database has no such column%0Aevery read of call_log fails: column call_log.recording_mode does not exist%0Ahelp: migration m51 adds it and is pending: sea-orm-cli migrate up
    ::notice title=column-unexpected%3A call_log.note::`call_log.note` (text) is not in the entity%0Anothing breaks
    ::notice title=default-unchecked%3A call_log.token::whether the defaults a() and b() store the same
    ::notice title=schema check::2 differences (1 error, 1 info) and 1 unchecked: 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls%0Apending: m51
    ");
}

#[test]
fn being_in_sync_is_worth_one_annotation() {
    assert_snapshot!(github(&report(Vec::new()), Verbosity::Normal), @"::notice title=schema check::OK: the schema matches; 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls");
}

#[rstest]
#[case::all_have_room(9, None)]
#[case::one_has_not(10, Some("1 finding not shown as annotations"))]
#[case::most_have_not(500, Some("491 findings not shown as annotations"))]
fn there_are_ten_annotations_at_most(#[case] findings: usize, #[case] more: Option<&str>) {
    let report = report((0..findings).map(|number| missing(&format!("c{number}"))).collect());
    let commands = github(&report, Verbosity::Normal);
    let commands: Vec<&str> = commands.lines().collect();
    assert_eq!(commands.len(), 10);
    assert!(commands[0].contains("call_log.c0::") && commands[8].contains("call_log.c8::"));
    assert!(commands[9].starts_with("::notice title=schema check::"));
    assert_eq!(commands[9].split("%0A").nth(1), more);
}

#[test]
fn the_worst_findings_are_annotated() {
    let mut changes: Vec<Change> = (0..20)
        .map(|number| Change::ColumnUnexpected {
            live: column(&format!("c{number}"), "text"),
            may_be_set_by_server: false,
        })
        .collect();
    changes.push(missing("recording_mode"));
    let commands = github(&report(changes), Verbosity::Verbose);
    assert!(commands.starts_with("::error title=column-missing%3A call_log.recording_mode::"), "{commands}");
}

#[test]
fn no_name_ends_a_command_or_begins_another() {
    let mut report = report(vec![missing("a,b:c%d\r\n::error::e")]);
    report.notes = vec!["100 %\n::warning::f".to_owned()];
    let commands = github(&report, Verbosity::Normal);
    assert_snapshot!(commands, @r"
    ::error title=column-missing%3A call_log.a%2Cb%3Ac%25d%0D%0A%3A%3Aerror%3A%3Ae::`call_log.a,b:c%25d%0D%0A::error::e` is declared varchar(32), the database has no such column%0Aevery read of call_log fails: column call_log.a,b:c%25d%0D%0A::error::e does not exist
    ::notice title=schema check::1 difference (1 error): 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls%0A100 %25%0A::warning::f
    ");
}

#[test]
fn an_accepted_finding_is_annotated_only_with_verbose_and_a_denied_one_as_an_error() {
    let usual = github(&with_suppressions(), Verbosity::Normal);
    assert_snapshot!(usual, @r"
    ::error title=column-unexpected%3A call_log.denied::`call_log.denied` (text) is not in the entity%0Anothing breaks%0Adenied: nothing undeclared
    ::error title=default-unchecked%3A call_log.denied::whether the defaults a() and b() store the same%0Adenied: nothing undeclared
    ::notice title=default-unchecked%3A call_log.token::whether the defaults a() and b() store the same
    ::notice title=schema check::6 differences (2 errors, 1 info, 3 accepted) and 1 unchecked: 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls%0Astale: the exception for `*` of `*` expired on 2026-12-31 and no longer applies: remove it or renew it%0Astale: `column-missing` of `call_log.settled` is no longer there: remove it from the baseline
    ");
    let verbose = github(&with_suppressions(), Verbosity::Verbose);
    let titles: Vec<&str> = verbose.lines().map(|line| line.rsplit_once("::").unwrap().0).collect();
    assert_eq!(
        titles,
        [
            "::error title=column-unexpected%3A call_log.denied",
            "::error title=default-unchecked%3A call_log.denied",
            "::notice title=column-missing%3A call_log.known",
            "::notice title=column-missing%3A call_log.allowed",
            "::notice title=column-unexpected%3A call_log.note",
            "::notice title=default-unchecked%3A call_log.allowed",
            "::notice title=default-unchecked%3A call_log.token",
            "::notice title=schema check",
        ]
    );
}
