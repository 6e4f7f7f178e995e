//! Sessions that end, and several back-fills at once: no batch is lost, and none is done twice.

use std::num::NonZeroU32;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn};
use sea_orm_runner::{Error, Event, Runner, Settings};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    all,
};

use super::super::{Told, history, sleep};
use super::{counted, fill, up};

/// The server ends the session, again and again; no batch is lost, and none is done twice.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_costs_one_batch(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 100_000).await;
    let mut lost = 0;
    loop {
        let told = Told::default();
        let running = {
            let db = database.connect().await;
            let settings = Settings { max_rate: NonZeroU32::new(100_000), ..Settings::default() };
            let runner = told.by(Runner::new().with_settings(settings));
            tokio::spawn(async move { up(&db, &runner).await })
        };
        let moves = |event: &Event| matches!(event, Event::Rows { .. });
        while !told.events().iter().any(moves) && !running.is_finished() {
            sleep(20).await;
        }
        // Longer each time: on a slow machine a batch takes longer than the first pauses.
        sleep(50 + 10 * lost).await;
        end_sessions(&db, server).await;
        match running.await.unwrap() {
            Ok(()) => break,
            Err(error) => {
                assert!(matches!(error, Error::Lost { .. } | Error::LockLost { .. }), "{error:?}");
                lost += 1;
            }
        }
        assert!(lost < 200, "it comes to an end");
    }
    assert!(lost > 0);
    assert_eq!(counted(&db).await, 100_000);
}

/// All that work on `many`.
async fn end_sessions(db: &DbConn, server: Server) {
    if server == Postgres {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND \
                   pid <> pg_backend_pid()";
        db.execute_unprepared(end).await.unwrap();
        return;
    }
    let others =
        "SELECT CAST(ID AS SIGNED) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()";
    for id in all::<i64>(db, others).await {
        // It may have ended by itself.
        db.execute_unprepared(&format!("KILL {id}")).await.ok();
    }
}

/// A session is ended while it pauses, and with it goes the lock, which another migrator takes: no row is changed twice.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_migrators_and_a_session_that_is_ended(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 40_000).await;
    let slowly = Settings { max_rate: NonZeroU32::new(20_000), ..Settings::default() };
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (db, runner) = (database.connect().await, Runner::new().with_settings(slowly.clone()));
        running.spawn(async move { up(&db, &runner).await });
        sleep(300).await;
    }
    sleep(600).await;
    end_sessions(&db, server).await;
    for ended in running.join_all().await {
        if let Err(error) = ended {
            assert!([69, 75].contains(&error.exit_code()), "{error:?}");
        }
    }
    up(&db, &Runner::new()).await.unwrap();
    assert_eq!(counted(&db).await, 40_000, "each row once by each back-fill");
}

/// SQLite has no lock that outlives a statement: several may be at the same back-fill, and share it.
#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_on_sqlite_share_the_rows() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 60_000).await;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..4 {
        let db = database.connect().await;
        running.spawn(async move {
            sleep(number * 40).await;
            up(&db, &Runner::new()).await
        });
    }
    for ended in running.join_all().await {
        ended.unwrap();
    }
    assert_eq!(counted(&db).await, 60_000, "each row once by each back-fill");
    assert!(db.execute_unprepared("SELECT * FROM seaql_backfills").await.is_err(), "nothing is left of it");
    assert_eq!(history(&db).await.len(), 1);
}
