//! A plan changes nothing, needs no privilege to write, and blocks nobody.

use std::{fs, time::Duration};

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbConn, TransactionTrait};
use sea_orm_connect::{Access, connect};

use crate::{
    it::{growth::without_growth, program::call_log},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
        pgbouncer, replicated_postgres,
    },
};

const BEFORE: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");

#[tokio::test]
async fn not_even_a_byte_of_a_file() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    db.close().await.unwrap();
    let before = fs::read(database.file()).unwrap();
    let run = call_log(&["migrate", "plan"], &database.url);
    assert_eq!((run.code, fs::read(database.file()).unwrap() == before), (0, true), "{}", run.stderr);
    let left = fs::read_dir(database.file().parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "and no file beside it");
}

/// The migrations half-way, and a URL under which they may only be read.
async fn reader(server: Server) -> Option<(Database, DbConn, String)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    if server == Postgres {
        db.execute_unprepared(BEFORE).await.unwrap();
    }
    Migrator::up(&db, Some(1)).await.unwrap();
    let role = database.name().to_owned();
    let (create, grant) = match server {
        Postgres => (
            format!("CREATE ROLE {role} LOGIN PASSWORD 's3cret'"),
            format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"),
        ),
        _ => (format!("CREATE USER {role} IDENTIFIED BY 's3cret'"), format!("GRANT SELECT ON {role}.* TO {role}")),
    };
    for statement in [create, grant] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    let url = database.url_as(&role, "s3cret");
    Some((database, db, url))
}

async fn drop_role(database: &Database, db: &DbConn) {
    let role = database.name();
    let drop = match database.server {
        Postgres => format!("DROP OWNED BY {role}; DROP ROLE {role}"),
        _ => format!("DROP USER {role}"),
    };
    db.execute_unprepared(&drop).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_role_that_may_only_read_can_plan(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some((database, db, url)) = reader(server).await else { return };
    let own = call_log(&["migrate", "plan"], &database.url);
    let run = call_log(&["migrate", "plan"], &url);
    drop_role(&database, &db).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.contains("ADD COLUMN") && run.stdout.contains("estimated_cost_bucket"), "{}", run.stdout);
    let refused = |line: &str| line.starts_with("note: the role ");
    let is_refused = run.stdout.lines().any(refused);
    assert_eq!(is_refused, server == Postgres, "{}", run.stdout);
    let statements = |plan: &str| {
        plan.lines().filter(|line| !refused(line) && !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(statements(&run.stdout), statements(&own.stdout), "the same plan as for the owner");
}

#[tokio::test]
async fn a_role_whose_transactions_only_read_can_plan() {
    let Some((database, db, _)) = reader(Postgres).await else { return };
    let role = database.name();
    db.execute_unprepared(&format!("ALTER ROLE {role} SET default_transaction_read_only = on")).await.unwrap();
    let run = call_log(&["migrate", "plan"], &database.url_as(role, "s3cret"));
    drop_role(&database, &db).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("ADD COLUMN"), "{}", run.stdout);
}

#[tokio::test]
async fn a_replica_is_enough() {
    let Some((_server, port)) = replicated_postgres() else { return };
    let url = |host: &str| format!("postgres://postgres@{host}:{port}/postgres");
    let primary = connect(&url("127.0.0.1").parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    primary.execute_unprepared(BEFORE).await.unwrap();
    let told = loop {
        let run = call_log(&["migrate", "plan"], &url("127.0.0.2"));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        if run.stdout.contains("call_log_adopted") {
            break run.stdout;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(told.contains("note: this server is a replica: run the migrations on its primary\n"), "{told}");
    let on_primary = call_log(&["migrate", "plan"], &url("127.0.0.1")).stdout;
    let statements =
        |text: &str| text.lines().filter(|line| line.starts_with("  ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(statements(&told), statements(&on_primary));
}

#[tokio::test]
async fn a_pooler_in_between_is_no_obstacle() {
    let Some(database) = Postgres.empty_database().await else { return };
    let Some((_pooler, url)) = pgbouncer(&database, "") else { return };
    for _ in 0..3 {
        let run = call_log(&["migrate", "plan"], &url);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(
            without_growth(&run.stdout).ends_with("\n\nN migrations, N statements, no warnings\n"),
            "{}",
            run.stdout
        );
    }
}

/// MariaDB keeps the locks of `LOCK TABLES` beyond a transaction.
async fn let_go(transaction: DatabaseTransaction) {
    if transaction.get_database_backend() == DbBackend::MySql {
        transaction.execute_unprepared("UNLOCK TABLES").await.unwrap();
    }
    transaction.rollback().await.unwrap();
}

#[rstest]
#[case::postgres(Postgres, "LOCK TABLE call_log IN ACCESS EXCLUSIVE MODE")]
#[case::mariadb(MySqlOrMariaDb, "LOCK TABLES call_log WRITE")]
#[tokio::test]
async fn a_table_that_is_locked_is_no_obstacle(#[case] server: Server, #[case] lock: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    let expected = call_log(&["migrate", "plan"], &database.url).stdout;
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared(lock).await.unwrap();
    let url = database.url.clone();
    let run = tokio::task::spawn_blocking(move || call_log(&["migrate", "plan"], &url)).await.unwrap();
    let_go(transaction).await;
    assert_eq!((run.code, run.stdout), (0, expected), "{}", run.stderr);
}
