//! A commit that waits for a synchronous replica that is not there (PostgreSQL).

use std::time::{Duration, Instant};

use super::{Running, history, known};
use crate::{
    it::program::call_log,
    servers::{all, replicated_postgres, run},
};
use sea_orm::{ConnectionTrait, Database};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_which_replica_it_waits_for_in_commit_and_a_signal_ends_it() {
    let Some((_server, port)) = replicated_postgres() else { return };
    let maintenance = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    run(&maintenance, "CREATE DATABASE calls").await;
    let url = format!("postgres://postgres@127.0.0.1:{port}/calls");
    assert_eq!(call_log(&["migrate", "up", "-n", "2"], &url).code, 0);
    let db = Database::connect(&url).await.unwrap();
    // Each alone: ALTER SYSTEM runs outside a transaction.
    for statement in ["ALTER SYSTEM SET synchronous_standby_names = 'gone'", "SELECT pg_reload_conf()"] {
        db.execute_unprepared(statement).await.unwrap();
    }
    while all::<String>(&db, "SHOW synchronous_standby_names").await != ["gone"] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let mut up = Running::start(&["migrate", "up"], &url);
    let mut line = up.line();
    while line.starts_with("applying ") {
        line = up.line();
    }
    assert!(line.starts_with("waiting  m2026") && line.contains("synchronous_standby_names: gone"), "{line}");
    let began = Instant::now();
    up.signal("TERM");
    let up = up.end().await;
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(up.code, 143, "{}", up.stderr);
    assert!(up.stderr.contains("the primary has stored it"), "{}", up.stderr);
    assert_eq!(history(&db).await.len(), 2, "nobody sees it yet");

    for statement in ["ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()"] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let began = Instant::now();
    while history(&db).await.len() < 3 {
        assert!(began.elapsed() < Duration::from_mins(1), "it is not applied");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let up = call_log(&["migrate", "up"], &url);
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert_eq!(history(&db).await, known());
}
