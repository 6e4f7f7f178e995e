use insta::assert_snapshot;

use super::*;

fn markdown(report: &Report) -> String {
    written(|sink| report.write_markdown(Verbosity::Normal, sink))
}

#[test]
fn the_findings_are_a_table() {
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
    assert_snapshot!(markdown(&report), @r"
    ### Schema check

    2 differences (1 error, 1 info) and 1 unchecked: 1 entity, 34 columns, 6 indexes compared against postgres://app:&#42;&#42;&#42;@db/calls

    | | rule | what differs | what it breaks | what to do |
    |---|---|---|---|---|
    | error | `column-missing` | `call_log.recording_mode` is declared varchar(32), the database has no such column | every read of call_log fails: column call_log.recording_mode does not exist | migration m51 adds it and is pending: sea-orm-cli migrate up |
    | unchecked | `default-unchecked` | `call_log.token`: whether the defaults a() and b() store the same |  |  |

    Note: pending: m51
    ");
}

#[test]
fn being_in_sync_needs_no_table() {
    assert_snapshot!(markdown(&report(Vec::new())), @r"
    ### Schema check

    OK: the schema matches; 1 entity, 34 columns, 6 indexes compared against postgres://app:&#42;&#42;&#42;@db/calls
    ");
}

#[test]
fn no_name_leaves_its_cell() {
    let mut report = report(vec![missing("a|b\n| c"), missing("d`e"), missing("<f>")]);
    report.unchecked = vec![unchecked(Rule::DefaultUnchecked, "whether x || '<b>' \\| *y* [z](https://example.org)")];
    let markdown = markdown(&report);
    let rows: Vec<&str> = markdown.lines().skip(6).collect();
    assert_eq!(rows.len(), 4, "{markdown}");
    for row in &rows {
        assert_eq!(row.matches('|').count(), 6, "{row}");
    }
    assert_snapshot!(rows.join("\n"), @r"
    | error | `column-missing` | <code>call_log.a&#124;b &#124; c</code> is declared varchar(32), the database has no such column | every read of call_log fails: column call_log.a&#124;b &#124; c does not exist |  |
    | error | `column-missing` | `call_log.d`e&#96; is declared varchar(32), the database has no such column | every read of call_log fails: column call_log.d&#96;e does not exist |  |
    | error | `column-missing` | `call_log.<f>` is declared varchar(32), the database has no such column | every read of call_log fails: column call_log.&#60;f&#62; does not exist |  |
    | unchecked | `default-unchecked` | `call_log.token`: whether x &#124;&#124; '&#60;b&#62;' &#92;&#124; &#42;y&#42; &#91;z&#93;(https://example.org) |  |  |
    ");
}

#[test]
fn the_table_stays_far_below_what_github_takes() {
    let many = report((0..20_000).map(|number| missing(&format!("column_{number}"))).collect());
    let cut = markdown(&many);
    assert!((100_000..256 * 1024).contains(&cut.len()), "{}", cut.len());
    let rows = cut.lines().filter(|line| line.starts_with("| error ")).count();
    assert!(cut.ends_with(&format!("\n{} findings more\n", 20_000 - rows)) && rows > 500, "{rows}");

    let mut long = report(vec![missing(&"|".repeat(1_000_000))]);
    long.notes = vec!["é".repeat(1_000_000); 200];
    let cut = markdown(&long);
    assert!(cut.len() < 256 * 1024 && cut.contains(" ..."), "{}", cut.len());
}

#[test]
fn an_accepted_finding_is_in_the_table_only_with_verbose() {
    assert_snapshot!(markdown(&with_suppressions()), @r"
    ### Schema check

    6 differences (2 errors, 1 info, 3 accepted) and 1 unchecked: 1 entity, 34 columns, 6 indexes compared against postgres://app:&#42;&#42;&#42;@db/calls

    | | rule | what differs | what it breaks | what to do |
    |---|---|---|---|---|
    | error | `column-unexpected` | `call_log.denied` (text) is not in the entity | nothing breaks; denied: nothing undeclared |  |
    | unchecked | `default-unchecked` | `call_log.token`: whether the defaults a() and b() store the same |  |  |
    | error | `default-unchecked` | `call_log.denied`: whether the defaults a() and b() store the same | denied: nothing undeclared |  |

    Stale: the exception for `*` of `*` expired on 2026-12-31 and no longer applies: remove it or renew it

    Stale: `column-missing` of `call_log.settled` is no longer there: remove it from the baseline
    ");
    let verbose = written(|sink| with_suppressions().write_markdown(Verbosity::Verbose, sink));
    let accepted: Vec<&str> =
        verbose.lines().filter(|line| line.contains("allowed") || line.contains("known")).collect();
    assert_snapshot!(accepted.join("\n"), @r"
    | info | `column-missing` | `call_log.known` is declared varchar(32), the database has no such column | every read of call_log fails: column call_log.known does not exist; accepted: it is in the baseline |  |
    | info | `column-missing` | `call_log.allowed` is declared varchar(32), the database has no such column | every read of call_log fails: column call_log.allowed does not exist; allowed: as {agreed} (until 2027-01-31) |  |
    | info | `default-unchecked` | `call_log.allowed`: whether the defaults a() and b() store the same | allowed: as {agreed} (until 2027-01-31) |  |
    ");
}
