//! A run that is asked to stop ends after the statement that is running.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use sea_orm_runner::{Error, Event, Runner, Stop};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{Library, Told, history, sleep};

/// A migration of three statements, the second of which takes a while.
struct Three;

struct Statements;

impl MigrationName for Statements {
    fn name(&self) -> &'static str {
        "m00000000_000000_three_statements"
    }
}

const COUNTING: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000) \
                        SELECT COUNT(*) FROM n";

#[async_trait::async_trait]
impl MigrationTrait for Statements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        // The one after the long one takes long enough for nobody to have its answer at once.
        let (long, short) = match backend {
            sea_orm::DbBackend::Postgres => ("SELECT pg_sleep(2)::text", "SELECT pg_sleep(0.3)::text"),
            sea_orm::DbBackend::MySql => ("SELECT SLEEP(2)", "SELECT SLEEP(0.3)"),
            _ => (COUNTING, &*COUNTING.replace("5000000", "300000")),
        };
        for sql in ["CREATE TABLE first (id integer)", long, short] {
            db.execute_raw(sea_orm::Statement::from_string(backend, sql)).await?;
        }
        db.execute_raw(sea_orm::Statement::from_string(backend, "CREATE TABLE fourth (id integer)")).await.map(drop)
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

impl MigratorTrait for Three {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Statements)]
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_is_stopped_between_statements(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let (stop, told) = (Stop::new(), Told::default());
    let running = {
        let (db, runner) = (db.clone(), told.by(Runner::new().with_stop(stop.clone())));
        tokio::spawn(async move { runner.up::<Three>(&DatabaseExecutor::Connection(&db), None).await })
    };
    let is_first =
        |event: &Event| matches!(event, Event::Statement { sql, .. } if sql.starts_with("CREATE TABLE first"));
    while !told.events().iter().any(is_first) {
        assert!(!running.is_finished());
        sleep(10).await;
    }
    sleep(100).await;
    stop.request(15);
    let error = running.await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Stopped { signal: 15, .. }) && error.exit_code() == 143, "{error:?}");
    assert!(error.to_string().contains("m00000000_000000_three_statements"), "{error}: {:?}", told.events());
    assert!(db.execute_unprepared("SELECT * FROM fourth").await.is_err(), "it did not go on to the end");
    let first = db.execute_unprepared("SELECT * FROM first").await;
    assert_eq!(first.is_ok(), server == MySqlOrMariaDb, "rolled back where the database can");
    assert!(!has_history(&db).await);
    Runner::new().up::<Library>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
}

async fn has_history(db: &sea_orm::DbConn) -> bool {
    db.execute_unprepared("SELECT version FROM seaql_migrations").await.is_ok() && !history(db).await.is_empty()
}
