//! `fresh` leaves nothing behind that would be in the way of what comes next.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_runner::Runner;
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    all,
};

use super::statements;

statements!(Nothing, None, prepared: false, ["SELECT 1"]);

#[rstest]
#[case::postgres(Postgres, &["CREATE SEQUENCE \"Free\"", "CREATE TABLE t (id serial PRIMARY KEY)", "CREATE VIEW one AS SELECT 1 AS one",
    "CREATE VIEW two AS SELECT * FROM one", "CREATE MATERIALIZED VIEW three AS SELECT * FROM two"],
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i' ORDER BY 1")]
#[case::mariadb(MySqlOrMariaDb, &["CREATE SEQUENCE `free``d`", "CREATE TABLE t (id int PRIMARY KEY)", "CREATE VIEW one AS SELECT 1"],
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1")]
#[case::sqlite(Sqlite, &["CREATE TABLE t (id integer PRIMARY KEY)", "CREATE VIEW \"a \"\"view\" AS SELECT * FROM t"],
    "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1")]
#[tokio::test]
async fn fresh_leaves_no_sequence_and_no_view(#[case] server: Server, #[case] made: &[&str], #[case] what: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    for statement in made {
        db.execute_unprepared(statement).await.unwrap();
    }
    Runner::new().fresh::<Nothing>(&DatabaseExecutor::Connection(&db)).await.unwrap();
    assert_eq!(all::<String>(&db, what).await, ["seaql_migrations"]);
}
