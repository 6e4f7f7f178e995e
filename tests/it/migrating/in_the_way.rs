//! Migrating while the application works: somebody holds the table, others read and write it. What is asserted is that
//! nothing fails and nothing is lost; how long anybody had to wait is printed, beside the same with sea-orm-migration's own
//! `up`:
//!
//! ```sh
//! cargo test --test workspace in_the_way -- --nocapture
//! ```

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use migration::{DbErr, MigrationTrait, Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, TransactionTrait};
use sea_orm_runner::{Error, Event, Runner, Settings};

use super::{Running, Told, all, history, known, legacy, one, pid_of, print, rows, sleep};
use crate::{
    it::program::call_log,
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

/// sea-orm-migration as it comes.
struct Plain;

impl MigratorTrait for Plain {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations()
    }
}

/// How long the table is held.
const HELD: u64 = 6_000;

/// Before it is certain that the migration waits; while it does; when the table is free; when it is over.
const BEFORE: u32 = 0;
const MEANWHILE: u32 = 1;
const AFTER: u32 = 2;
const END: u32 = 3;

/// What a client saw.
#[derive(Debug, Default)]
struct Seen {
    statements: u32,
    /// Of them, those that began and ended while the migration waited for the table.
    meanwhile: u32,
    longest: Duration,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_long_while_a_table_is_in_use(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let (Some(ours), Some(plain)) = (legacy(server).await, legacy(server).await) else { return };
    let ours = Box::pin(under_load(&ours, async |db| Migrator::up(&db, None).await)).await;
    let plain = Box::pin(under_load(&plain, async |db| Plain::up(&db, None).await)).await;
    assert!(ours.0.iter().all(|seen| seen.meanwhile > 0), "others went on while the migration waited: {ours:?}");
    print(&format!("longest wait of a client on {server:?} while a transaction holds the table for {HELD} ms, in ms:"));
    print(&format!("  {:<24} {:>6} {:>6} {:>9}", "", "read", "write", "migrated"));
    for (name, [read, write], took) in [("this runner", ours.0, ours.1), ("sea-orm-migration", plain.0, plain.1)] {
        let columns = [read.longest, write.longest, took].map(|duration| duration.as_millis());
        print(&format!("  {name:<24} {:>6} {:>6} {:>9}", columns[0], columns[1], columns[2]));
    }
}

/// Migrates beside a reader, a writer and one who holds the table.
async fn under_load(database: &Database, up: impl AsyncFnOnce(DbConn) -> Result<(), DbErr>) -> ([Seen; 2], Duration) {
    let db = database.connect().await;
    let before = rows(&db).await;
    let phase = Arc::new(AtomicU32::new(BEFORE));
    let written = Arc::new(AtomicU32::new(0));
    let reader = client(database, &phase, |_| "SELECT id, business_id, call_sid FROM call_log WHERE id = 1".to_owned());
    let writer = {
        let written = Arc::clone(&written);
        client(database, &phase, move |number| {
            written.store(number, Ordering::SeqCst);
            format!("INSERT INTO call_log (business_id, call_sid) VALUES (1, 'CAnew{number}')")
        })
    };
    let (reader, writer) = (reader.await, writer.await);
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log").await.unwrap();
    let holding = {
        let phase = Arc::clone(&phase);
        tokio::spawn(async move {
            sleep(1_500).await;
            phase.store(MEANWHILE, Ordering::SeqCst);
            sleep(HELD - 1_500).await;
            phase.store(AFTER, Ordering::SeqCst);
            holder.commit().await.unwrap();
        })
    };
    sleep(300).await;

    let began = Instant::now();
    up(as_an_application(database).await).await.unwrap();
    let took = began.elapsed();
    holding.await.unwrap();
    sleep(300).await;
    phase.store(END, Ordering::SeqCst);
    let seen = [reader.await.unwrap(), writer.await.unwrap()];

    assert!(seen.iter().all(|seen| seen.statements > 0));
    let after = rows(&db).await;
    assert_eq!(after[..before.len()], before, "every row is as it was");
    let inserted = usize::try_from(written.load(Ordering::SeqCst)).unwrap() + 1;
    assert_eq!(after.len(), before.len() + inserted, "and every new one is there");
    assert_eq!(history(&db).await, known());
    assert_eq!(call_log(&["check"], &database.url).code, 0);
    (seen, took)
}

/// A connection with no time-outs set.
async fn as_an_application(database: &Database) -> DbConn {
    sea_orm::Database::connect(database.url.as_str()).await.unwrap()
}

/// One statement after the other, each of which must succeed, until it is over.
async fn client(
    database: &Database,
    phase: &Arc<AtomicU32>,
    statement: impl Fn(u32) -> String + Send + 'static,
) -> tokio::task::JoinHandle<Seen> {
    let (db, phase) = (as_an_application(database).await, Arc::clone(phase));
    tokio::spawn(async move {
        let mut seen = Seen::default();
        loop {
            let (began, phase_then) = (Instant::now(), phase.load(Ordering::SeqCst));
            if phase_then == END {
                return seen;
            }
            let statement = statement(seen.statements);
            db.execute_unprepared(&statement).await.unwrap();
            seen.statements += 1;
            seen.meanwhile += u32::from([phase_then, phase.load(Ordering::SeqCst)] == [MEANWHILE; 2]);
            seen.longest = seen.longest.max(began.elapsed());
            sleep(5).await;
        }
    })
}

/// The one who holds the table is named, with the statement; what was done is rolled back; in the end the exit code says
/// that trying again may help, and all is as it was.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_table_in_use_is_given_up_at_last(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = legacy(server).await else { return };
    let db = database.connect().await;
    let before = rows(&db).await;
    let holder = db.begin().await.unwrap();
    let pid = pid_of(&holder).await;
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log WHERE from_number = '+15005550001'").await.unwrap();
    // Long enough, too, and with a table whose name is a part of the other's.
    db.execute_unprepared("CREATE TABLE call_ (id integer)").await.unwrap();
    let other = db.begin().await.unwrap();
    other.execute_unprepared("SELECT * FROM call_").await.unwrap();

