//! A table or a file that somebody else has: what is waited for, tried again, or given up.

use std::{
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, TransactionTrait};
use sea_orm_migration::{DbErr, MigrationTrait, MigratorTrait};
use sea_orm_runner::{Error, Event, Runner, Settings};
use test_servers::{
    Server::{MySqlOrMariaDb, Postgres, Sqlite},
    one,
};

use super::{Library, Told, history, sleep};

/// Two sessions that wait for each other: the server ends the migration's transaction, and it is tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again() {
    struct Crossing;
    struct BothTables;
    impl sea_orm_migration::MigrationName for BothTables {
        fn name(&self) -> &'static str {
            "m00000000_000000_both_tables"
        }
    }
    #[sea_orm_migration::async_trait::async_trait]
    impl MigrationTrait for BothTables {
        async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), DbErr> {
            let db = manager.get_connection();
            db.execute_unprepared("ALTER TABLE first ADD COLUMN note text").await?;
            sleep(1_500).await;
            db.execute_unprepared("ALTER TABLE second ADD COLUMN note text").await.map(drop)
        }
    }
    impl MigratorTrait for Crossing {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(BothTables)]
        }
    }
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE first (id integer); CREATE TABLE second (id integer)").await.unwrap();
    let other = db.begin().await.unwrap();
    // Who waits longer than this looks for a deadlock, and is ended: the migration.
    other.execute_unprepared("SET LOCAL deadlock_timeout = '1h'; INSERT INTO second VALUES (1)").await.unwrap();
    let watch = database.connect().await;
    let other = tokio::spawn(async move {
        let altered = "SELECT count(*) FROM pg_locks WHERE granted AND relation = 'first'::regclass \
                       AND mode = 'AccessExclusiveLock'";
        while one::<i64>(&watch, altered).await == 0 {
            sleep(20).await;
        }
        other.execute_unprepared("INSERT INTO first VALUES (1)").await.unwrap();
        other.commit().await.unwrap();
    });

    let settings = Settings { lock_timeout: Duration::from_secs(20), ..Settings::default() };
    let told = Told::default();
    let runner = told.by(Runner::new().with_settings(settings));
    runner.up::<Crossing>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    other.await.unwrap();
    assert!(
        told.events().iter().any(|event| matches!(event, Event::WaitingForTable { tries: 1, .. })),
        "{:?}",
        told.events()
    );
    assert_eq!(history(&db).await, ["m00000000_000000_both_tables"]);
}

/// What is wrong with a statement is not tried again.
#[tokio::test]
async fn a_mistake_is_not_tried_again() {
    struct Wrong;
    struct NoSuchTable;
    impl sea_orm_migration::MigrationName for NoSuchTable {
        fn name(&self) -> &'static str {
            "m00000000_000000_no_such_table"
        }
    }
    #[sea_orm_migration::async_trait::async_trait]
    impl MigrationTrait for NoSuchTable {
        async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), DbErr> {
            manager.get_connection().execute_unprepared("ALTER TABLE nowhere ADD COLUMN note text").await.map(drop)
        }
    }
    impl MigratorTrait for Wrong {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(NoSuchTable)]
        }
    }
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let told = Told::default();
    let error = told.by(Runner::new()).up::<Wrong>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(matches!(&error, Error::Failed { undoing: false, .. }) && error.exit_code() == 1, "{error:?}");
    assert!(told.events().is_empty(), "{:?}", told.events());
    assert!(Wrong::up(&db, None).await.is_err());
}

/// Where a database commits each statement by itself, a migration that found a table in use is not begun again from its first
/// statement: what it did before is done, and would be done twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_not_repeated() {
    struct Converting;
    struct ToCents;
    impl sea_orm_migration::MigrationName for ToCents {
        fn name(&self) -> &'static str {
            "m00000000_000000_to_cents"
        }
    }
    #[sea_orm_migration::async_trait::async_trait]
    impl MigrationTrait for ToCents {
        async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), DbErr> {
            let db = manager.get_connection();
            db.execute_unprepared("UPDATE account SET balance = balance * 100").await?;
            db.execute_unprepared("ALTER TABLE other ADD COLUMN note text").await.map(drop)
        }
    }
    impl MigratorTrait for Converting {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(ToCents)]
        }
    }
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    for statement in
        ["CREATE TABLE account (balance integer)", "INSERT INTO account VALUES (7)", "CREATE TABLE other (id integer)"]
    {
        db.execute_unprepared(statement).await.unwrap();
    }
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT * FROM other").await.unwrap();
    let told = Told::default();
    let runner = told.by(Runner::new());
    let error =
        runner.up::<Converting>(&DatabaseExecutor::Connection(&database.connect().await), None).await.unwrap_err();
    assert!(matches!(&error, Error::Interrupted { .. }) && error.exit_code() == 1, "{error:?}");
    assert!(error.to_string().contains("`online::alter_table`, which retries: pid "), "{error}");
    holder.commit().await.unwrap();
    assert_eq!(one::<i32>(&db, "SELECT balance FROM account").await, 700);
    assert!(history(&db).await.is_empty());
}

