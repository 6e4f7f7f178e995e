//! Changing a million rows: each once, whatever happens in between, and not faster than may be.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use migration::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_query::{Expr, ExprTrait, Query},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, TransactionTrait};
use sea_orm_connect::{Access, connect};
use sea_orm_runner::{Backfill, Error, Event, Runner, Settings, Stop};

use super::{Told, history, one, print, server_of, sleep};
use crate::servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    replicated_postgres,
};

/// Two back-fills in one migration: each row is counted once by each of them.
struct Counting;

struct Twice;

impl MigrationName for Twice {
    fn name(&self) -> &'static str {
        "m00000000_000000_count_twice"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Twice {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backfill = Backfill::new("many", "id").in_batches_of(NonZeroU32::new(BATCH).unwrap());
        for column in ["first", "second"] {
            let update = Query::update().table("many").value(column, Expr::col(column).add(1)).take();
            backfill.run(manager, &update).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

impl MigratorTrait for Counting {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Twice)]
    }
}

const BATCH: u32 = 5_000;
const MILLION: u32 = 1_000_000;

/// With holes between the keys, beginning below zero.
async fn fill(db: &DbConn, rows: u32) {
    let table = "CREATE TABLE many (id integer PRIMARY KEY, first integer NOT NULL, second integer NOT NULL)";
    db.execute_unprepared(table).await.unwrap();
    if rows == 0 {
        return;
    }
    let numbers = match server_of(db) {
        Postgres => format!("generate_series(1, {rows}) AS n (i)"),
        MySqlOrMariaDb => {
            let ten = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
                       UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
            format!(
                "(SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS i \
                 FROM {ten} a, {ten} b, {ten} c, {ten} e, {ten} f, {ten} g HAVING i <= {rows}) AS n"
            )
        }
        Sqlite => format!(
            "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n) AS n"
        ),
    };
    let insert = format!("INSERT INTO many SELECT i * 3 - 1000, 0, 0 FROM {numbers}");
    db.execute_unprepared(&insert).await.unwrap();
}

async fn counted(db: &DbConn) -> i64 {
    let cast = if server_of(db) == MySqlOrMariaDb { "SIGNED" } else { "bigint" };
    one(db, &format!("SELECT CAST(COUNT(*) AS {cast}) FROM many WHERE first = 1 AND second = 1")).await
}

async fn up(db: &DbConn, runner: &Runner) -> Result<(), Error> {
    runner.up::<Counting>(&DatabaseExecutor::Connection(db), None).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_million_rows_are_changed_once_each(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, MILLION).await;

    // Somebody stops it in the first half, and in the second: at an event of the first back-fill, however late that comes.
    let began = Instant::now();
    for stop_at in [40, 70] {
        let stop = Stop::new();
        let runner = {
            let stop = stop.clone();
            Runner::new().with_stop(stop.clone()).with_listener(move |event| {
                if matches!(event, Event::Rows { percent, .. } if *percent >= stop_at) {
                    stop.request(15);
                }
            })
        };
        let stopped = up(&db, &runner).await.unwrap_err();
        assert!(matches!(stopped, Error::Stopped { signal: 15, .. }), "{stopped:?}");
        assert_eq!(counted(&db).await, 0, "the second has not begun");
        assert!(history(&db).await.is_empty());
    }
    let told = Told::default();
    up(&db, &told.by(Runner::new())).await.unwrap();
    print(&format!("{server:?}: two million rows changed in batches of {BATCH} in {} ms", began.elapsed().as_millis()));

    assert_eq!(counted(&db).await, i64::from(MILLION), "each row once by each back-fill");
    let last = |wanted: u64| {
        let rows = |event: &Event| matches!(event, Event::Rows { rows, percent: 100, .. } if *rows == wanted);
        told.events().iter().filter(|event| rows(event)).count()
    };
    assert_eq!(last(MILLION.into()), 2, "both end with all rows, those of earlier runs included");
    assert!(db.execute_unprepared("SELECT * FROM seaql_backfills").await.is_err(), "nothing is left of it");
    assert_eq!(history(&db).await, ["m00000000_000000_count_twice"]);

    // Undone and applied again, it begins again.
    Runner::new().down::<Counting>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert!(history(&db).await.is_empty());
    up(&db, &Runner::new()).await.unwrap();
    assert_eq!(counted(&db).await, 0, "each row twice");
}

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
    for id in super::all::<i64>(db, others).await {
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

/// Keys at both ends of what there is.
#[tokio::test]
async fn the_least_and_the_greatest_key_are_changed_too() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let table = "CREATE TABLE many (id bigint PRIMARY KEY, first integer NOT NULL, second integer NOT NULL); \
                 INSERT INTO many VALUES (-9223372036854775808, 0, 0), (0, 0, 0), (9223372036854775807, 0, 0)";
    db.execute_unprepared(table).await.unwrap();
    let told = Told::default();
    up(&db, &told.by(Runner::new())).await.unwrap();
    assert_eq!(counted(&db).await, 3);
    let last = |event: &Event| matches!(event, Event::Rows { rows: 3, percent: 100, .. });
    assert!(told.events().iter().any(last), "{:?}", told.events());
}

