//! SIGINT and SIGTERM end a run cleanly, after the statement that is running.

use std::time::{Duration, Instant};

use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{Running, history, legacy, rows, until_waiting};
use crate::{it::program::call_log, servers::Server::Postgres};

#[rstest]
#[case::sigint("INT", 130)]
#[case::sigterm("TERM", 143)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_program_that_waits(#[case] signal: &str, #[case] code: i32) {
    let Some(database) = legacy(Postgres).await else { return };
    let db = database.connect().await;
    let before = rows(&db).await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log").await.unwrap();
    let up = Running::start(&["migrate", "up"], &database.url);
    until_waiting(&db, 1).await;
    let began = Instant::now();
    up.signal(signal);
    let up = up.end().await;
    assert!(began.elapsed() < Duration::from_mins(1), "it did not wait for the table");
    assert_eq!(up.code, code, "{}", up.stderr);
    let last = up.stderr.lines().last().unwrap();
    assert!(last.starts_with(&format!("error: stopped by signal {}", code - 128)), "{last}");
    assert_eq!(history(&db).await, ["m20251227_000050_create_call_log"]);
    holder.commit().await.unwrap();
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    assert_eq!(rows(&db).await, before);
}
