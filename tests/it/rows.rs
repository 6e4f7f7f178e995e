//! `check --rows`, as a person types it.

use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::program::call_log;
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[rstest]
#[tokio::test]
async fn the_rows_decide_and_the_exit_code_follows(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    for id in 1..=5 {
        let insert = format!("INSERT INTO call_log (business_id, call_sid) VALUES (1, 'CA{id}')");
        db.execute_unprepared(&insert).await.unwrap();
    }
    let all = call_log(&["check", "--rows", "--decode"], &database.url);
    assert_eq!((all.code, all.stderr.as_str()), (0, ""));
    assert!(all.stdout.contains("note: call_log: all 5 rows were read through the entity"), "{}", all.stdout);
    let some = call_log(&["check", "--rows", "--decode", "--limit", "3", "--max-rate", "1000"], &database.url);
    assert!(some.stdout.contains("the first 3 rows were read through the entity"), "{}", some.stdout);

    // SQLite keeps what it is given, and the driver refuses it.
    let Sqlite = server else { return };
    db.execute_unprepared("UPDATE call_log SET duration = 99999999999 WHERE id = 4").await.unwrap();
    let wrong = call_log(&["check", "--rows", "--decode"], &database.url);
    assert_eq!(wrong.code, 1, "{}", wrong.stdout);
    assert!(wrong.stdout.contains("error[rows-unreadable]"), "{}", wrong.stdout);
    assert!(wrong.stdout.contains("1 row, with the key 4 (of all 5 rows looked at)"), "{}", wrong.stdout);
    assert!(!wrong.stdout.contains("99999999999"), "{}", wrong.stdout);
    assert_eq!(call_log(&["check", "--rows"], &database.url).code, 0, "nobody asked to decode them");
    assert_eq!(call_log(&["check", "--rows", "--decode", "--after", "4"], &database.url).code, 0);

    let json = call_log(&["check", "--rows", "--decode", "--format", "json"], &database.url);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    let found = report["differences"].as_array().unwrap().iter().find(|found| found["rule"] == "rows-unreadable");
    assert_eq!(found.unwrap()["consequence"], "reads-fail");
}

#[tokio::test]
async fn a_time_limit_reports_what_was_found_and_where_to_go_on() {
    let database = Sqlite.empty_database().await.unwrap();
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    let insert = "INSERT INTO call_log (business_id, call_sid) \
                  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) SELECT 1, 'CA' || i FROM n";
    db.execute_unprepared(insert).await.unwrap();
    let ran = call_log(&["check", "--rows", "--decode", "--timeout", "1ms"], &database.url);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("the first 10000 rows were read"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("the last key of call_log was 10000: go on with --after call_log=10000"),
        "{}",
        ran.stdout
    );
    let rest = call_log(&["check", "--rows", "--decode", "--after", "call_log=10000"], &database.url);
    assert!(rest.stdout.contains("the first 15000 rows were read"), "{}", rest.stdout);

    let wrong = call_log(&["check", "--rows", "--decode", "--after", "call_log=last"], &database.url);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (64, ""));
    assert_eq!(wrong.stderr, "error: --after: call_log: `last` is no whole number, as its key is\n");
}

#[rstest]
#[case::without_a_database(&["check", "--rows", "--migrations"])]
#[case::decoding_alone(&["check", "--decode"])]
#[case::no_rows(&["check", "--rows", "--limit", "0"])]
#[case::a_time_without_a_unit(&["check", "--rows", "--timeout", "5"])]
fn what_makes_no_sense_is_refused(#[case] arguments: &[&str]) {
    let ran = call_log(arguments, "sqlite::memory:");
    assert_eq!(ran.code, 64, "{}", ran.stderr);
}
