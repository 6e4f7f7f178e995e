//! How long a statement may run is for the run to say, not for the role or the server.

#![expect(clippy::used_underscore_binding, reason = "a case names the type of its migrator by a value")]

use std::time::Duration;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_migration::MigratorTrait;
use sea_orm_runner::{Error, Runner, Settings};
use test_servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres},
};

use super::{history, statements};

statements!(Slow, None, prepared: true, ["SELECT pg_sleep(1)"]);

statements!(SlowOutside, Some(false), prepared: true, ["SELECT pg_sleep(1)"]);

statements!(SlowOnMariaDb, None, prepared: true, ["SELECT SLEEP(1), COUNT(*) FROM information_schema.TABLES"]);

statements!(Limiting, None, prepared: false, ["SET LOCAL statement_timeout = '100ms'; SELECT pg_sleep(1)"]);

/// A database on which a role may run a statement for a moment only, and the URL of that role.
async fn hurried(server: Server) -> Option<(Database, String)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    let role = database.name().to_owned();
    let (statements, url) = match server {
        Postgres => (
            vec![
                format!("CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 's3cret'"),
                format!("ALTER ROLE {role} SET statement_timeout = '300ms'"),
            ],
            database.url_as(&role, "s3cret"),
        ),
        _ => (
            vec![
                format!("CREATE USER {role}@'%' IDENTIFIED BY 's3cret' WITH MAX_STATEMENT_TIME 0.3"),
                format!("GRANT ALL ON {role}.* TO {role}@'%'"),
            ],
            database.url_as(&role, "s3cret"),
        ),
    };
    for statement in statements {
        db.execute_unprepared(&statement).await.unwrap();
    }
    Some((database, url))
}

async fn forget(database: &Database) {
    let role = database.name();
    let sql = match database.server {
        Postgres => format!("DROP OWNED BY {role}; DROP ROLE {role}"),
        _ => format!("DROP USER {role}"),
    };
    database.connect().await.execute_unprepared(&sql).await.unwrap();
}

#[rstest]
#[case::in_a_transaction(Slow, Postgres)]
#[case::outside_one(SlowOutside, Postgres)]
#[case::on_mariadb(SlowOnMariaDb, MySqlOrMariaDb)]
#[tokio::test]
async fn the_time_limit_of_a_role_does_not_end_a_migration<M: MigratorTrait>(
    #[case] _migrator: M,
    #[case] server: Server,
) {
    let Some((database, url)) = hurried(server).await else { return };
    let db = sea_orm::Database::connect(&url).await.unwrap();
    let run = Runner::new().up::<M>(&DatabaseExecutor::Connection(&db), None).await;
    let limited = db.execute_unprepared(if server == Postgres { "SELECT pg_sleep(1)" } else { "DO SLEEP(1)" }).await;
    db.close().await.unwrap();
    let applied = run.is_ok() && history(&database.connect().await).await == ["m1_statements"];
    if server == Postgres {
        assert!(limited.is_err(), "others keep their limit");
    }
    forget(&database).await;
    run.unwrap();
    assert!(applied);
}

#[rstest]
#[case::in_a_transaction(Slow, Postgres)]
#[case::outside_one(SlowOutside, Postgres)]
#[case::on_mariadb(SlowOnMariaDb, MySqlOrMariaDb)]
#[tokio::test]
async fn the_limit_of_a_run_is_named_by_its_error<M: MigratorTrait>(#[case] _migrator: M, #[case] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let settings = Settings { statement_timeout: Some(Duration::from_millis(300)), ..Settings::default() };
    let run = Runner::new().with_settings(settings).up::<M>(&DatabaseExecutor::Connection(&db), None).await;
    let error = run.unwrap_err();
    let told =
        "migration m1_statements was cancelled: a statement may run for 300ms at most, see `--statement-timeout`";
    assert!(matches!(error, Error::TimedOut { .. }) && error.to_string().starts_with(told), "{error:?}");
    assert_eq!(error.exit_code(), 1);
}

#[tokio::test]
async fn a_limit_that_the_migration_sets_is_called_its_own() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let error = Runner::new().up::<Limiting>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(error.to_string().contains("either the migration sets one, or somebody cancelled"), "{error}");
}