    let up = call_log(&["migrate", "up", "--lock-wait", "2s"], &database.url);
    assert_eq!((up.code, up.stdout.as_str()), (75, ""), "{}", up.stderr);
    let last = up.stderr.lines().last().unwrap();
    assert!(
        last.starts_with(
            "error: migration m20251228_000051_add_call_log_cost_metrics needs a table that was in use in each"
        ),
        "{last}"
    );
    assert!(last.contains(&format!("pid {pid} ")), "the holder is named: {last}");
    let waiting: Vec<&str> = up.stderr.lines().filter(|line| line.starts_with("waiting  ")).collect();
    assert!(!waiting.is_empty() && waiting.iter().all(|line| line.contains(&format!("pid {pid} "))), "{}", up.stderr);
    if server == Postgres {
        assert!(
            last.contains("idle in transaction: SELECT COUNT(*) FROM call_log WHERE from_number = '...'"),
            "{last}"
        );
        assert_eq!(last.matches("pid ").count(), 1, "and nobody else: {last}");
    }
    assert_eq!(history(&db).await, ["m20251227_000050_create_call_log"]);
    assert_eq!(rows(&db).await, before);
    let columns = "SELECT CAST(COUNT(*) AS CHAR(9)) FROM information_schema.columns WHERE table_name = 'call_log' AND \
                   column_name = 'recording_mode'";
    let here = if server == Postgres { "" } else { " AND table_schema = DATABASE()" };
    assert_eq!(one::<String>(&db, &format!("{columns}{here}")).await.trim(), "0");

    let waiting = Running::start(&["migrate", "up"], &database.url);
    sleep(500).await;
    holder.commit().await.unwrap();
    other.commit().await.unwrap();
    let up = waiting.end().await;
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert_eq!(rows(&db).await, before);
}

/// A role that is not shown what others do is told who they are all the same.
#[tokio::test(flavor = "multi_thread")]
async fn another_role_that_holds_a_table_is_named() {
    let Some(database) = legacy(Postgres).await else { return };
    let (db, owner) = (database.connect().await, database.name());
    db.execute_unprepared(&format!(
        "CREATE ROLE {owner} LOGIN PASSWORD 's3cret'; GRANT ALL ON SCHEMA public TO {owner}; \
         ALTER TABLE call_log OWNER TO {owner}"
    ))
    .await
    .unwrap();
    let holder = db.begin().await.unwrap();
    let pid = pid_of(&holder).await;
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log").await.unwrap();
    let up = call_log(&["migrate", "up", "--lock-wait", "1s"], &database.url_as(owner, "s3cret"));
    let last = up.stderr.lines().last().unwrap();
    assert_eq!(up.code, 75, "{}", up.stderr);
    assert!(last.contains(&format!(": pid {pid} (")), "{last}");
    assert_eq!(last.matches("pid ").count(), 1, "and nobody else: {last}");
    assert!(!last.contains("insufficient privilege"), "{last}");
    holder.commit().await.unwrap();
    db.execute_unprepared(&format!("DROP OWNED BY {owner} CASCADE; DROP ROLE {owner}")).await.unwrap();
}