/// Outside a transaction SQLite has no lock that lasts, and what a migration does there may be done twice: where the file is
/// locked between two statements, it is tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_locked_between_two_statements_is_waited_for() {
    struct Asking;
    struct Ask;
    static FILE: OnceLock<String> = OnceLock::new();
    static HOLDER: Mutex<Option<DbConn>> = Mutex::new(None);
    static TRIES: AtomicU32 = AtomicU32::new(0);
    impl sea_orm_migration::MigrationName for Ask {
        fn name(&self) -> &'static str {
            "m00000000_000000_ask"
        }
    }
    #[sea_orm_migration::async_trait::async_trait]
    impl MigrationTrait for Ask {
        async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), DbErr> {
            if TRIES.fetch_add(1, Ordering::SeqCst) == 0 {
                let holder = alone(FILE.get().unwrap()).await;
                holder.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
                *HOLDER.lock().unwrap() = Some(holder);
            }
            assert!(!manager.has_column("t", "nowhere").await?);
            Ok(())
        }
        fn use_transaction(&self) -> Option<bool> {
            Some(false)
        }
    }
    impl MigratorTrait for Asking {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Ask)]
        }
    }
    let database = Sqlite.empty_database().await.expect("it is always there");
    FILE.set(database.url.clone()).unwrap();
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE t (id integer)").await.unwrap();
    let runner = Runner::new().with_listener(|event| {
        if let Event::WaitingForTable { .. } = event {
            HOLDER.lock().unwrap().take();
        }
    });
    runner.up::<Asking>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert!(TRIES.load(Ordering::SeqCst) > 1);
    assert_eq!(history(&db).await, ["m00000000_000000_ask"]);
}

/// A try that has worked for longer than it may wait, and then has to wait, is not the last one.
#[tokio::test(flavor = "multi_thread")]
async fn work_is_no_waiting() {
    struct Working;
    struct Work;
    impl sea_orm_migration::MigrationName for Work {
        fn name(&self) -> &'static str {
            "m00000000_000000_work"
        }
    }
    #[sea_orm_migration::async_trait::async_trait]
    impl MigrationTrait for Work {
        async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), DbErr> {
            let db = manager.get_connection();
            db.execute_unprepared("SELECT pg_sleep(3)").await?;
            db.execute_unprepared("ALTER TABLE t ADD COLUMN note text").await.map(drop)
        }
    }
    impl MigratorTrait for Working {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Work)]
        }
    }
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE t (id integer)").await.unwrap();
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT * FROM t").await.unwrap();
    let told = Told::default();
    let settings = Settings { lock_wait: Duration::from_mins(1), ..Settings::default() };
    let running = {
        let (db, runner) = (database.connect().await, told.by(Runner::new().with_settings(settings)));
        tokio::spawn(async move { runner.up::<Working>(&DatabaseExecutor::Connection(&db), None).await })
    };
    while !told.events().iter().any(|event| matches!(event, Event::WaitingForTable { .. })) && !running.is_finished() {
        sleep(20).await;
    }
    holder.commit().await.unwrap();
    running.await.unwrap().unwrap();
}

/// One connection, so that what is begun goes on.
async fn alone(url: &str) -> DbConn {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

/// Another program has the file when this one comes: it waits, says so, and leaves the connection as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_locked_is_waited_for() {
    let database = Sqlite.empty_database().await.expect("it is always there");
    let holder = alone(&database.url).await;
    let db = database.connect().await;
    let usual: i64 = one(&db, "PRAGMA busy_timeout").await;
    assert_eq!(usual, 5_000);
    holder.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    let told = Told::default();
    let running = {
        let (db, runner) = (db.clone(), told.by(Runner::new()));
        tokio::spawn(async move { runner.up::<Library>(&DatabaseExecutor::Connection(&db), None).await })
    };
    while !told.events().iter().any(|event| matches!(event, Event::WaitingForMigrator { .. })) {
        assert!(!running.is_finished());
        sleep(20).await;
    }
    holder.execute_unprepared("COMMIT").await.unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(one::<i64>(&db, "PRAGMA busy_timeout").await, usual);
}
