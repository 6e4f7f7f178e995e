//! `call-log retention`: old calls are deleted or moved, each once, whatever happens in between.

use std::{
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use entity::{
    call_log::{self, ActiveModel, Model},
    enums::CostBucket,
};
use rstest::rstest;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbConn, EntityTrait, FromQueryResult, Statement, TransactionTrait,
    prelude::DateTime,
};

use super::{ended, insert, migrated};
use crate::{
    it::program::{Run, call_log},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

const OLD: [&str; 3] = ["retention", "--older-than", "400d"];

fn days_ago(days: i64) -> DateTime {
    let time = Utc::now().naive_utc() - TimeDelta::days(days);
    DateTime::new(time.date(), chrono::NaiveTime::from_hms_opt(10, 0, 0).unwrap())
}

fn final_call(call_sid: &str, created_at: DateTime) -> ActiveModel {
    ActiveModel { estimated_cost_bucket: Set(Some(CostBucket::Low)), ..ended(call_sid, created_at) }
}

fn archive_to(database: &Database, table: &str) -> Run {
    call_log(&[&OLD[..], &["--archive-to", table]].concat(), &database.url)
}

/// By doing what the program says.
async fn create_archive(database: &Database, db: &DbConn) {
    let refused = archive_to(database, "old_calls");
    assert_eq!(refused.code, 78, "{refused:?}");
    let (_, statement) = refused.stderr.split_once("create it first: ").expect("it says how");
    db.execute_unprepared(statement.trim()).await.unwrap();
}

async fn archived(db: &DbConn) -> Vec<Model> {
    let select = Statement::from_string(db.get_database_backend(), "SELECT * FROM old_calls ORDER BY id");
    Model::find_by_statement(select).all(db).await.unwrap()
}

async fn left(db: &DbConn) -> Vec<Model> {
    call_log::Entity::find().all(db).await.unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn old_final_calls_are_moved_as_they_are_and_all_others_stay(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((database, db)) = migrated(server).await else { return };
    let text = Some("it's \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f4de}".to_owned());
    let old = insert(&db, ActiveModel { summary: Set(text), ..final_call("CA1", days_ago(500)) }).await;
    let other = insert(&db, final_call("CA2", days_ago(401))).await;
    // Another program has its own word for the cost.
    db.execute_unprepared("UPDATE call_log SET estimated_cost_bucket = 'FREE' WHERE call_sid = 'CA2'").await.unwrap();
    insert(&db, ended("open", days_ago(500))).await;
    insert(&db, final_call("young", days_ago(399))).await;
    insert(&db, ActiveModel { created_at: Set(None), ..final_call("timeless", days_ago(500)) }).await;
    create_archive(&database, &db).await;

    let counted = call_log(&[&OLD[..], &["--dry-run", "--archive-to", "old_calls"]].concat(), &database.url);
    assert_eq!(counted.code, 0, "{counted:?}");
    assert!(counted.stdout.starts_with("2 calls made before "), "{}", counted.stdout);
    assert!(
        counted.stdout.ends_with(" UTC would be moved to old_calls; 1 more is not final and stays\n"),
        "{counted:?}"
    );
    assert!(archived(&db).await.is_empty(), "it only counts");

    let moved = archive_to(&database, "old_calls");
    assert_eq!(moved.code, 0, "{moved:?}");
    assert!(moved.stdout.starts_with("2 calls made before "), "{}", moved.stdout);
    assert!(moved.stdout.ends_with(" UTC moved to old_calls; 1 more is not final and stays\n"), "{}", moved.stdout);
    db.execute_unprepared("UPDATE old_calls SET estimated_cost_bucket = 'LOW' WHERE call_sid = 'CA2'").await.unwrap();
    assert_eq!(archived(&db).await, [old, other], "as they were");
    let mut sids: Vec<_> = left(&db).await.into_iter().filter_map(|call| call.call_sid).collect();
    sids.sort();
    assert_eq!(sids, ["open", "timeless", "young"]);

    let deleted = call_log(&["retention", "--older-than", "390d"], &database.url);
    assert_eq!(deleted.code, 0, "{deleted:?}");
    assert!(
        deleted.stdout.starts_with("1 call made before ") && deleted.stdout.contains(" UTC deleted;"),
        "{deleted:?}"
    );
    assert_eq!((left(&db).await.len(), archived(&db).await.len()), (2, 2));
}

/// Twenty batches.
const MANY: i64 = 20_000;

/// As many old calls, one a minute.
async fn fill(db: &DbConn) {
    for first in (0..MANY).step_by(500) {
        let calls = (first..first + 500)
            .map(|number| final_call(&format!("CA{number}"), days_ago(500) + TimeDelta::minutes(number)));
        call_log::Entity::insert_many(calls).exec(db).await.unwrap();
    }
}

/// At such a pace that there is time to meet it.
fn slowly(database: &Database) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command.args(OLD).args(["--archive-to", "old_calls", "--max-rate", "4000"]);
    command.env_clear().env("DATABASE_URL", &database.url).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until it has moved more than so many calls.
async fn until_moved(db: &DbConn, calls: i64, running: &mut Child) {
    let began = Instant::now();
    while rows(db, "old_calls").await <= calls {
        assert!(running.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(began.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn rows(db: &DbConn, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(DISTINCT call_sid), COUNT(*) FROM {table}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    let (different, all): (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
    assert_eq!(different, all, "no call is there twice");
    all
}

/// Each call in one table.
async fn assert_whole(db: &DbConn) -> i64 {
    let moved = rows(db, "old_calls").await;
    let both = "SELECT id FROM call_log WHERE id IN (SELECT id FROM old_calls)";
    let both = db.query_all_raw(Statement::from_string(db.get_database_backend(), both)).await.unwrap();
    assert_eq!(both.len(), 0, "no call is in both tables");
    assert_eq!(rows(db, "call_log").await + moved, MANY, "no call is lost");
    moved
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_twice_and_stopped_it_loses_no_call_and_doubles_none(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((database, db)) = migrated(server).await else { return };
    fill(&db).await;
    create_archive(&database, &db).await;
    for round in 0..2 {
        let mut running = slowly(&database);
        until_moved(&db, round * 3_000, &mut running).await;
        running.kill().unwrap();
        running.wait().unwrap();
        assert_whole(&db).await;
    }
    let mut running = slowly(&database);
    until_moved(&db, 8_000, &mut running).await;
    assert!(Command::new("kill").arg(running.id().to_string()).status().unwrap().success());
    let Output { status, stdout, stderr } = running.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(143), "{stdout}{stderr}");
    assert!(stderr.contains("error: stopped by signal 15; run it again: it continues with what is left"), "{stderr}");
    assert!(stdout.ends_with(" moved to old_calls; not all: see the error\n"), "{stdout}");
    let moved = assert_whole(&db).await;
    assert!(moved < MANY);

    let last = archive_to(&database, "old_calls");
    assert_eq!(last.code, 0, "{last:?}");
    assert!(last.stdout.starts_with(&format!("{} calls ", MANY - moved)), "{last:?}");
    assert_eq!(assert_whole(&db).await, MANY);
}

/// Somebody works on a call, which holds up the batch, and not the other calls for long.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_call_is_waited_for(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    insert(&db, final_call("CA1", days_ago(500))).await;
    insert(&db, final_call("CA2", days_ago(500))).await;
    let holder = db.begin().await.unwrap();
    // It is reopened: the retention must find it open.
    let reopen = "UPDATE call_log SET estimated_cost_bucket = NULL WHERE call_sid = 'CA1'";
    holder.execute_unprepared(reopen).await.unwrap();
    let url = database.url.clone();
    let running = tokio::task::spawn_blocking(move || call_log(&OLD, &url));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!running.is_finished());
    holder.commit().await.unwrap();
    let done = running.await.unwrap();
    assert_eq!(done.code, 0, "{done:?}");
    // SQLite's own wait is longer than this one.
    let waits = done.stderr.contains("waiting  retention of LOW: a table is in use, rolled back, retrying");
    assert!(waits || server == Sqlite, "{done:?}");
    assert!(done.stdout.starts_with("1 call made ") && done.stdout.contains("1 more is not final"), "{}", done.stdout);
    assert_eq!(left(&db).await[0].call_sid.as_deref(), Some("CA1"));
}

#[rstest]
#[case::an_age_that_is_none(&["--older-than", "soon"], 64, "invalid value 'soon'")]
#[case::no_age(&[], 64, "--older-than <TIME>")]
#[case::calls_that_still_change(&["--older-than", "1h"], 64, "it must be at least 1d: younger calls may still change")]
#[case::all_calls(&["--older-than", "0s"], 64, "it must be at least 1d")]
#[case::before_there_was_a_telephone(&["--older-than", "900y"], 64, "it must not reach back before 1970")]
#[case::an_archive_without_a_name(&["--older-than", "9d", "--archive-to", ""], 64, "`` is not the name of a table")]
#[case::a_statement(&["--older-than", "9d", "--archive-to", "x; DROP TABLE y"], 64, "is not the name of a table")]
#[case::the_table_itself(&["--older-than", "9d", "--archive-to", "call_log"], 78, "it is the table they are in")]
#[case::a_table_that_is_missing(&["--older-than", "9d", "--archive-to", "nowhere"], 78, "there is no table `nowhere`")]
#[case::another_table(&["--older-than", "9d", "--archive-to", "seaql_migrations"], 78, "business_id is missing")]
#[case::a_view(&["--older-than", "9d", "--archive-to", "all_calls"], 78, "it is not a table")]
#[tokio::test]
async fn nonsense_is_refused(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] arguments: &[&str],
    #[case] code: i32,
    #[case] sentence: &str,
) {
    let Some((database, db)) = migrated(server).await else { return };
    db.execute_unprepared("CREATE VIEW all_calls AS SELECT * FROM call_log").await.unwrap();
    insert(&db, final_call("CA1", days_ago(500))).await;
    let refused = call_log(&[&["retention"], arguments].concat(), &database.url);
    assert_eq!(refused.code, code, "{refused:?}");
    assert!(refused.stderr.contains(sentence), "{}", refused.stderr);
    assert_eq!(left(&db).await.len(), 1, "nothing was removed");
}

/// An archive that a crash or a kill would leave with a call lost or twice.
#[rstest]
#[case(Postgres, "CREATE UNLOGGED TABLE old_calls (LIKE call_log)", "its rows do not survive a crash")]
#[case(MySqlOrMariaDb, "CREATE TABLE old_calls ENGINE = MyISAM AS SELECT * FROM call_log", "has no transactions")]
#[case(
    Postgres,
    "CREATE TABLE old_calls AS SELECT * FROM call_log; ALTER TABLE old_calls ALTER summary TYPE varchar(5)",
    "summary is character varying(5) instead of text"
)]
#[tokio::test]
async fn an_archive_that_does_not_keep_calls_as_they_are_is_refused(
    #[case] server: Server,
    #[case] create: &str,
    #[case] sentence: &str,
) {
    let Some((database, db)) = migrated(server).await else { return };
    db.execute_unprepared(create).await.unwrap();
    let refused = archive_to(&database, "old_calls");
    assert_eq!(refused.code, 78, "{refused:?}");
    assert!(refused.stderr.contains(sentence), "{}", refused.stderr);
}

/// As `docs/scale.md` shows it. A month without a partition keeps its calls where they are.
#[tokio::test]
async fn an_archive_may_be_partitioned_by_time() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    insert(&db, final_call("CA1", days_ago(500))).await;
    insert(&db, final_call("CA2", days_ago(420))).await;
    let archive =
        "CREATE TABLE old_calls (LIKE call_log, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at)";
    db.execute_unprepared(archive).await.unwrap();
    let (from, to) = (days_ago(600).date(), days_ago(450).date());
    let month = format!("CREATE TABLE old_1 PARTITION OF old_calls FOR VALUES FROM ('{from}') TO ('{to}')");
    db.execute_unprepared(&month).await.unwrap();
    let moved = call_log(&["retention", "--older-than", "460d", "--archive-to", "public.old_calls"], &database.url);
    assert_eq!((moved.code, rows(&db, "old_1").await), (0, 1), "{moved:?}");
    let failed = archive_to(&database, "old_calls");
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stderr.contains("no partition of relation"), "{}", failed.stderr);
    assert_eq!(left(&db).await[0].call_sid.as_deref(), Some("CA2"));
}

