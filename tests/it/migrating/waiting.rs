//! `call-log migrate wait`, and what programs read: status, progress and errors as JSON.

use std::time::Duration;

use rstest::rstest;
use sea_orm::{ConnectionTrait, Iterable, TransactionTrait};
use serde_json::{Value, json};

use super::{Running, known, legacy, until_waiting, until_waiting_for};
use crate::{
    it::program::{call_log, call_log_with},
    servers::{
        NOWHERE,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_starts_when_the_schema_fits(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = legacy(server).await else { return };
    let check = call_log(&["check", "--format", "json"], &database.url);
    let mut waiting = Running::start(&["migrate", "wait", "--timeout", "60s"], &database.url);
    let first = waiting.line();
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let waited = waiting.end().await;
    assert_eq!(waited.code, 0, "{}{}", waited.stdout, waited.stderr);
    let report: Value = serde_json::from_str(&check.stdout).unwrap();
    let missing = report["differences"].as_array().unwrap().iter().filter(|found| found["severity"] == "error");
    let missing: Vec<String> =
        missing.map(|found| format!("`column-missing` of `call_log.{}`", found["column"].as_str().unwrap())).collect();
    let missing = missing.join(", ");
    assert!(missing.contains("call_log.recording_mode`"), "{missing}");
    assert_eq!(first, format!("waiting  this would break this program: {missing}\n"));
    // Perhaps one of the migrations was there, and the others were not.
    let is_less =
        |line: &str| line.starts_with("waiting  this would break this program: ") && line.len() < first.len() - 1;
    assert!(waited.stderr.lines().all(is_less), "all of it, and once: {}", waited.stderr);
    let columns = entity::call_log::Column::iter().count();
    assert!(waited.stdout.contains(&format!("{columns} columns")), "{}", waited.stdout);
}

#[tokio::test]
async fn who_waited_in_vain_is_told_what_is_missing() {
    let Some(database) = legacy(Postgres).await else { return };
    // A busy machine may need longer for the first check.
    let mut waited = call_log(&["migrate", "wait", "--timeout", "3s"], &database.url);
    if waited.code == 69 {
        waited = call_log(&["migrate", "wait", "--timeout", "60s"], &database.url);
    }
    assert_eq!(waited.code, 1, "{}", waited.stderr);
    assert!(waited.stdout.contains("error[column-missing]"), "{}", waited.stdout);

    let nobody = format!("postgres://app:s3cret@{NOWHERE}/calls");
    let waited = call_log(&["migrate", "wait", "--timeout", "5s"], &nobody);
    assert_eq!((waited.code, waited.stdout.as_str()), (69, ""), "{}", waited.stderr);
    assert!(waited.stderr.starts_with("waiting  no database server answers at "), "{}", waited.stderr);
    assert!(!waited.stderr.contains("s3cret"));
}

#[test]
fn no_time_helps_a_wrong_url() {
    for (url, words) in [("redis://localhost", "not supported"), ("", "is missing or empty")] {
        let began = std::time::Instant::now();
        let waited = call_log(&["migrate", "wait", "--timeout", "1h"], url);
        assert_eq!((waited.code, waited.stdout.as_str()), (78, ""), "{}", waited.stderr);
        assert!(waited.stderr.contains(words) && began.elapsed().as_secs() < 600, "{}", waited.stderr);
    }
}

#[rstest]
#[tokio::test]
async fn programs_read_json(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = legacy(server).await else { return };
    let names = known();
    let status = |state| {
        let status = call_log(&["migrate", "status", "--format", "json"], &database.url);
        let migrations = names.iter().map(|name| json!({ "name": name, "state": state })).collect::<Vec<_>>();
        assert_eq!(
            serde_json::from_str::<Value>(&status.stdout).unwrap(),
            json!({ "version": 1, "migrations": migrations }),
            "{}",
            status.stderr
        );
        status.code
    };
    assert_eq!(status("pending"), 1);

    let up = call_log(&["migrate", "up", "--format", "json"], &database.url);
    assert_eq!(up.code, 0, "{}", up.stderr);
    for (event, name) in objects(&up.stderr).iter().zip(&names) {
        assert_eq!((&event["event"], &event["migration"]), (&json!("applied"), &json!(name)));
        assert!(event["milliseconds"].is_u64(), "{event}");
    }
    assert_eq!(objects(&up.stderr).len(), names.len());
    let report: Value = serde_json::from_str(&up.stdout).unwrap();
    assert_eq!(report["compared"]["columns"], entity::call_log::Column::iter().count());
    assert_eq!(status("applied"), 0);

    let down = call_log(&["migrate", "down", "-n", "2", "--format", "json"], &database.url);
    assert!(objects(&down.stderr).iter().all(|event| event["event"] == "undone"), "{}", down.stderr);
    let verbose = call_log(&["migrate", "up", "-v", "--format", "json"], &database.url);
    let statements: Vec<Value> =
        objects(&verbose.stderr).into_iter().filter(|event| event["event"] == "statement").collect();
    assert!(statements.iter().any(|event| event["sql"].as_str().unwrap().starts_with("ALTER TABLE")), "{statements:?}");
}

#[test]
fn an_error_is_json_where_progress_is() {
    let up = call_log_with(
        &["migrate", "up", "--format", "json", "--database-url", "postgres://app:s3cret@127.0.0.1:1/c"],
        &[],
    );
    let error = &objects(&up.stderr)[0];
    assert_eq!((up.code, &error["event"], &error["exit_code"]), (69, &json!("error"), &json!(69)));
    assert!(
        error["message"].as_str().unwrap().starts_with("no database server answers at postgres://app:***@"),
        "{error}"
    );
}

/// Those that say more than that a migration begins.
fn objects(lines: &str) -> Vec<Value> {
    let objects = lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")));
    objects.filter(|event: &Value| event["event"] != "applying" && event["event"] != "undoing").collect()
}

#[test]
fn a_wrong_duration_is_usage() {
    for time in ["soon", "0s", "30d"] {
        let up = call_log(&["migrate", "up", "--lock-timeout", time], "sqlite::memory:");
        assert_eq!((up.code, up.stdout.as_str()), (64, ""), "{}", up.stderr);
        assert!(up.stderr.contains("--lock-timeout"), "{}", up.stderr);
    }
}

/// Somebody has the table for himself, so that even its description cannot be read.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_does_not_wait_longer_than_asked() {
    let Some(database) = legacy(Postgres).await else { return };
    let db = database.connect().await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("LOCK TABLE call_log").await.unwrap();
    let waiting = Running::start(&["migrate", "wait", "--timeout", "3s"], &database.url);
    let waited = tokio::time::timeout(Duration::from_mins(2), waiting.end()).await.expect("it ends by itself");
    assert_eq!((waited.code, waited.stdout.as_str()), (69, ""), "{}", waited.stderr);
    let last = waited.stderr.lines().last().unwrap();
    assert!(last.ends_with("no answer in the time that was left"), "{last}");
    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 75, "{}", check.stderr);
    assert!(check.stderr.contains("lock timeout"), "{}", check.stderr);
    let limited = format!("{}?options=-c%20statement_timeout%3D500ms", database.url);
    let check = call_log(&["check"], &limited);
    assert_eq!(check.code, 2, "{}", check.stderr);
    assert!(check.stderr.contains("the `statement_timeout` of this role, database or server"), "{}", check.stderr);
    holder.rollback().await.unwrap();
}

