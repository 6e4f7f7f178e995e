//! Changing a million rows: each once, whatever happens in between, and not faster than may be.

mod held_up;
mod interrupted;

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn};
use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_query::{Expr, ExprTrait, Query},
};
use sea_orm_runner::{Backfill, Error, Event, Runner, Stop};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    one,
};

use super::{Library, Told, history, migrator, print};

migrator!(Reading {
    m3_minutes(Some(false)) = async |manager| {
        let update = Query::update().table("book").value("minutes", Expr::col("pages").mul(2)).take();
        Backfill::new("book", "id").in_batches_of(NonZeroU32::new(3).unwrap()).run(manager, &update).await
    } undo {
        let _ = manager;
        Ok(())
    }
});

#[rstest]
#[tokio::test]
async fn each_row_is_changed_once(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let executor = DatabaseExecutor::Connection(&db);
    Runner::new().up::<Library>(&executor, None).await.unwrap();
    let books: Vec<String> = (1..=10).map(|id| format!("({}, {id})", id * 7)).collect();
    db.execute_unprepared(&format!("INSERT INTO book (id, pages) VALUES {}", books.join(", "))).await.unwrap();
    let told = Told::default();
    let runner = told.by(Runner::new());
    // The history of another migrator on the same table: its migrations are unknown to this one.
    runner.up::<Reading>(&executor, None).await.unwrap();
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM book WHERE minutes = pages * 2").await, 10);
    let events = told.events();
    let last = events.iter().rev().find_map(|event| match event {
        Event::Rows { rows, percent, .. } => Some((*rows, *percent)),
        _ => None,
    });
    assert_eq!(last, Some((10, 100)));
    assert!(
        events.iter().any(|event| matches!(event, Event::AppliedByAnother { migrations } if migrations.len() == 2))
    );
}

#[tokio::test]
async fn it_needs_a_runner() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    Runner::new().up::<Library>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    let migrations = Reading::migrations();
    let error = migrations[0].up(&SchemaManager::new(&db)).await.unwrap_err();
    assert!(error.to_string().contains("`Runner`"), "{error}");
}

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
    let numbers = match Server::of(db) {
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
    let cast = if Server::of(db) == MySqlOrMariaDb { "SIGNED" } else { "bigint" };
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
    let run = tokio::time::timeout(Duration::from_mins(1), up(&db, &runner));
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

/// Nothing to change is not a mistake.
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
