//! Killed at a hundred random moments, run again, done: with the rows as they were. How many were killed while they were at
//! work is printed.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn};

use super::{Running, UNDO_ALL, history, known, legacy, print, rebuild, rows, undo_all};
use crate::{
    it::program::{call_log, lines_beginning},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

const TIMES: u32 = 100;

/// On so many databases at once, because a run mostly waits for its server.
const LANES: u32 = 4;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_a_hundred_moments_and_run_again(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let mut lanes = tokio::task::JoinSet::new();
    for _ in 0..LANES {
        let Some(database) = legacy(server).await else { return };
        lanes.spawn(kill_and_run_again(database));
    }
    let met = lanes.join_all().await;
    let interrupted: u32 = met.iter().map(|met| met.0).sum();
    let half_done: u32 = met.iter().map(|met| met.1).sum();
    print(&format!(
        "{server:?}: of {TIMES} kills {interrupted} met a program that ran, {half_done} left something to do"
    ));
    assert!(interrupted > 0 && half_done > 0, "the moments were too late: {interrupted}, {half_done}");
}

/// How many kills met a program that ran, and how many left something to do.
async fn kill_and_run_again(database: Database) -> (u32, u32) {
    let db = database.connect().await;
    let before = rows(&db).await;
    let took = {
        let began = Instant::now();
        assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
        began.elapsed()
    };
    let mut interrupted = 0;
    let mut half_done = 0;
    for moment in moments(took, TIMES / LANES) {
        undo(&database, &db).await;
        let mut running = Running::start(&["migrate", "up"], &database.url);
        tokio::time::sleep(moment).await;
        interrupted += u32::from(running.child.try_wait().unwrap().is_none());
        let told = killed(running);
        let on_record = recorded(&database);
        half_done += u32::from(on_record.len() < known().len());
        for line in lines_beginning(&told, "applied  ") {
            let name = line.split_whitespace().nth(1).unwrap();
            assert!(on_record.iter().any(|recorded| recorded == name), "said before it was true: {line}");
        }

        let up = call_log(&["migrate", "up", "--lock-wait", "60s"], &database.url);
        assert_eq!(up.code, 0, "after {moment:?}: {}{}", up.stdout, up.stderr);
        assert_eq!(rows(&db).await, before, "after {moment:?}: every row is as it was");
        assert_eq!(history(&db).await, known());
    }
    (interrupted, half_done)
}

/// `down` on a database without transactional DDL: what was adopted is never dropped, however often it is killed.
#[tokio::test(flavor = "multi_thread")]
async fn a_down_that_is_killed_never_drops_what_was_adopted() {
    let Some(database) = legacy(MySqlOrMariaDb).await else { return };
    let db = database.connect().await;
    let before = rows(&db).await;
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let took = {
        let began = Instant::now();
        assert_eq!(undo_all(&database.url).code, 0);
        began.elapsed()
    };
    for moment in moments(took, 40) {
        rebuild(&db).await;
        assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
        let running = Running::start(&UNDO_ALL, &database.url);
        tokio::time::sleep(moment).await;
        killed(running);
        let down = call_log(&[&UNDO_ALL[..], &["--lock-wait", "60s"]].concat(), &database.url);
        assert_eq!(down.code, 0, "after {moment:?}: {}", down.stderr);
        assert_eq!(rows(&db).await, before, "after {moment:?}");
        assert_eq!(history(&db).await, Vec::<String>::new());
    }
}

/// As it was before any migration ran.
async fn undo(database: &Database, db: &DbConn) {
    let down = undo_all(&database.url);
    assert_eq!(down.code, 0, "{}", down.stderr);
    db.execute_unprepared("DROP TABLE seaql_migrations").await.unwrap();
    rebuild(db).await;
}

/// What it had told until then.
fn killed(mut running: Running) -> String {
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let mut told = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    told
}

/// The migrations on record.
fn recorded(database: &Database) -> Vec<String> {
    let status = call_log(&["migrate", "status"], &database.url);
    assert!([0, 1].contains(&status.code), "{}", status.stderr);
    let applied = lines_beginning(&status.stdout, "applied  ");
    applied.into_iter().map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
}

/// One in each of so many parts of the time that a whole run takes.
fn moments(took: Duration, parts: u32) -> Vec<Duration> {
    let mut moments: Vec<Duration> =
        (0..parts).map(|part| took.mul_f64((f64::from(part) + fastrand::f64()) / f64::from(parts))).collect();
    fastrand::shuffle(&mut moments);
    moments
}
