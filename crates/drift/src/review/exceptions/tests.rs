#[cfg(feature = "config")]
mod file;
mod properties;

pub(crate) use properties::any_report;

use insta::assert_snapshot;
use rstest::rstest;

use super::*;
use crate::{
    change::{Change, Rejects},
    commands::Commands,
    consequence::{Consequence, Severity},
    difference::{Difference, Unchecked},
    file_error::InputFileError,
    model::{Column, Dialect, Index, TableName, Uniqueness},
    normalise::column_type,
    render::Verbosity,
    report::{Compared, Role},
    suppression::Suppression,
};

fn column(name: &str) -> Column {
    Column::plain(name, column_type("integer", Dialect::Postgres))
}

fn index(column: &str) -> Index {
    Index {
        name: format!("idx_{column}"),
        columns: vec![column.to_owned()],
        uniqueness: Uniqueness::Plain,
        restrictions: Vec::new(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    }
}

pub(crate) fn table_missing() -> Change {
    Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() }
}

/// Reads fail.
pub(crate) fn missing(name: &str) -> Change {
    Change::ColumnMissing { declared: column(name), rename_candidates: Vec::new() }
}

/// Nothing breaks.
pub(crate) fn unexpected(name: &str) -> Change {
    Change::ColumnUnexpected { live: column(name), may_be_set_by_server: false }
}

/// Breaks as much as it rejects, under one name.
pub(crate) fn index_that(rejects: Rejects) -> Change {
    Change::IndexUnexpected { live: index("status"), counterpart: None, rejects }
}

pub(crate) fn report(changes: Vec<Change>) -> Report {
    let table = || TableName::unqualified("call_log");
    let mut report = Report {
        dialect: Dialect::Postgres,
        target: None,
        compared: Compared { entities: 1, columns: 34, indexes: 6 },
        tables: vec![table()],
        differences: changes.into_iter().map(|change| Difference::judged(table(), change, Dialect::Postgres)).collect(),
        unchecked: Vec::new(),
        role: Role::Program,
        stale: Vec::new(),
        commands: Commands::default(),
        notes: Vec::new(),
    };
    report.sort();
    report
}

pub(crate) fn with_unchecked(mut report: Report, column: &str) -> Report {
    report.unchecked.push(Unchecked {
        rule: Rule::DefaultUnchecked,
        table: TableName::unqualified("call_log"),
        column: Some(column.to_owned()),
        question: "whether the defaults f() and g() store the same".to_owned(),
        suppression: Suppression::default(),
    });
    report
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    day("2027-01-15")
}

fn except(report: Report, exceptions: impl IntoIterator<Item = Exception>) -> Report {
    report.except(&Exceptions { in_order: exceptions.into_iter().collect() }, today())
}

fn allow(rule: &str, object: &str) -> Exception {
    Exception::allow(rule, object, "the host application's own").unwrap()
}

fn deny(rule: &str, object: &str) -> Exception {
    Exception::deny(rule, object, "nothing undeclared here").unwrap()
}

fn warn(rule: &str, object: &str) -> Exception {
    Exception::warn(rule, object, "until the next release").unwrap()
}

