//! The server ends the session of a migration.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use sea_orm_runner::{Error, Runner};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres},
    one,
};

use super::{history, sleep};

/// Outside a transaction a pool puts another connection in the place of one that was lost, and says nothing.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_lost_behind_the_back_of_a_migration_is_noticed(
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
) {
    struct Unlucky;
    struct Losing;
    impl MigrationName for Losing {
        fn name(&self) -> &'static str {
            "m00000000_000000_losing"
        }
    }
    #[async_trait::async_trait]
    impl MigrationTrait for Losing {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            let db = manager.get_connection();
            let end = match db.get_database_backend() {
                sea_orm::DbBackend::Postgres => "SELECT pg_terminate_backend(pg_backend_pid())",
                _ => "KILL CONNECTION_ID()",
            };
            assert!(db.execute_unprepared(end).await.is_err());
            db.execute_unprepared("SELECT 1").await.map(drop)
        }
        fn use_transaction(&self) -> Option<bool> {
            Some(false)
        }
    }
    impl MigratorTrait for Unlucky {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Losing)]
        }
    }
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let error = Runner::new().up::<Unlucky>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(matches!(&error, Error::LockLost { .. }) && error.exit_code() == 75, "{error:?}");
    assert!(history(&db).await.is_empty(), "it is not on record");
}

/// The server ends the session between two statements: the next one fails, and does not run in a session without the lock and
/// the time-outs.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_is_not_replaced(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    struct Unlucky;
    struct Ended;
    impl MigrationName for Ended {
        fn name(&self) -> &'static str {
            "m00000000_000000_ended"
        }
    }
    #[async_trait::async_trait]
    impl MigrationTrait for Ended {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            let db = manager.get_connection();
            let (pid, end, is_there) = match db.get_database_backend() {
                sea_orm::DbBackend::Postgres => (
                    "SELECT pg_backend_pid()::int8",
                    "SELECT pg_terminate_backend({pid})",
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}",
                ),
                _ => (
                    "SELECT CAST(CONNECTION_ID() AS SIGNED)",
                    "KILL {pid}",
                    "SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.PROCESSLIST WHERE ID = {pid}",
                ),
            };
            let ask = |sql: &str| sea_orm::Statement::from_string(db.get_database_backend(), sql);
            let pid: i64 = db.query_one_raw(ask(pid)).await?.unwrap().try_get_by_index(0)?;
            let url: String = db.query_one_raw(ask("SELECT url FROM address")).await?.unwrap().try_get_by_index(0)?;
            let other = sea_orm::Database::connect(url).await?;
            let about_it = |sql: &str| sql.replace("{pid}", &pid.to_string());
            // The pool looks after a session that it gets back, and replaces one that has ended by then.
            sleep(1_000).await;
            other.execute_unprepared(&about_it(end)).await?;
            while one::<i64>(&other, &about_it(is_there)).await > 0 {
                sleep(10).await;
            }
            db.execute_unprepared("CREATE TABLE made (id integer)").await.map(drop)
        }
        fn use_transaction(&self) -> Option<bool> {
            Some(false)
        }
    }
    impl MigratorTrait for Unlucky {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Ended)]
        }
    }
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE address (url varchar(255))").await.unwrap();
    db.execute_unprepared(&format!("INSERT INTO address VALUES ('{}')", database.url)).await.unwrap();
    let error = Runner::new().up::<Unlucky>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(matches!(&error, Error::Lost { .. }) && error.exit_code() == 69, "{error:?}");
    assert!(db.execute_unprepared("SELECT * FROM made").await.is_err(), "it is not made");
}
