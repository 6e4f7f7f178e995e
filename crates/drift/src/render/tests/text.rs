use insta::assert_snapshot;

use super::{every_change::every_change, *};

fn coloured() -> Report {
    let mut report = report(vec![missing("recording_mode")]);
    report.explain(&[
        step("m50", MigrationState::Applied, vec![missing("recording_mode")]),
        step("m51", MigrationState::Pending, Vec::new()),
    ]);
    report.unchecked = vec![unchecked(Rule::DefaultUnchecked, "whether the defaults a() and b() store the same")];
    report.notes = vec!["pending: m51".to_owned()];
    report
}

#[test]
fn colours_mark_the_words_that_a_line_begins_with() {
    let text = written(|sink| coloured().write_ansi_text(Verbosity::Normal, sink));
    assert_snapshot!(text.replace('\u{1b}', "ESC"), @r"
    ESC[1mESC[31merror[column-missing]ESC[0m: `call_log.recording_mode` is declared varchar(32), the database has no such column
      every read of call_log fails: column call_log.recording_mode does not exist
      ESC[36mhelpESC[0m: migration m51 adds it and is pending: sea-orm-cli migrate up

    ESC[1munchecked[default-unchecked]ESC[0m: `call_log.token`: not known whether the defaults a() and b() store the same

    ESC[1mnoteESC[0m: pending: m51

    1 difference (1 error) and 1 unchecked: 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls
    ");
}

#[test]
fn without_its_colours_the_text_is_the_plain_one() {
    let mut report = coloured();
    report.differences.extend(super::report(every_change()).differences);
    for verbosity in [Verbosity::Normal, Verbosity::Verbose] {
        let mut coloured = written(|sink| report.write_ansi_text(verbosity, sink));
        for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[34m", "\u{1b}[36m"] {
            coloured = coloured.replace(code, "");
        }
        assert_eq!(coloured, written(|sink| report.write_text(verbosity, sink)));
    }
    let without_hint = written(|sink| report.write_text(Verbosity::Normal, sink)).replace("; show all with -v", "");
    assert_eq!(without_hint, report.to_string());
}

#[test]
fn a_finding_with_an_exception_has_the_colours_of_its_severity() {
    let text = written(|sink| with_suppressions().write_ansi_text(Verbosity::Verbose, sink));
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

    ESC[1munchecked[default-unchecked]ESC[0m: `call_log.token`: not known whether the defaults a() and b() store the same

    ESC[1mESC[31merror[default-unchecked]ESC[0m: `call_log.denied`: not known whether the defaults a() and b() store the same
      denied: nothing undeclared

    ESC[1mESC[34minfo[default-unchecked]ESC[0m: `call_log.allowed`: not known whether the defaults a() and b() store the same
      allowed: as {agreed} (until 2027-01-31)

    ESC[1mstaleESC[0m: the exception for `*` of `*` expired on 2026-12-31 and no longer applies: remove it or renew it

    ESC[1mstaleESC[0m: `column-missing` of `call_log.settled` is no longer there: remove it from the baseline

    6 differences (2 errors, 1 info, 3 accepted) and 1 unchecked: 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls
    ");
}

#[test]
fn control_characters_of_names_are_escaped() {
    let mut report = report(vec![missing("a\n::error::b\u{1b}[2J\u{202e}c")]);
    report.notes = vec!["of the table d\r\n::warning::e".to_owned()];
    let text = written(|sink| report.write_text(Verbosity::Normal, sink));
    assert!(text.contains(r"`call_log.a\n::error::b\u{1b}[2J\u{202e}c` is declared varchar(32)"), "{text}");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
}

#[test]
fn the_missing_columns_of_a_table_are_one_block() {
    let mut found = report(vec![
        missing("a"),
        missing("b"),
        missing("c"),
        Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() },
    ]);
    found.differences[0].cause = Some(Cause::NoMigration);
    found.differences[2].cause = Some(Cause::NoMigration);
    assert_snapshot!(found, @r#"
    error[column-missing]: `call_log` lacks 2 declared columns:
        a varchar(32)
        c varchar(32)
      every read of call_log fails: column call_log.a does not exist
      help: no migration creates them: write one with sea-orm-cli migrate generate add_call_log_columns, or remove them from the entity

    error[column-missing]: `call_log.b` is declared varchar(32), the database has no such column
      every read of call_log fails: column call_log.b does not exist

    error[table-missing]: the entity's table `call_log` does not exist
      every query on call_log fails: relation "call_log" does not exist

    4 differences (4 errors): 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls
    "#);
}

#[test]
fn the_verdict_counts_what_is_hidden_and_names_the_flag() {
    let extras = report(vec![Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false }]);
    let normal = written(|sink| extras.write_text(Verbosity::Normal, sink));
    let verdict =
        "OK: the schema matches; 1 harmless extra (show it with -v); 1 entity, 34 columns, 6 indexes compared";
    assert!(normal.starts_with(verdict), "{normal}");
    let verbose = written(|sink| extras.write_text(Verbosity::Verbose, sink));
    assert!(verbose.contains("\nOK: the schema matches; 1 harmless extra; 1 entity"), "{verbose}");
}

#[test]
fn a_column_without_a_type_and_a_type_that_the_database_lacks_are_named() {
    let entity = sea_orm::sea_query::Table::create()
        .table("call_log")
        .col(sea_orm::sea_query::ColumnDef::new("tags").array(sea_orm::sea_query::ColumnType::string(Some(9))))
        .take();
    let declared = crate::Entities::new().add_table(entity, []).declared(Dialect::MySql);
    let sides = Sides { declared: declared.tables[0].columns[0].ty.clone(), live: column_type("", Dialect::Sqlite) };
    let found = report(vec![Change::Type { column: "tags".to_owned(), sides }]).to_string();
    assert!(found.contains("`call_log.tags` is declared varchar(9)[], the database has no type\n"), "{found}");
}
