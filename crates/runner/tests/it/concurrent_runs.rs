//! Several runs at once, and tables in use.

use std::time::Duration;

use rstest::rstest;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, TransactionTrait},
};
use sea_orm_runner::{Error, Event, Runner, Settings};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    one,
};

use super::{Library, Told, migrator, run};

#[rstest]
#[tokio::test]
async fn each_migration_runs_once(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let connections = [database.connect().await, database.connect().await, database.connect().await];
    let runs = connections.map(|db| {
        tokio::spawn(async move {
            let told = Told::default();
            let runner = told.by(Runner::new());
            runner.up::<Library>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
            let events = told.events();
            events.iter().filter(|event| matches!(event, Event::Applied { .. })).count()
        })
    });
    let mut applied = 0;
    for run in runs {
        applied += run.await.unwrap();
    }
    assert_eq!(applied, 2);
}

migrator!(Widening {
    m1_add(None) = async |manager| { run(manager, "ALTER TABLE used ADD COLUMN note varchar(10)").await }
    undo { run(manager, "ALTER TABLE used DROP COLUMN note").await }
});

#[tokio::test]
async fn a_table_in_use_is_retried_until_it_is_free() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE used (id integer)").await.unwrap();
    let reader = db.begin().await.unwrap();
    reader.execute_unprepared("SELECT count(*) FROM used").await.unwrap();
    let other = database.connect().await;
    let told = Told::default();
    let runner = told.by(Runner::new());
    let runner = runner.with_settings(Settings { lock_timeout: Duration::from_millis(200), ..Settings::default() });
    let up = tokio::spawn(async move { runner.up::<Widening>(&DatabaseExecutor::Connection(&other), None).await });
    let is_waiting = |event: &Event| matches!(event, Event::WaitingForTable { blockers, .. } if !blockers.is_empty());
    while !told.events().iter().any(is_waiting) {
        assert!(!up.is_finished());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    reader.rollback().await.unwrap();
    up.await.unwrap().unwrap();
    assert_eq!(one::<i64>(&db, "SELECT count(note) FROM used").await, 0);
}

#[tokio::test]
async fn a_table_that_stays_in_use_is_given_up() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE used (id integer)").await.unwrap();
    let reader = db.begin().await.unwrap();
    reader.execute_unprepared("SELECT count(*) FROM used").await.unwrap();
    let settings = Settings {
        lock_timeout: Duration::from_millis(100),
        lock_wait: Duration::from_millis(500),
        ..Settings::default()
    };
    let other = database.connect().await;
    let runner = Runner::new().with_settings(settings);
    let error = runner.up::<Widening>(&DatabaseExecutor::Connection(&other), None).await.unwrap_err();
    assert!(matches!(&error, Error::Blocked { tries, .. } if *tries > 1), "{error:?}");
    assert_eq!(error.exit_code(), 75);
    reader.rollback().await.unwrap();
}
