//! The log of a runner that has no listener.

use std::{
    cell::RefCell,
    io::{self, Write},
    sync::Once,
    time::Duration,
};

use rstest::rstest;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, TransactionTrait},
};
use sea_orm_runner::{Runner, Settings};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::{Library, migrator, run};

thread_local! {
    /// What was logged on the thread of a test.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl Lines {
    /// What was logged since the last call.
    #[expect(clippy::unused_self, reason = "whoever has it has begun to collect")]
    fn take(&self) -> Vec<String> {
        let text = String::from_utf8(LOGGED.take()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Collects what the command line of sea-orm-migration shows: `sea_orm_migration=info`. Once for all threads: where each has a
/// subscriber of its own, events are lost while another one comes or goes.
fn shown() -> Lines {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        let layer = fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(|| Lines);
        let filter: Targets = "sea_orm_migration=info".parse().unwrap();
        tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    });
    LOGGED.take();
    Lines
}

#[rstest]
#[tokio::test]
async fn it_has_the_lines_of_the_migrator_of_sea_orm(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let Some(other) = server.empty_database().await else { return };
    let (db, other) = (database.connect().await, other.connect().await);
    let executor = DatabaseExecutor::Connection(&other);
    let runner = Runner::new();
    let lines = shown();
    let (mut expected, mut logged) = (Vec::new(), Vec::new());

    for steps in [Some(1), None, None] {
        Library::up(&db, steps).await.unwrap();
        expected.extend(lines.take());
        runner.up::<Library>(&executor, steps).await.unwrap();
        logged.extend(lines.take());
    }
    for steps in [Some(1), None, None] {
        Library::down(&db, steps).await.unwrap();
        expected.extend(lines.take());
        runner.down::<Library>(&executor, steps).await.unwrap();
        logged.extend(lines.take());
    }

    assert!(expected.iter().any(|line| line == "INFO Applying migration 'm2_books'"), "{expected:#?}");
    assert_eq!(logged, expected);
}

migrator!(Broken {
    m1_half(None) = async |manager| { run(manager, "INSERT INTO nowhere VALUES (1)").await }
    undo { run(manager, "INSERT INTO nowhere VALUES (1)").await }
});

#[rstest]
#[tokio::test]
async fn it_names_the_migration_that_failed_and_why(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let lines = shown();

    Runner::new().up::<Broken>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();

    let lines = lines.take();
    let is_named = |line: &&String| line.starts_with("ERROR migration m1_half failed: ") && line.contains("nowhere");
    assert_eq!(lines.iter().filter(is_named).count(), 1, "{lines:#?}");
}

migrator!(Adding {
    m1_add(None) = async |manager| { run(manager, "ALTER TABLE used ADD COLUMN note varchar(10)").await }
    undo { run(manager, "ALTER TABLE used DROP COLUMN note").await }
});

#[tokio::test]
async fn it_says_for_which_session_a_migration_waits_and_begins_it_once() {
    let Some(database) = Postgres.empty_database().await else { return };
    let (db, other) = (database.connect().await, database.connect().await);
    db.execute_unprepared("CREATE TABLE used (id integer)").await.unwrap();
    let reader = db.begin().await.unwrap();
    reader.execute_unprepared("SELECT count(*) FROM used").await.unwrap();
    let settings = Settings {
        lock_timeout: Duration::from_millis(100),
        lock_wait: Duration::from_millis(500),
        ..Settings::default()
    };
    let lines = shown();

    Runner::new().with_settings(settings).up::<Adding>(&DatabaseExecutor::Connection(&other), None).await.unwrap_err();
    reader.rollback().await.unwrap();

    let lines = lines.take();
    let has = |line: &str, words: &[&str]| words.iter().all(|word| line.contains(word));
    assert!(lines.iter().any(|line| has(line, &["WARN Waiting", "m1_add", "pid ", "attempt 2"])), "{lines:#?}");
    assert!(lines.iter().any(|line| has(line, &["ERROR", "m1_add", "pid "])), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| has(line, &["Applying migration 'm1_add'"])).count(), 1, "{lines:#?}");
}