/// A batch that the database rejects changes neither table.
#[rstest]
#[tokio::test]
async fn a_batch_that_fails_removes_nothing(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let call = insert(&db, final_call("CA1", days_ago(500))).await;
    create_archive(&database, &db).await;
    // It was archived before, and somebody put it back.
    db.execute_unprepared("INSERT INTO old_calls SELECT * FROM call_log").await.unwrap();
    let failed = archive_to(&database, "old_calls");
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stderr.contains("a batch failed and was rolled back"), "{}", failed.stderr);
    assert_eq!(left(&db).await, [call]);
    assert_eq!(archived(&db).await.len(), 1);
}

#[tokio::test]
async fn an_unreachable_server_is_69() {
    let run = call_log(&OLD, &format!("postgres://nobody@{}/calls", crate::servers::NOWHERE));
    assert_eq!(run.code, 69, "{run:?}");
}

#[tokio::test]
async fn the_summary_is_json_where_json_is_asked_for() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    db.execute_unprepared("INSERT INTO call_log (business_id, created_at) VALUES (7, '2020-01-01 00:00:00')")
        .await
        .unwrap();
    for (extra, is_dry_run) in [(&["--dry-run"][..], true), (&[], false)] {
        let ran =
            call_log(&[&["retention", "--older-than", "400d", "--format", "json"], extra].concat(), &database.url);
        let summary: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
        let [calls, not_final, dry_run] = ["calls", "not_final", "dry_run"].map(|key| summary[key].clone());
        assert_eq!((calls, not_final, dry_run), (0.into(), 1.into(), is_dry_run.into()), "{summary}");
    }
}
