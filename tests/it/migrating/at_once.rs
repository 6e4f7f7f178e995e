//! Sixteen migrators at once, half of them programs of their own, half of them parts of this one: every one succeeds, and
//! each migration is applied once.

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, TransactionTrait};

use super::{Running, history, known, legacy, print, rows, sleep, until_waiting};
use crate::{
    it::program::{call_log, lines_beginning},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

const EACH: usize = 8;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_migrators_on_an_empty_database(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    all_migrate(&database).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_migrators_on_a_legacy_database(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = legacy(server).await else { return };
    let db = database.connect().await;
    let before = rows(&db).await;
    assert!(before.len() >= 2);
    all_migrate(&database).await;
    assert_eq!(rows(&db).await, before, "every row is as it was");
}

/// Whatever isolation is usual there, what another has committed is seen behind the lock.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_migrators_in_stricter_isolation(#[values("repeatable read", "serializable")] isolation: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    let set = format!("ALTER DATABASE {} SET default_transaction_isolation = '{isolation}'", database.name());
    database.connect().await.execute_unprepared(&set).await.unwrap();
    all_migrate(&database).await;
}

async fn all_migrate(database: &Database) {
    let programs: Vec<Running> = (0..EACH).map(|_| Running::start(&["migrate", "up"], &database.url)).collect();
    let mut parts = tokio::task::JoinSet::new();
    for _ in 0..EACH {
        let db = database.connect().await;
        parts.spawn(async move { Migrator::up(&db, None).await });
    }
    let mut applied = Vec::new();
    for program in programs {
        let run = program.end().await;
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        applied.extend(lines_beginning(&run.stderr, "applied  ").into_iter().map(name));
    }
    for migrated in parts.join_all().await {
        migrated.unwrap();
    }
    let db: DbConn = database.connect().await;
    assert_eq!(history(&db).await, known(), "each is on record once");
    applied.sort();
    let mut once = applied.clone();
    once.dedup();
    assert_eq!(applied, once, "none was applied twice");
    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 0, "{}", check.stdout);
}

/// `applied  NAME (7 ms)`
fn name(line: &str) -> String {
    line.split_whitespace().nth(1).unwrap().to_owned()
}

/// What this workspace does better, measured: sea-orm-migration's own `up`, of which all want to add the same columns to a
/// table that somebody has in use for a moment.
#[tokio::test(flavor = "multi_thread")]
async fn plain_migrators_get_in_each_others_way() {
    struct Plain;
    impl MigratorTrait for Plain {
        fn migrations() -> Vec<Box<dyn migration::MigrationTrait>> {
            Migrator::migrations()
        }
    }
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log").await.unwrap();
    let mut parts = tokio::task::JoinSet::new();
    for _ in 0..2 * EACH {
        let db = database.connect().await;
        parts.spawn(async move { Plain::up(&db, None).await.is_ok() });
    }
    until_waiting(&db, 2 * i64::try_from(EACH).unwrap() - 1).await;
    holder.commit().await.unwrap();
    let succeeded = parts.join_all().await.into_iter().filter(|is_ok| *is_ok).count();
    print(&format!(
        "plain sea-orm-migration, {} at once on a table in use (PostgreSQL): {succeeded} succeeded",
        2 * EACH
    ));
    // None, where the one that was first is then the victim of a deadlock while it builds an index.
    assert!(succeeded <= 1, "sea-orm-migration serialises now: is this runner still needed?");
}

/// The same with this runner.
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_migrators_on_a_table_in_use() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log").await.unwrap();
    let holding = tokio::spawn(async move {
        sleep(3_000).await;
        holder.commit().await.unwrap();
    });
    all_migrate(&database).await;
    holding.await.unwrap();
}
