use insta::assert_snapshot;
use std::cmp::Reverse;

use proptest::{collection::vec, prelude::*, sample::select};
use rstest::rstest;

use super::*;
use crate::{
    change::{Change, Rejects},
    commands::Commands,
    config_error::ConfigError,
    consequence::{Consequence, Severity},
    difference::{Difference, Unchecked},
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
    }
}

pub(crate) fn table_missing() -> Change {
    Change::TableMissing { elsewhere: Vec::new(), similar: Vec::new() }
}

/// Reads fail.
pub(crate) fn missing(name: &str) -> Change {
    Change::ColumnMissing { declared: column(name), similar: Vec::new() }
}

/// Nothing breaks.
pub(crate) fn unexpected(name: &str) -> Change {
    Change::ColumnUnexpected { live: column(name), is_filled: false }
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
    let written = Exception { place: Some("drift.toml, line 9".to_owned()), ..allow("column-*", "call_log.duration") };
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
        Exception { place: Some("drift.toml, line 9".to_owned()), ..allow("*", "*") }.until(day("2027-01-31"));
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

const FILE: &str = r#"
# Ours.
[[exception]]
rule = "foreign-key-unexpected"
object = "call_log*"
level = "allow"
reason = "the host application owns these tables"

[[exception]]
rule = "*-unchecked"
object = "*"
level = "deny"
reason = "nothing is left open"
expires = 2027-01-31
"#;

#[test]
fn a_file_says_the_same_as_code() {
    let at =
        |line: usize, exception: Exception| Exception { place: Some(format!("drift.toml, line {line}")), ..exception };
    let first = Exception::allow("foreign-key-unexpected", "call_log*", "the host application owns these tables");
    let second = Exception::deny("*-unchecked", "*", "nothing is left open").unwrap().until(day("2027-01-31"));
    assert_eq!(Exceptions::parse(FILE, "drift.toml").unwrap().in_order, [at(3, first.unwrap()), at(9, second)]);
    assert_eq!(Exceptions::parse("", "drift.toml").unwrap(), Exceptions::new());
}

#[rstest]
#[case::a_rule_that_is_not(
    "*-unchecked",
    "column-mising",
    "line 10: there is no rule `column-mising`: did you mean `column-missing`?"
)]
#[case::a_rule_like_none(
    "*-unchecked",
    "frobnicate",
    "line 10: there is no rule `frobnicate`: it is one of table-missing, relation-differs, "
)]
#[case::a_pattern_of_no_rule(
    "*-unchecked",
    "*-unchekked",
    "line 10: there is no rule `*-unchekked`: it is one of table-missing, relation-differs, "
)]
#[case::a_blank_object(
    "\"*\"",
    "\" \"",
    "line 11: the object is blank: name a table, a column as in `call_log.status`, or `*` for all"
)]
#[case::a_blank_reason("nothing is left open", " ", "line 13: the reason is blank: say why it is accepted")]
#[case::a_date_in_quotes(
    "2027-01-31",
    "\"2027-01-31\"",
    "line 14: `expires` is not a date: write it without quotes or a time, as in expires = 2027-01-31"
)]
#[case::a_date_with_a_time(
    "2027-01-31",
    "2027-01-31T00:00:00Z",
    "line 14: `expires` is not a date: write it without quotes or a time, as in expires = 2027-01-31"
)]
#[case::no_such_day("2027-01-31", "2027-02-29", "line 14: invalid date, expected day between 01 and 28")]
#[case::an_unknown_key(
    "expires",
    "expire",
    "line 14: unknown field `expire`, expected one of `rule`, `object`, `level`, `reason`, `expires`"
)]
#[case::an_unknown_level(
    "deny",
    "forbid",
    "line 12: unknown variant `forbid`, expected one of `allow`, `warn`, `deny`"
)]
#[case::no_reason("reason = \"nothing is left open\"\n", "", "line 9: missing field `reason`")]
#[case::another_table(
    "[[exception]]\nrule = \"*-",
    "[[exceptions]]\nrule = \"*-",
    "line 9: unknown field `exceptions`, expected `exception`"
)]
#[case::no_toml("level = \"deny\"", "level deny", "line 12: key with no value, expected `=`")]
fn an_error_in_a_file_is_a_sentence_with_its_line(#[case] right: &str, #[case] wrong: &str, #[case] sentence: &str) {
    assert!(FILE.contains(right));
    let error = Exceptions::parse(&FILE.replace(right, wrong), "drift.toml").unwrap_err();
    assert!(error.to_string().starts_with(&format!("`drift.toml`, {sentence}")), "{error}");
    assert_eq!(error.to_string().lines().count(), 1);
}

#[test]
fn an_exception_in_code_is_held_to_the_same() {
    assert!(matches!(Exception::allow("column-mising", "*", "why"), Err(ConfigError::UnknownRule { .. })));
    assert!(matches!(Exception::warn("column-missing", "", "why"), Err(ConfigError::BlankObject)));
    assert!(matches!(Exception::deny("column-missing", "*", "\t"), Err(ConfigError::BlankReason)));
}

fn any_change() -> impl Strategy<Value = Change> {
    let name = select(vec!["a", "b", "c"]);
    let rejects = select(vec![Rejects::Nothing, Rejects::Duplicates, Rejects::Nulls]);
    prop_oneof![
        Just(table_missing()),
        name.clone().prop_map(missing),
        name.prop_map(unexpected),
        rejects.prop_map(index_that),
    ]
}

prop_compose! {
    pub(crate) fn any_report()(changes in vec(any_change(), 0..6), open in vec(select(vec!["a", "b"]), 0..3)) -> Report {
        open.into_iter().fold(report(changes), with_unchecked)
    }
}

proptest! {
    #[test]
    fn allowing_everything_passes_every_check(report in any_report()) {
        let report = except(report, [allow("*", "*")]);
        prop_assert!(report.is_in_sync() && !report.fails_at(Severity::Info));
    }

    #[test]
    fn denying_everything_passes_only_reports_without_findings(report in any_report()) {
        let has_findings = !report.differences.is_empty() || !report.unchecked.is_empty();
        prop_assert_eq!(except(report, [deny("*", "*")]).fails_at(Severity::Error), has_findings);
    }

    #[test]
    fn a_warning_is_neither_more_nor_less(report in any_report()) {
        let has_findings = !report.differences.is_empty() || !report.unchecked.is_empty();
        let report = except(report, [warn("*", "*")]);
        prop_assert!(report.fails_at(Severity::Warning) == has_findings && !report.fails_at(Severity::Error));
    }

    #[test]
    fn an_exception_hides_no_finding_and_changes_no_consequence(report in any_report(), object in select(vec!["*", "*.a", "call_log"])) {
        let facts = |report: &Report| {
            let mut facts: Vec<_> = report.differences.iter().map(Difference::fingerprint).collect();
            facts.sort();
            facts
        };
        let excepted = except(report.clone(), [allow("*-missing", object), deny("*", object)]);
        prop_assert_eq!(facts(&excepted), facts(&report));
        prop_assert!(excepted.differences.is_sorted_by_key(|found| Reverse(found.severity())));
    }

    #[test]
    fn no_exception_changes_nothing(report in any_report()) {
        prop_assert_eq!(except(report.clone(), []), report);
    }
}