/// On SQLite readers keep a writer from committing: the whole file is what is locked.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_the_file_is_waited_for() {
    let Some(database) = legacy(Sqlite).await else { return };
    let reader = database.connect().await;
    let before = rows(&reader).await;
    let holder = reader.begin().await.unwrap();
    all::<i32>(&database.connect().await, "SELECT id FROM call_log").await;
    holder.execute_unprepared("SELECT COUNT(*) FROM call_log").await.unwrap();
    let mut up = Running::start(&["migrate", "up"], &database.url);
    let first = up.line();
    holder.commit().await.unwrap();
    let up = up.end().await;
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert_eq!(rows(&reader).await, before);
    let reads = "is in use, rolled back, retrying in ";
    assert!(first.contains(reads) && first.contains(&format!("pid {}", std::process::id())), "{first}{}", up.stderr);
}

/// Two sessions that wait for each other: the server ends the migration's transaction, and it is tried again.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again() {
    struct Crossing;
    struct BothTables;
    impl migration::MigrationName for BothTables {
        fn name(&self) -> &'static str {
            "m00000000_000000_both_tables"
        }
    }
    #[migration::async_trait::async_trait]
    impl MigrationTrait for BothTables {
        async fn up(&self, manager: &migration::SchemaManager) -> Result<(), DbErr> {
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
    impl migration::MigrationName for NoSuchTable {
        fn name(&self) -> &'static str {
            "m00000000_000000_no_such_table"
        }
    }
    #[migration::async_trait::async_trait]
    impl MigrationTrait for NoSuchTable {
        async fn up(&self, manager: &migration::SchemaManager) -> Result<(), DbErr> {
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
    impl migration::MigrationName for ToCents {
        fn name(&self) -> &'static str {
            "m00000000_000000_to_cents"
        }
    }
    #[migration::async_trait::async_trait]
    impl MigrationTrait for ToCents {
        async fn up(&self, manager: &migration::SchemaManager) -> Result<(), DbErr> {
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
    impl migration::MigrationName for Ask {
        fn name(&self) -> &'static str {
            "m00000000_000000_ask"
        }
    }
    #[migration::async_trait::async_trait]
    impl MigrationTrait for Ask {
        async fn up(&self, manager: &migration::SchemaManager) -> Result<(), DbErr> {
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

/// One connection, so that what is begun goes on.
async fn alone(url: &str) -> DbConn {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

/// Another program has the file when this one comes: it waits, says so, and leaves the connection as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_locked_is_waited_for() {
    let Some(database) = legacy(Sqlite).await else { return };
    let holder = alone(&database.url).await;
    holder.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    let up = Running::start(&["migrate", "up"], &database.url);
    // Longer than the runner waits between two tries, and shorter than a connection does.
    sleep(2_000).await;
    holder.execute_unprepared("COMMIT").await.unwrap();
    let up = up.end().await;
    assert_eq!(up.code, 0, "{}", up.stderr);

    assert!(call_log(&["migrate", "down"], &database.url).code == 0);
    let db = database.connect().await;
    let usual: i64 = one(&db, "PRAGMA busy_timeout").await;
    assert_eq!(usual, 5_000);
    holder.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    let told = Told::default();
    let running = {
        let (db, runner) = (db.clone(), told.by(Runner::new()));
        tokio::spawn(async move { runner.up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await })
    };
    while !told.events().iter().any(|event| matches!(event, Event::WaitingForMigrator { .. })) {
        assert!(!running.is_finished());
        sleep(20).await;
    }
    holder.execute_unprepared("COMMIT").await.unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(one::<i64>(&db, "PRAGMA busy_timeout").await, usual);
}

/// A try that has worked for longer than it may wait, and then has to wait, is not the last one.
#[tokio::test(flavor = "multi_thread")]
async fn work_is_no_waiting() {
    struct Working;
    struct Work;
    impl migration::MigrationName for Work {
        fn name(&self) -> &'static str {
            "m00000000_000000_work"
        }
    }
    #[migration::async_trait::async_trait]
    impl MigrationTrait for Work {
        async fn up(&self, manager: &migration::SchemaManager) -> Result<(), DbErr> {
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
    let settings = Settings { lock_wait: Duration::from_secs(2), ..Settings::default() };
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