fn verbose(report: &Report) -> String {
    let mut text = Vec::new();
    report.write_text(Verbosity::Verbose, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[rstest]
#[case::by_its_name("column-missing", "call_log.note")]
#[case::any_column_of_the_table("column-missing", "call_log.*")]
#[case::anything_of_the_column("*", "call_log.note")]
#[case::a_kind_of_rule("*-missing", "*")]
#[case::one_character("column-missing", "call_log.n?te")]
fn an_exception_matches(#[case] rule: &str, #[case] object: &str) {
    let report = except(report(vec![missing("note")]), [allow(rule, object)]);
    assert!(report.is_in_sync() && report.stale.is_empty());
}

#[rstest]
#[case::another_rule("column-unexpected", "call_log.note")]
#[case::another_column("column-missing", "call_log.not")]
#[case::the_table_is_not_its_columns("column-missing", "call_log")]
#[case::another_case("column-missing", "CALL_LOG.note")]
fn an_exception_for_something_else_changes_nothing_and_is_reported(#[case] rule: &str, #[case] object: &str) {
    let exception = allow(rule, object);
    let report = except(report(vec![missing("note")]), [exception.clone()]);
    assert!(report.fails_at(Severity::Error));
    assert_eq!(report.stale, [Stale::Unmatched(exception)]);
}

#[test]
fn an_exception_within_a_missing_table_is_not_stale() {
    let exceptions = || [allow("column-unexpected", "call_*.note"), allow("column-unexpected", "post.note")];
    let report = except(report(vec![table_missing()]), exceptions());
    let [_, of_another_table] = exceptions();
    assert_eq!(report.stale, [Stale::Unmatched(of_another_table)]);
}

#[test]
fn an_exception_for_a_missing_column_is_not_stale() {
    let exceptions = || {
        [allow("type-differs", "call_log.note"), allow("*-unchecked", "*"), allow("type-differs", "call_log.status")]
    };
    let report = except(report(vec![missing("note")]), exceptions());
    let [_, _, of_another_column] = exceptions();
    assert_eq!(report.stale, [Stale::Unmatched(of_another_column)]);
}

#[test]
fn a_star_matches_dots_and_blanks_and_a_bracket_is_itself() {
    let matches = |pattern: &str, object: &str| {
        let object = object.to_owned();
        allow("*", pattern).matches(&Fingerprint { rule: Rule::ColumnMissing, object, consequence: None })
    };
    assert!(matches("call_log*", "call_log (status, created at)") && matches("*", "app.call_log.note"));
    assert!(matches("t (tags[])", "t (tags[])") && !matches("t.[ab]", "t.a"));
}

#[test]
fn an_exception_changes_the_severity_and_not_the_consequence() {
    let decided = |change, exception| {
        let report = except(report(vec![change]), [exception]);
        (report.differences[0].consequence(), report.differences[0].severity())
    };
    assert_eq!(decided(missing("note"), allow("*", "*")), (Consequence::ReadsFail, Severity::Info));
    assert_eq!(decided(missing("note"), warn("*", "*")), (Consequence::ReadsFail, Severity::Warning));
    assert_eq!(decided(unexpected("note"), warn("*", "*")), (Consequence::Nothing, Severity::Warning));
    assert_eq!(decided(unexpected("note"), deny("*", "*")), (Consequence::Nothing, Severity::Error));
}

#[test]
fn the_first_that_matches_decides() {
    let both = || report(vec![unexpected("password"), unexpected("note")]);
    let deny = deny("column-unexpected", "call_log.pass*");
    let allow = allow("column-unexpected", "call_log.*");

    let particular_first = except(both(), [deny.clone(), allow.clone()]);
    let severities: Vec<_> =
        particular_first.differences.iter().map(|found| (found.object().to_string(), found.severity())).collect();
    assert_eq!(
        severities,
        [("call_log.password".to_owned(), Severity::Error), ("call_log.note".to_owned(), Severity::Info)]
    );
    assert_eq!(particular_first.stale, []);

    let general_first = except(both(), [allow, deny.clone()]);
    assert!(general_first.is_in_sync());
    assert_eq!(general_first.stale, [Stale::Overruled(deny)]);
}

#[test]
fn an_exception_counts_on_its_last_day_and_not_on_the_next() {
    let until = |last_day| allow("*", "*").until(day(last_day));
    let on_its_last_day = except(report(vec![missing("note")]), [until("2027-01-15")]);
    assert!(on_its_last_day.is_in_sync() && on_its_last_day.stale.is_empty());

    let the_day_after = except(report(vec![missing("note")]), [until("2027-01-14")]);
    assert!(the_day_after.fails_at(Severity::Error));
    assert_eq!(the_day_after.stale, [Stale::Expired(until("2027-01-14"))]);

    let another_takes_over = [until("2027-01-14"), warn("*", "*")];
    assert!(!except(report(vec![missing("note")]), another_takes_over).fails_at(Severity::Error));
}

#[test]
fn an_unchecked_finding_can_be_accepted_or_denied() {
    let open = || with_unchecked(report(Vec::new()), "status");
    assert!(!open().is_in_sync() && !open().fails_at(Severity::Info));
    let accepted = except(open(), [allow("*-unchecked", "call_log.status")]);
    assert!(accepted.is_in_sync() && !accepted.fails_at(Severity::Info));
    let denied = except(open(), [deny("default-unchecked", "*")]);
    assert!(!denied.is_in_sync() && denied.fails_at(Severity::Error));
}

#[test]
fn the_report_shows_each_exception_with_its_reason_and_last_day() {
    let found = vec![unexpected("note"), missing("status"), missing("duration"), index_that(Rejects::Nothing)];
    let written =
        Exception { location: Some("drift.toml, line 9".to_owned()), ..allow("column-*", "call_log.duration") };
    let exceptions = [
        deny("index-unexpected", "*").until(day("2027-01-31")),
        written,
        warn("default-unchecked", "*"),
        allow("table-missing", "call_*"),
        allow("column-missing", "*").until(day("2026-12-31")),
    ];
    let report = except(with_unchecked(report(found), "summary"), exceptions);

    assert_snapshot!(report, @r"
    error[column-missing]: `call_log.status` is declared integer, the database has no such column
      every read of call_log fails: column call_log.status does not exist

    error[index-unexpected]: the index `idx_status` on `call_log (status)` is not in the entity
      nothing breaks
      denied: nothing undeclared here (until 2027-01-31)

    warning[default-unchecked]: `call_log.summary`: not known whether the defaults f() and g() store the same
      made a warning: until the next release

    stale: the exception for `column-missing` of `*` expired on 2026-12-31 and no longer applies: remove it or renew it

    stale: the exception for `table-missing` of `call_*` matches nothing: remove it

    5 differences (2 errors, 1 warning, 1 info, 1 accepted): 1 entity, 34 columns, 6 indexes compared
    ");
    let written =
        Exception { location: Some("drift.toml, line 9".to_owned()), ..allow("*", "*") }.until(day("2027-01-31"));
    assert_snapshot!(verbose(&except(self::report(vec![missing("status")]), [written])), @r"
    info[column-missing]: `call_log.status` is declared integer, the database has no such column
      every read of call_log fails: column call_log.status does not exist
      allowed: the host application's own (until 2027-01-31; drift.toml, line 9)

    OK: the schema matches but for 1 accepted finding, 1 of which would break this program; 1 entity, 34 columns, 6 indexes compared
    ");
    let mut json = Vec::new();
    report.write_json(&mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let allowed = json["differences"].as_array().unwrap().iter().find(|found| found["column"] == "duration").unwrap();
    assert_eq!(allowed["accepted"], true);
    assert_eq!(
        allowed["exception"],
        serde_json::json!({
            "level": "allow",
            "reason": "the host application's own",
            "expires": null,
            "place": "drift.toml, line 9",
        })
    );
    assert_eq!(json["differences"][1]["exception"]["expires"], "2027-01-31");
    assert_eq!(json["unchecked"][0]["severity"], "warning");
    assert_eq!(
        json["stale"].as_array().unwrap().iter().map(|stale| &stale["kind"]).collect::<Vec<_>>(),
        ["expired", "unmatched"]
    );
}
