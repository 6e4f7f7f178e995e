use insta::assert_snapshot;

use super::{super::*, decided, every_change::every_change, missing, report, step, unchecked, written};

fn coloured() -> Report {
    let mut report = report(vec![missing("recording_mode")]);
    report.explain(&[
        step("m50", MigrationState::Applied, vec![missing("recording_mode")]),
        step("m51", MigrationState::Pending, Vec::new()),
    ]);
    report.unchecked = vec![unchecked("default-unchecked", "whether the defaults a() and b() store the same")];
    report.notes = vec!["pending: m51".to_owned()];
    report
}

#[test]
fn colours_mark_the_words_that_a_line_begins_with() {
    let text = written(|sink| coloured().write_ansi_text(Detail::Usual, sink));
    assert_snapshot!(text.replace('\u{1b}', "ESC"), @r"
    ESC[1mESC[31merror[column-missing]ESC[0m: `call_log.recording_mode` is declared varchar(32), the database has no such column
      every read of call_log fails: column call_log.recording_mode does not exist
      ESC[36mhelpESC[0m: migration m51 adds it and is pending: sea-orm-cli migrate up

    ESC[1munchecked[default-unchecked]ESC[0m: `call_log.token`: whether the defaults a() and b() store the same

    ESC[1mnoteESC[0m: pending: m51

    1 difference (1 error, 1 unchecked): 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls
    ");
}

#[test]
fn without_its_colours_the_text_is_the_plain_one() {
    let mut report = coloured();
    report.differences.extend(super::report(every_change()).differences);
    for detail in [Detail::Usual, Detail::Verbose] {
        let mut coloured = written(|sink| report.write_ansi_text(detail, sink));
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[34m", "\u{1b}[36m"] {
            coloured = coloured.replace(code, "");
        }
        assert_eq!(coloured, written(|sink| report.write_text(detail, sink)));
    }
    assert_eq!(written(|sink| report.write_text(Detail::Usual, sink)), report.to_string());
}

#[test]
fn what_was_decided_has_the_colours_of_its_severity() {
    let text = written(|sink| decided().write_ansi_text(Detail::Verbose, sink));
    assert_snapshot!(text.replace('\u{1b}', "ESC"), @r"
    ESC[1mESC[31merror[column-unexpected]ESC[0m: `call_log.denied` (text) is not in the entity
      nothing breaks
      denied: nothing undeclared

    ESC[1mESC[34minfo[column-missing]ESC[0m: `call_log.known` is declared varchar(32), the database has no such column
      every read of call_log fails: column call_log.known does not exist
      accepted: it is in the baseline

    ESC[1mESC[34minfo[column-missing]ESC[0m: `call_log.allowed` is declared varchar(32), the database has no such column
      every read of call_log fails: column call_log.allowed does not exist
      allowed: as {agreed} (until 2027-01-31)

    ESC[1mESC[34minfo[column-unexpected]ESC[0m: `call_log.note` (text) is not in the entity
      nothing breaks

    ESC[1munchecked[default-unchecked]ESC[0m: `call_log.token`: whether the defaults a() and b() store the same

    ESC[1mESC[31merror[default-unchecked]ESC[0m: `call_log.denied`: whether the defaults a() and b() store the same
      denied: nothing undeclared

    ESC[1mESC[34minfo[default-unchecked]ESC[0m: `call_log.allowed`: whether the defaults a() and b() store the same
      allowed: as {agreed} (until 2027-01-31)

    ESC[1mstaleESC[0m: the exception for `*` of `*` expired on 2026-12-31 and no longer counts: take it out, or decide anew

    ESC[1mstaleESC[0m: `column-missing` of `call_log.settled` is settled: take it out of the baseline

    6 differences (2 errors, 1 info, 1 unchecked, 3 accepted): 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls
    ");
}
