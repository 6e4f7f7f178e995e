mod every_change;
mod github;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod markdown;
mod message_tests;
mod page;
#[cfg(feature = "sarif")]
mod sarif;
mod text;
mod variations;
mod wording;

use std::{cmp::Reverse, collections::BTreeMap, io};

use insta::assert_snapshot;
use serde_json::Value;

use super::*;
use crate::{
    baseline::Baseline,
    change::Change,
    commands::Commands,
    consequence::Severity,
    difference::{Cause, Difference, Unchecked},
    exceptions::{Exception, Exceptions},
    fail_policy::FailOn,
    model::{Column, DefaultValue, Dialect, Index, Nullability, Sides, TableName, Uniqueness},
    normalise::column_type,
    report::{Compared, Report, Role},
    review::{MigrationState, Replayed},
    rule::Rule,
    suppression::Suppression,
};

/// What a renderer writes.
fn written(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// JSON with the names of each object in their order: `serde_json` keeps another one if any crate of the build wants it to.
fn parsed(text: &str) -> Value {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .collect(),
            Value::Array(items) => items.into_iter().map(sorted).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
        }
    }
    sorted(serde_json::from_str(text).unwrap())
}

fn unchecked(rule: Rule, question: &str) -> Unchecked {
    Unchecked {
        rule,
        table: TableName::unqualified("call_log"),
        column: Some("token".to_owned()),
        question: question.to_owned(),
        suppression: Suppression::default(),
    }
}

fn column(name: &str, ty: &str) -> Column {
    Column::plain(name, column_type(ty, Dialect::Postgres))
}

fn difference(change: Change) -> Difference {
    Difference::judged(TableName::unqualified("call_log"), change, Dialect::Postgres)
}

fn report(changes: Vec<Change>) -> Report {
    let mut differences: Vec<Difference> = changes.into_iter().map(difference).collect();
    differences.sort_by_key(|difference| Reverse(difference.consequence()));
    Report {
        dialect: Dialect::Postgres,
        target: Some("postgres://app:***@db/calls".to_owned()),
        compared: Compared { entities: 1, columns: 34, indexes: 6 },
        tables: vec![TableName::unqualified("call_log")],
        differences,
        unchecked: Vec::new(),
        role: Role::Program,
        stale: Vec::new(),
        commands: Commands::default(),
        notes: Vec::new(),
    }
}

fn missing(name: &str) -> Change {
    Change::ColumnMissing { declared: column(name, "varchar(32)"), rename_candidates: Vec::new() }
}

/// With what was decided in every way: allowed, denied and known from the baseline; expired and settled.
fn with_suppressions() -> Report {
    let known = report(vec![missing("known"), missing("settled")]);
    let mut report = report(vec![
        missing("allowed"),
        missing("known"),
        Change::ColumnUnexpected { live: column("denied", "text"), may_be_set_by_server: false },
        Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false },
    ]);
    let open = |column: &str| Unchecked {
        column: Some(column.to_owned()),
        ..unchecked(Rule::DefaultUnchecked, "whether the defaults a() and b() store the same")
    };
    report.unchecked = vec![open("token"), open("denied"), open("allowed")];
    let day = |text: &str| text.parse().unwrap();
    let exceptions = Exceptions::new()
        .add(Exception::allow("*", "*.allowed", "as {agreed}").unwrap().until(day("2027-01-31")))
        .add(Exception::deny("*", "*.denied", "nothing undeclared").unwrap())
        .add(Exception::warn("*", "*", "no longer").unwrap().until(day("2026-12-31")));
    report.except(&exceptions, day("2027-01-15")).accept(&Baseline::of(&known))
}

fn step(migration: &str, state: MigrationState, changes: Vec<Change>) -> Replayed {
    Replayed { migration: migration.to_owned(), state, report: report(changes) }
}

