//! Migrating while the application works: somebody holds the table, others read and write it. What is asserted is that
//! nothing fails and nothing is lost; how long anybody had to wait is printed, beside the same with sea-orm-migration's own
//! `up`:
//!
//! ```sh
//! cargo test --test workspace in_the_way -- --nocapture
//! ```

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use migration::{DbErr, MigrationTrait, Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, TransactionTrait};

use super::{Running, history, known, legacy, pid_of, print, rows, sleep};
use crate::{
    it::program::call_log,
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
        all, one,
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

/// One connection, so that what is begun goes on.
async fn alone(url: &str) -> DbConn {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

/// Another program has the file when this one comes.
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
}
