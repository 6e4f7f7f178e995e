//! The progress of an index build, which only another connection can ask for.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_runner::{Event, Runner};
use test_servers::{Server::Postgres, one};

use super::{Told, statements};

/// Each row of it takes its time, so that somebody sees the build on any machine.
const SLOW: &str = "CREATE TABLE wide (number integer, filler text);
    INSERT INTO wide SELECT number, repeat('x', 1000) FROM generate_series(1, 1500) AS number;
    CREATE FUNCTION slow(number integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
        $$ BEGIN PERFORM pg_sleep(0.002); RETURN number; END $$";

#[rstest]
#[case::in_a_transaction(true)]
#[case::concurrently(false)]
#[tokio::test(flavor = "multi_thread")]
async fn the_progress_of_a_build_is_told(#[case] in_transaction: bool) {
    statements!(Plain, None, prepared: false, ["CREATE INDEX ix_wide ON wide (slow(number))"]);
    statements!(Concurrent, Some(false), prepared: false, ["CREATE INDEX CONCURRENTLY ix_wide ON wide (slow(number))"]);
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(SLOW).await.unwrap();
    let told = Told::default();
    let (runner, executor) = (told.by(Runner::new()), DatabaseExecutor::Connection(&db));
    if in_transaction {
        runner.up::<Plain>(&executor, None).await.unwrap();
    } else {
        runner.up::<Concurrent>(&executor, None).await.unwrap();
    }
    let events = told.events();
    let builds: Vec<(&str, &str, u8)> = events
        .iter()
        .filter_map(|event| match event {
            Event::IndexBuild { table, phase, percent, .. } => Some((table.as_str(), phase.as_str(), *percent)),
            _ => None,
        })
        .collect();
    let scans = || builds.iter().filter(|(table, phase, _)| *table == "wide" && phase.contains("scanning table"));
    assert!(scans().any(|(.., percent)| (1..100).contains(percent)), "{events:?}");
    assert!(scans().map(|(.., percent)| percent).is_sorted() || !in_transaction, "{events:?}");
    assert!(matches!(events.last(), Some(Event::Applied { .. })), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_another_connection_nothing_is_told_and_the_index_is_built() {
    statements!(Plain, None, prepared: false, ["CREATE INDEX ix_wide ON wide (slow(number))"]);
    let Some(database) = Postgres.empty_database().await else { return };
    database.connect().await.execute_unprepared(SLOW).await.unwrap();
    let mut options = sea_orm::ConnectOptions::new(&database.url);
    let db = sea_orm::Database::connect(options.max_connections(1).to_owned()).await.unwrap();
    let told = Told::default();
    told.by(Runner::new()).up::<Plain>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert!(!told.events().iter().any(|event| matches!(event, Event::IndexBuild { .. })));
    assert_eq!(one::<i64>(&db, "SELECT count(*) FROM pg_class WHERE relname = 'ix_wide'").await, 1);
}