#[rstest]
#[case::a_text(
    Sqlite,
    "CREATE TABLE many (id text PRIMARY KEY, first integer, second integer)",
    "('a', 0, 0), ('b', 0, 0)"
)]
#[case::a_number_that_is_too_great(
    MySqlOrMariaDb,
    "CREATE TABLE many (id bigint unsigned PRIMARY KEY, first integer, second integer)",
    "(1, 0, 0), (18446744073709551615, 0, 0)"
)]
#[tokio::test]
async fn a_key_that_is_no_integer_is_a_sentence(#[case] server: Server, #[case] table: &str, #[case] rows: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(table).await.unwrap();
    db.execute_unprepared(&format!("INSERT INTO many VALUES {rows}")).await.unwrap();
    let runner = Runner::new();
    let run = tokio::time::timeout(Duration::from_secs(20), up(&db, &runner));
    let Error::Failed { source, .. } = run.await.unwrap().unwrap_err() else { panic!("it has failed") };
    assert!(source.to_string().contains("`many.id` is not a 64-bit integer"), "{source}");
}

/// By itself, or by a migrator that is not safe, it would do twice what another does.
#[tokio::test]
async fn a_back_fill_that_no_runner_runs_is_refused() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 10).await;
    let refused = Counting::up(&db, None).await.unwrap_err();
    assert!(refused.to_string().contains("a back-fill needs a migration that a `Runner` runs"), "{refused}");
    assert!(db.execute_unprepared("SELECT * FROM seaql_backfills").await.is_err());
}

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

/// In one transaction the locks of all batches would be held to the end.
#[rstest]
#[tokio::test]
async fn a_back_fill_in_a_transaction_is_refused(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    struct Whole;
    struct InTransaction;
    impl MigrationName for InTransaction {
        fn name(&self) -> &'static str {
            "m00000000_000000_in_transaction"
        }
    }
    #[async_trait::async_trait]
    impl MigrationTrait for InTransaction {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            Twice.up(manager).await
        }
        fn use_transaction(&self) -> Option<bool> {
            Some(true)
        }
    }
    impl MigratorTrait for Whole {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(InTransaction)]
        }
    }
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 10).await;
    let error = Runner::new().up::<Whole>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    let Error::Failed { source, .. } = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("let `use_transaction` return `Some(false)`"), "{source}");
}

/// Nothing to change is no mistake.
#[tokio::test]
async fn an_empty_table_is_done_at_once() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    fill(&db, 0).await;
    let told = Told::default();
    up(&db, &told.by(Runner::new())).await.unwrap();
    let rows = |event: &Event| matches!(event, Event::Rows { .. });
    assert!(!told.events().iter().any(rows));
}