/// Migrated, and then the check cannot read because of a lock: another try may help.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_behind_a_migration_that_has_to_wait_may_be_tried_again() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("LOCK TABLE call_log").await.unwrap();
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 75, "{}", up.stderr);
    assert!(
        up.stderr.contains("error: migrated, and not checked: the database's catalogue cannot be read"),
        "{}",
        up.stderr
    );
    holder.rollback().await.unwrap();
}

/// What only reads ends at once, also where a signal that nobody handles is not heeded, as in a container.
#[rstest]
#[case::wait(&["migrate", "wait", "--timeout", "1h"], "call_log")]
#[case::check(&["check"], "call_log")]
#[case::status(&["migrate", "status"], "seaql_migrations")]
#[case::plan(&["migrate", "plan"], "seaql_migrations")]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_what_only_reads(#[case] verb: &[&str], #[case] table: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared(&format!("LOCK TABLE {table}")).await.unwrap();
    let reading = Running::start(verb, &database.url);
    until_waiting_for(&db, table, 1).await;
    reading.signal("TERM");
    let reading = reading.end().await;
    assert_eq!((reading.code, reading.stdout.as_str()), (143, ""), "{}", reading.stderr);
    assert!(reading.stderr.ends_with("error: stopped by signal 15\n"), "{}", reading.stderr);
    holder.rollback().await.unwrap();
}

/// Migrated, and then the check cannot read: a signal ends that, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_check_behind_a_migration() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("LOCK TABLE call_log").await.unwrap();
    let up = Running::start(&["migrate", "up"], &database.url);
    until_waiting(&db, 1).await;
    up.signal("TERM");
    let up = up.end().await;
    assert_eq!(up.code, 143, "{}", up.stderr);
    assert!(up.stderr.ends_with("error: migrated, and not checked: stopped by signal 15\n"), "{}", up.stderr);
}
