//! What holds a back-fill up: a locked row, a rate, a replica.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};
use sea_orm_connect::{Access, connect};
use sea_orm_runner::{Error, Event, Runner, Settings};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    one, replicated_postgres,
};

use super::super::{Told, sleep};
use super::{counted, fill, up};

/// A row that somebody has locked holds up its batch, and not the run.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_row_is_waited_for(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 20_000).await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("UPDATE many SET first = 0 WHERE id = 29000").await.unwrap();
    let told = Told::default();
    let running = {
        let (db, runner) = (database.connect().await, told.by(Runner::new()));
        tokio::spawn(async move { up(&db, &runner).await })
    };
    let waited = |event: &Event| matches!(event, Event::WaitingForTable { blockers, .. } if !blockers.is_empty());
    while !told.events().iter().any(waited) {
        assert!(!running.is_finished(), "{:?}", told.events());
        sleep(50).await;
    }
    holder.commit().await.unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(counted(&db).await, 20_000);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_row_is_given_up_at_last(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 20_000).await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("UPDATE many SET first = 0 WHERE id = 29000").await.unwrap();
    let settings = Settings { lock_wait: Duration::from_secs(1), ..Settings::default() };
    let other = database.connect().await;
    let error = up(&other, &Runner::new().with_settings(settings)).await.unwrap_err();
    assert!(matches!(&error, Error::Blocked { .. }) && error.exit_code() == 75, "{error:?}");
    holder.commit().await.unwrap();
    up(&other, &Runner::new()).await.unwrap();
    assert_eq!(counted(&db).await, 20_000);
}

/// Not faster than may be: the lower bound of the time is what is asserted.
#[tokio::test]
async fn a_rate_is_kept() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 20_000).await;
    let settings = Settings { max_rate: NonZeroU32::new(20_000), ..Settings::default() };
    let began = Instant::now();
    up(&db, &Runner::new().with_settings(settings)).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(2), "twice 20,000 rows: {:?}", began.elapsed());
}

/// A real replica stops replaying: the back-fill pauses, says so, and goes on when the replica does.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_behind_is_waited_for() {
    let Some((_server, port)) = replicated_postgres() else { return };
    let at = async |host: &str| {
        let url = format!("postgres://postgres@{host}:{port}/postgres").parse().unwrap();
        connect(&url, None, Access::ReadWrite).await.unwrap()
    };
    let (db, replica) = (at("127.0.0.1").await, at("127.0.0.2").await);
    fill(&db, 200_000).await;
    replica.execute_unprepared("SELECT pg_wal_replay_pause()").await.unwrap();
    let told = Told::default();
    let settings = Settings { max_lag: Some(Duration::from_millis(100)), ..Settings::default() };
    let running = {
        let (db, runner) = (db.clone(), told.by(Runner::new().with_settings(settings)));
        tokio::spawn(async move { up(&db, &runner).await })
    };
    let waits = |told: &Told| told.events().iter().any(|event| matches!(event, Event::WaitingForReplica { .. }));
    while !waits(&told) && !running.is_finished() {
        sleep(50).await;
    }
    // How far it came in the meantime depends on the machine; that it stays there does not.
    let changes = async || one::<i64>(&db, "SELECT sum(first + second) FROM many").await;
    let there = changes().await;
    sleep(2_000).await;
    assert!(waits(&told) && !running.is_finished(), "{:?}", told.events());
    assert!(there < 400_000 && changes().await == there);
    replica.execute_unprepared("SELECT pg_wal_replay_resume()").await.unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(counted(&db).await, 200_000);
}

#[tokio::test]
async fn what_is_known_of_replicas_only_to_others_is_a_sentence() {
    let lag = Settings { max_lag: Some(Duration::from_secs(1)), ..Settings::default() };
    for server in [MySqlOrMariaDb, Sqlite] {
        let Some(database) = server.empty_database().await else { return };
        let db = database.connect().await;
        fill(&db, 10).await;
        let error = up(&db, &Runner::new().with_settings(lag.clone())).await.unwrap_err();
        let Error::Failed { source, .. } = error else { panic!("{error:?}") };
        assert!(source.to_string().contains("only PostgreSQL reports the lag of replicas"), "{source}");
    }
}