#[test]
fn a_finding_says_what_differs_what_it_causes_and_what_to_type() {
    let unique = Index {
        name: String::new(),
        columns: vec!["call_sid".to_owned()],
        uniqueness: Uniqueness::Unique,
        restrictions: Vec::new(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    };
    let mut report = report(vec![
        Change::Default {
            column: "status".to_owned(),
            sides: Sides { declared: Some(DefaultValue::Literal("received".to_owned())), live: None },
            nullability: Nullability::Nullable,
            effect: crate::change::DefaultEffect::Stored,
        },
        missing("recording_mode"),
        Change::Type {
            column: "duration".to_owned(),
            sides: Sides {
                declared: column_type("integer", Dialect::Postgres),
                live: column_type("bigint", Dialect::Postgres),
            },
        },
        Change::UniqueMissing { declared: unique, nearest: None, wider: None },
        Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false },
    ]);
    report.explain(&[
        step("m50", MigrationState::Applied, vec![missing("recording_mode")]),
        step("m51", MigrationState::Pending, Vec::new()),
    ]);
    assert_snapshot!(report, @r"
    error[column-missing]: `call_log.recording_mode` is declared varchar(32), the database has no such column
      every read of call_log fails: column call_log.recording_mode does not exist
      help: migration m51 adds it and is pending: sea-orm-cli migrate up

    error[type-differs]: `call_log.duration` is declared integer, the database has bigint
      every read of call_log that returns a value there fails: the driver does not decode bigint as integer; an insert may take effect before it returns that error, so a retry writes twice
      help: migration m50 is applied, but this table predates it or was edited by hand; write a new migration: sea-orm-cli migrate generate repair_call_log_duration, or declare the field as `i64`

    error[unique-missing]: `call_log (call_sid)` is declared unique, the database has no such index
      duplicates get into call_log, and upserts by these columns fail: no unique constraint matches ON CONFLICT
      help: migration m50 is applied, but this table predates it or was edited by hand; write a new migration: sea-orm-cli migrate generate repair_call_log_call_sid

    warning[default-differs]: `call_log.status` is declared with the default 'received', the database has no default
      inserts that omit status store NULL instead of 'received'
      help: migration m50 is applied, but this table predates it or was edited by hand; write a new migration: sea-orm-cli migrate generate repair_call_log_status

    5 differences (3 errors, 1 warning, 1 info): 1 entity, 34 columns, 6 indexes compared against postgres://app:***@db/calls
    ");
}

#[test]
fn the_cause_is_found_by_what_each_migration_settles() {
    use MigrationState::{Applied, Pending};
    let cause_of = |change: Change, history: &[Replayed]| {
        let mut report = report(vec![change]);
        report.explain(history);
        report.differences.remove(0).cause
    };
    let history =
        |first, second| [step("m50", first, vec![missing("recording_mode")]), step("m51", second, Vec::new())];
    let cause = |change, first, second| cause_of(change, &history(first, second));

    assert_eq!(cause(missing("recording_mode"), Applied, Pending), Some(Cause::PendingMigration("m51".to_owned())));
    assert_eq!(cause(missing("recording_mode"), Applied, Applied), Some(Cause::AppliedMigration("m51".to_owned())));
    assert_eq!(
        cause(Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() }, Pending, Pending),
        Some(Cause::PendingMigration("m50".to_owned()))
    );
    assert_eq!(cause(missing("status"), Pending, Pending), Some(Cause::Preexisting("m50".to_owned())));
    let status = Change::Default {
        column: "recording_mode".to_owned(),
        sides: Sides { declared: Some(DefaultValue::Literal("OFF".to_owned())), live: None },
        nullability: Nullability::Nullable,
        effect: crate::change::DefaultEffect::Stored,
    };
    assert_eq!(cause(status.clone(), Applied, Applied), Some(Cause::AppliedMigration("m51".to_owned())));
    assert_eq!(cause(status, Applied, Pending), Some(Cause::Preexisting("m51".to_owned())));
    assert_eq!(
        cause(Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false }, Applied, Applied),
        None
    );

    let nobody = [step("m50", Applied, vec![missing("recording_channels")])];
    assert_eq!(cause_of(missing("recording_channels"), &nobody), Some(Cause::NoMigration));
}

#[test]
fn what_breaks_nothing_is_in_sync_only_if_it_was_not_declared() {
    let addition = report(vec![Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false }]);
    assert!(addition.is_in_sync() && !addition.fails_at(Severity::Warning) && addition.fails_at(Severity::Info));

    let sides = Sides {
        declared: column_type("varchar(32)", Dialect::Postgres),
        live: column_type("varchar(64)", Dialect::Postgres),
    };
    let wider = report(vec![Change::Type { column: "status".to_owned(), sides }]);
    assert!(!wider.is_in_sync() && !wider.fails_at(Severity::Warning));
    assert!(wider.to_string().contains("info[type-differs]"), "a reason not to be in sync is shown:\n{wider}");
}
