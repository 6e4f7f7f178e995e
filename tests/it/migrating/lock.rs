//! The migration lock: its holder is named, the wait for it is bounded, and it never outlives its holder.

use std::time::Duration;

use migration::{DbErr, MigrationName, MigrationTrait, Migrator, MigratorTrait, SchemaManager, async_trait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, TransactionTrait};
use sea_orm_connect::{Access, connect};
use sea_orm_runner::{Error, Runner, Settings};

use super::{Running, history, in_transactions, known, sleep};
use crate::{
    it::program::{Run, call_log, lines_beginning},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
        all, one,
    },
};

/// One migration that takes five seconds.
struct Slow;

struct Sleeping;

impl MigrationName for Sleeping {
    fn name(&self) -> &'static str {
        "m00000000_000000_sleeping"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sleeping {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => db.execute_unprepared("SELECT pg_sleep(5)").await.map(drop),
            sea_orm::DbBackend::MySql => db.execute_unprepared("SELECT SLEEP(5)").await.map(drop),
            _ => {
                sleep(5_000).await;
                Ok(())
            }
        }
    }
}

impl MigratorTrait for Slow {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Sleeping)]
    }
}

/// Runs it in the background, and waits until it has the lock.
async fn slow(database: &Database) -> (DbConn, tokio::task::JoinHandle<Result<(), Error>>) {
    let db = database.connect().await;
    let running = {
        let db = db.clone();
        tokio::spawn(async move { Runner::new().up::<Slow>(&DatabaseExecutor::Connection(&db), None).await })
    };
    while !is_at_work(database).await {
        assert!(!running.is_finished());
        sleep(20).await;
    }
    (db, running)
}

#[rstest]
#[case::postgres(Postgres, "SELECT pg_sleep(5)")]
#[case::mariadb(MySqlOrMariaDb, "SELECT SLEEP(5)")]
#[case::sqlite(Sqlite, "pid ")]
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_lock_names_its_holder_and_what_it_does(#[case] server: Server, #[case] words: &str) {
    let Some(database) = server.empty_database().await else { return };
    let (_db, running) = slow(&database).await;

    let busy = call_log(&["migrate", "up", "--lock-wait", "500ms"], &database.url);
    assert_eq!((busy.code, busy.stdout.as_str()), (75, ""), "{}", busy.stderr);
    let last = busy.stderr.lines().last().unwrap();
    assert!(last.starts_with("error: the migration lock was not free within "), "{last}");
    let first = busy.stderr.lines().next().unwrap();
    for line in [first, last] {
        assert!(line.contains(&format!("pid {}", pid(&database).await)) && line.contains(words), "{line}");
    }

    running.await.unwrap().unwrap();
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 0, "{}", up.stderr);
}

/// Whether the migration has begun to sleep.
async fn is_at_work(database: &Database) -> bool {
    let db = database.connect().await;
    match sleeping(database.server) {
        Some(sleeping) => !all::<i64>(&db, sleeping).await.is_empty(),
        None => match db.execute_unprepared("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK").await {
            Ok(_) => false,
            Err(error) => error.to_string().contains("locked"),
        },
    }
}

/// Of the session that sleeps, or of this program, which has the file.
async fn pid(database: &Database) -> i64 {
    match sleeping(database.server) {
        Some(sleeping) => one(&database.connect().await, sleeping).await,
        None => std::process::id().into(),
    }
}

