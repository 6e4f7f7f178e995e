//! A plan changes nothing, needs no privilege to write, and blocks nobody.

use std::time::Duration;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbConn, Statement, TransactionTrait};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{all, migrator, one, plan};

async fn tables(db: &DbConn) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT relname::text FROM pg_class ORDER BY relname",
        DbBackend::MySql => "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
        _ => "SELECT name FROM sqlite_master",
    };
    all(db, sql).await
}

#[rstest]
#[tokio::test]
async fn nothing_is_written(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE busy (id integer)").await.unwrap();
    let before = tables(&db).await;
    let planned = plan::<Reading>(&db).await;
    assert_eq!(planned.statements().count(), 2);
    assert_eq!(tables(&db).await, before);
}

/// MariaDB keeps the locks of `LOCK TABLES` beyond a transaction.
async fn let_go(transaction: DatabaseTransaction) {
    if transaction.get_database_backend() == DbBackend::MySql {
        transaction.execute_unprepared("UNLOCK TABLES").await.unwrap();
    }
    transaction.rollback().await.unwrap();
}

migrator!(Reading {
    m1_count(None) = async |manager| {
        let db = manager.get_connection();
        db.query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM busy")).await?;
        db.execute_unprepared("CREATE TABLE counted (id integer)").await.map(drop)
    }
    m2_go_on(None) = async |manager| {
        manager.get_connection().execute_unprepared("CREATE TABLE other (id integer)").await.map(drop)
    }
});

#[rstest]
#[case::postgres(Postgres, "LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")]
#[case::mariadb(MySqlOrMariaDb, "LOCK TABLES busy WRITE")]
#[tokio::test]
async fn a_table_that_a_migration_asks_about_is_not_waited_for(#[case] server: Server, #[case] lock: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE busy (id integer)").await.unwrap();
    let other = database.connect().await;
    let transaction = other.begin().await.unwrap();
    transaction.execute_unprepared(lock).await.unwrap();
    let planned = tokio::time::timeout(Duration::from_mins(1), plan::<Reading>(&db)).await.unwrap();
    let_go(transaction).await;
    let reason = planned.migrations[0].incomplete_reason.as_deref().unwrap();
    assert!(reason.starts_with("its remaining statements are unknown: ") && reason.contains("timeout"), "{reason}");
    assert_eq!(planned.migrations[1].incomplete_reason, None);
}

migrator!(Peeking {
    m1_peek(None) = async |manager| {
        let db = manager.get_connection();
        let backend = db.get_database_backend();
        let ask = |sql| Statement::from_string(backend, sql);
        let held = "SELECT DISTINCT mode::text FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL";
        let held = db.query_all_raw(ask(held)).await?;
        let modes: Vec<String> = held.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        let read_only: String = db.query_one_raw(ask("SHOW transaction_read_only")).await?
            .map_or(Ok(String::new()), |row| row.try_get_by_index(0))?;
        let advisory = db.query_all_raw(ask("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")).await?;
        Err(DbErr::Migration(format!("{modes:?} {read_only} {}", advisory.len())))
    }
});

#[tokio::test]
async fn the_locks_of_a_plan_are_those_of_a_reader() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let planned = plan::<Peeking>(&db).await;
    assert_eq!(
        planned.migrations[0].incomplete_reason.as_deref(),
        Some(r#"it fails here: Migration Error: ["AccessShareLock"] on 0"#),
        "in a transaction that only reads, and without the lock of migrators"
    );
    let open =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%'";
    assert_eq!(one::<i64>(&db, open).await, 0, "which has ended");
}