fn sleeping(server: Server) -> Option<&'static str> {
    match server {
        Postgres => Some(
            "SELECT pid::int8 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(5)' AND datname = current_database()",
        ),
        MySqlOrMariaDb => Some(
            "SELECT CAST(ID AS SIGNED) FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(5)' AND DB = DATABASE()",
        ),
        Sqlite => None,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_goes_on_when_the_other_is_done(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let (_db, running) = slow(&database).await;
    let up = Running::start(&["migrate", "up"], &database.url).end().await;
    running.await.unwrap().unwrap();
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert!(up.stderr.starts_with("waiting  for the migration lock, "), "{}", up.stderr);
    assert_eq!(up.stderr.matches("waiting ").count(), 1, "said once: {}", up.stderr);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_schema_or_database_is_not_waited_for(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    for _ in 0..5 {
        let (Some(database), Some(other)) = (server.empty_database().await, server.empty_database().await) else {
            return;
        };
        // On a busy machine the slow migration may end before the others have begun.
        if are_beside_each_other(&database, &other).await {
            return;
        }
    }
    panic!("the slow migration was never still at work");
}

/// Migrates `other`, and on PostgreSQL another schema, beside a slow migration. Returns whether that was still at work.
async fn are_beside_each_other(database: &Database, other: &Database) -> bool {
    let server = database.server;
    let (db, running) = slow(database).await;
    let up = call_log(&["migrate", "up", "--lock-wait", "0s"], &other.url);
    assert_eq!(up.code, 0, "{}", up.stderr);
    if server == Postgres {
        db.execute_unprepared("CREATE SCHEMA tenant").await.unwrap();
        let tenant = connect(&database.url.parse().unwrap(), Some("tenant"), Access::ReadWrite).await.unwrap();
        let runner = Runner::new().with_settings(Settings { lock_wait: Duration::ZERO, ..Settings::default() });
        let steps = u32::try_from(in_transactions().len()).ok();
        runner.up::<Migrator>(&DatabaseExecutor::Connection(&tenant), steps).await.unwrap();
        assert_eq!(history(&tenant).await, in_transactions());
    }
    let was_at_work = !running.is_finished();
    running.await.unwrap().unwrap();
    if server == Postgres {
        // An index that is built beside those who write waits for the transactions of all schemas that are older.
        let up = call_log(&["migrate", "up", "--lock-wait", "0s", "--database-schema", "tenant"], &database.url);
        assert_eq!(up.code, 0, "{}", up.stderr);
    }
    was_at_work
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_one_connection_is_enough(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let mut options = sea_orm::ConnectOptions::new(database.url.as_str());
    options.max_connections(1).acquire_timeout(Duration::from_mins(1)).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    Migrator::fresh(&db).await.unwrap();
    assert_eq!(history(&db).await, known());
}

/// The server ends the session of the holder: what it did is gone, or goes on; the lock is free; nothing is on record.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_lost_is_noticed(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let (db, running) = slow(&database).await;
    let pid = pid(&database).await;
    let end = if server == Postgres { format!("SELECT pg_terminate_backend({pid})") } else { format!("KILL {pid}") };
    database.connect().await.execute_unprepared(&end).await.unwrap();

    let error = running.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Lost { .. }) && error.exit_code() == 69, "{error:?}");
    let on_record = if server == Postgres { "to_regclass('seaql_migrations') IS NOT NULL" } else { "1 = 1" };
    if one::<i64>(&db, &format!("SELECT CAST(CASE WHEN {on_record} THEN 1 ELSE 0 END AS {})", integer(server))).await
        == 1
    {
        assert_eq!(history(&db).await, Vec::<String>::new());
    }
    let up = call_log(&["migrate", "up", "--lock-wait", "60s"], &database.url);
    assert_eq!(up.code, 0, "{}", up.stderr);
}

fn integer(server: Server) -> &'static str {
    if server == Postgres { "int8" } else { "SIGNED" }
}

#[tokio::test]
async fn at_head_nothing_is_locked_or_written() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    let role = database.name();
    db.execute_unprepared(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 's3cret'; ALTER ROLE {role} SET default_transaction_read_only = on; \
         GRANT SELECT, INSERT, UPDATE ON call_log TO {role}; GRANT SELECT ON seaql_migrations TO {role}; \
         GRANT USAGE ON SEQUENCE call_log_id_seq TO {role}"
    ))
    .await
    .unwrap();
    let Run { code, stdout, stderr } = call_log(&["migrate", "up"], &database.url_as(role, "s3cret"));
    assert_eq!((code, stderr.as_str()), (1, "nothing to apply\n"));
    assert_eq!(lines_beginning(&stdout, "error[").len(), 1, "only that the role writes nothing: {stdout}");
    assert!(stdout.contains("error[read-only]"), "{stdout}");
    db.execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}

/// An application that starts on a runtime of its own and gives up waiting leaves no lock behind.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_dropped_leaves_no_lock(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let (_db, running) = slow(&database).await;
    running.abort();
    let settings = Settings { lock_wait: Duration::from_mins(1), ..Settings::default() };
    let db = database.connect().await;
    Runner::new().with_settings(settings).up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert_eq!(history(&db).await, known());
}

/// The lock is that of the history, wherever the path finds it.
#[tokio::test(flavor = "multi_thread")]
async fn who_shares_a_history_shares_its_lock() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(
        "CREATE SCHEMA tenant; CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint)",
    )
    .await
    .unwrap();
    let (_db, running) = slow(&database).await;
    let url = format!("{}?options=-c%20search_path%3Dtenant%2Cpublic", database.url);
    let busy = call_log(&["migrate", "up", "--lock-wait", "300ms"], &url);
    assert_eq!(busy.code, 75, "{}", busy.stderr);
    running.await.unwrap().unwrap();
}

/// Whoever calls it in a transaction of his own finds that as it was.
#[tokio::test]
async fn a_transaction_around_it_keeps_its_settings() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared("SET LOCAL lock_timeout = '7s'").await.unwrap();
    Migrator::up(&transaction, u32::try_from(in_transactions().len()).ok()).await.unwrap();
    let next = &known()[in_transactions().len()];
    let refused = Migrator::up(&transaction, None).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("{next} runs outside a transaction")), "{refused}");
    let ask = "SELECT current_setting('lock_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout')";
    let row =
        transaction.query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, ask)).await.unwrap();
    assert_eq!(row.unwrap().try_get_by_index::<String>(0).unwrap(), "7s 0");
    transaction.rollback().await.unwrap();
    assert_eq!(call_log(&["migrate", "status"], &database.url).stdout.matches("pending").count(), known().len());
}
