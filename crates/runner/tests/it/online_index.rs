//! An index is built and dropped while others write.

use std::time::Duration;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, TransactionTrait};
use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_query::{Index, IndexCreateStatement},
};
use sea_orm_runner::{Error, Event, Runner, Settings, online};
use test_servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    all, one,
};

use super::{Told, history, jobs, pid_of, sleep};

/// An index on `status`.
struct Indexing;

struct Build;

const NAME: &str = "ix_job_status";

fn index() -> IndexCreateStatement {
    Index::create().name(NAME).col("status").take()
}

impl MigrationName for Build {
    fn name(&self) -> &'static str {
        "m00000000_000000_build_index"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Build {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        online::create_index(manager, "job", index()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        online::drop_index(manager, "job", NAME).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

impl MigratorTrait for Indexing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Build)]
    }
}

async fn up(db: &DbConn) -> Result<(), Error> {
    Runner::new().up::<Indexing>(&DatabaseExecutor::Connection(db), None).await
}

async fn down(db: &DbConn) -> Result<(), Error> {
    Runner::new().down::<Indexing>(&DatabaseExecutor::Connection(db), None).await
}

/// The usable indexes of that name.
async fn indexes(db: &DbConn) -> usize {
    let sql = match Server::of(db) {
        Postgres => {
            "SELECT indexrelid::int8 FROM pg_index WHERE indexrelid = to_regclass('ix_job_status') AND indisvalid"
        }
        MySqlOrMariaDb => {
            "SELECT CAST(SEQ_IN_INDEX AS SIGNED) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND \
             INDEX_NAME = 'ix_job_status'"
        }
        Sqlite => "SELECT rowid FROM sqlite_master WHERE name = 'ix_job_status'",
    };
    all::<i64>(db, sql).await.len()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_built_once(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = jobs(server).await else { return };
    let db = database.connect().await;
    up(&db).await.unwrap();
    assert_eq!((indexes(&db).await, history(&db).await.len()), (1, 1));
    db.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
    up(&db).await.unwrap();
    assert_eq!((indexes(&db).await, history(&db).await.len()), (1, 1), "as after a run that was killed behind it");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_dropped_once(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = jobs(server).await else { return };
    let db = database.connect().await;
    for _ in 0..2 {
        up(&db).await.unwrap();
        down(&db).await.unwrap();
        assert_eq!((indexes(&db).await, history(&db).await.len()), (0, 0));
    }
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m00000000_000000_build_index', 0)").await.unwrap();
    down(&db).await.unwrap();
    assert_eq!((indexes(&db).await, history(&db).await.len()), (0, 0), "as after a run that was killed behind it");
}

/// The path leads through two schemas, and both have such a table.
#[tokio::test]
async fn an_index_of_the_same_name_in_another_schema_is_another() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let url = format!("{}?options=-c%20search_path%3Dtenant%2Cpublic", database.url);
    for statement in [
        "CREATE SCHEMA tenant; CREATE TABLE tenant.job (status text); CREATE TABLE public.job (status text)",
        "CREATE INDEX ix_job_status ON public.job (status)",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let tenant = sea_orm::Database::connect(url.as_str()).await.unwrap();
    let schemas = || async {
        all::<String>(&db, &format!("SELECT schemaname::text FROM pg_indexes WHERE indexname = '{NAME}' ORDER BY 1"))
            .await
    };
    up(&tenant).await.unwrap();
    assert_eq!(schemas().await, ["public", "tenant"], "it is built, though the path leads to another of its name");
    down(&tenant).await.unwrap();
    assert_eq!(schemas().await, ["public"]);
    tenant.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m00000000_000000_build_index', 0)").await.unwrap();
    down(&tenant).await.unwrap();
    assert_eq!(schemas().await, ["public"], "the other is nobody's to drop");
}

/// Until it is told that it waits.
async fn until_told(told: &Told) {
    while waited_for(told).is_empty() {
        sleep(20).await;
    }
}

/// The sessions that were told of, in nobody's way.
fn waited_for(told: &Told) -> Vec<i64> {
    let events = told.events().into_iter().filter(|event| event.to_string().starts_with("waiting"));
    let blockers = events.flat_map(|event| match event {
        Event::WaitingForOthers { blockers, .. } => blockers,
        other => panic!("{other:?}"),
    });
    blockers.map(|session| session.pid).collect()
}

/// Dropping waits for older transactions as building does.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_in_use_is_dropped_in_nobodys_way() {
    let Some(database) = jobs(Postgres).await else { return };
    let db = database.connect().await;
    up(&db).await.unwrap();
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("INSERT INTO job (priority) VALUES (1)").await.unwrap();
    let pid = pid_of(&holder).await;
    let told = Told::default();
    let running = {
        let (db, runner) = (database.connect().await, told.by(Runner::new()));
        tokio::spawn(async move { runner.down::<Indexing>(&DatabaseExecutor::Connection(&db), None).await })
    };
    until_told(&told).await;
    assert!(!running.is_finished());
    db.execute_unprepared("INSERT INTO job (priority) VALUES (1)").await.unwrap();
    holder.commit().await.unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(one::<i64>(&db, "SELECT COUNT(*) FROM pg_class WHERE relname = 'ix_job_status'").await, 0);
    assert_eq!(waited_for(&told), [pid], "{:?}", told.events());
}

/// Each partition is indexed while others write to it, and attached; an interrupted build is continued.
#[tokio::test]
async fn the_partitions_of_a_table_are_indexed_one_by_one() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(
        "CREATE SCHEMA elsewhere;
         CREATE TABLE job (status text) PARTITION BY LIST (status);
         CREATE TABLE ended PARTITION OF job FOR VALUES IN ('ended');
         CREATE TABLE elsewhere.ended PARTITION OF job FOR VALUES IN ('ended elsewhere');
         CREATE TABLE others PARTITION OF job DEFAULT PARTITION BY HASH (status);
         CREATE TABLE others_0 PARTITION OF others FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE others_1 PARTITION OF others FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         INSERT INTO job SELECT 'status ' || number FROM generate_series(1, 1000) AS number;",
    )
    .await
    .unwrap();
    let parts = "SELECT count(*) FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid \
                 WHERE class.relname LIKE 'ix_job_status%' AND index.indisvalid";
    up(&db).await.unwrap();
    assert_eq!(one::<i64>(&db, parts).await, 6, "of the whole, of four tables and of one that is partitioned itself");
    down(&db).await.unwrap();
    assert_eq!(one::<i64>(&db, parts).await, 0);

    // As a build leaves it that is killed: the whole is begun, one partition has a valid index, and another an invalid one.
    let oid = |table: &str| format!("SELECT '{table}'::regclass::oid::bigint");
    let (first, second) = (one::<i64>(&db, &oid("ended")).await, one::<i64>(&db, &oid("others_0")).await);
    db.execute_unprepared(&format!(
        "CREATE INDEX ix_job_status ON ONLY job (status);
         CREATE INDEX ix_job_status_p{first} ON ended (status);
         CREATE INDEX ix_job_status_p{second} ON others_0 (status);
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_job_status_p{second}'::regclass;"
    ))
    .await
    .unwrap();
    up(&db).await.unwrap();
    assert_eq!(one::<i64>(&db, parts).await, 6);
    let used = all::<String>(&db, "EXPLAIN SELECT 1 FROM job WHERE status = 'status 7'").await.join(" ");
    assert!(used.contains("ix_job_status_p"), "{used}");
    down(&db).await.unwrap();
    assert_eq!(one::<i64>(&db, parts).await, 0);
}

/// Longer than a statement may queue, because in this queue nobody stands behind it.
#[tokio::test(flavor = "multi_thread")]
async fn older_transactions_are_waited_for_in_nobodys_way() {
    let Some(database) = jobs(Postgres).await else { return };
    let db = database.connect().await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("INSERT INTO job (priority) VALUES (1)").await.unwrap();
    let pid = pid_of(&holder).await;
    let told = Told::default();
    let running = {
        let (db, runner) = (database.connect().await, told.by(Runner::new()));
        tokio::spawn(async move { runner.up::<Indexing>(&DatabaseExecutor::Connection(&db), None).await })
    };
    until_told(&told).await;
    assert!(!running.is_finished());
    db.execute_unprepared("INSERT INTO job (priority) VALUES (1)").await.unwrap();
    holder.commit().await.unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(indexes(&db).await, 1);
    assert_eq!(waited_for(&told), [pid], "{:?}", told.events());
}

/// Left by a build that was killed.
#[tokio::test]
async fn what_is_left_of_an_index_is_built_again() {
    let Some(database) = jobs(Postgres).await else { return };
    let db = database.connect().await;
    db.execute_unprepared("INSERT INTO job (priority, status) VALUES (1, 'twice'), (1, 'twice')").await.unwrap();
    let left = format!("CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON job (status)");
    assert!(db.execute_unprepared(&left).await.is_err());
    assert_eq!(one::<i64>(&db, "SELECT COUNT(*) FROM pg_class WHERE relname = 'ix_job_status'").await, 1);
    assert_eq!(indexes(&db).await, 0, "it is there, and not valid");
    up(&db).await.unwrap();
    assert_eq!(indexes(&db).await, 1);
}

#[tokio::test]
async fn an_index_that_cannot_be_built_leaves_nothing_behind() {
    struct Unique;
    struct BuildUnique;
    impl MigrationName for BuildUnique {
        fn name(&self) -> &'static str {
            "m00000000_000000_build_unique_index"
        }
    }
    #[async_trait::async_trait]
    impl MigrationTrait for BuildUnique {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            online::create_index(manager, "job", index().unique().take()).await
        }
        fn use_transaction(&self) -> Option<bool> {
            Some(false)
        }
    }
    impl MigratorTrait for Unique {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(BuildUnique)]
        }
    }
    let Some(database) = jobs(Postgres).await else { return };
    let db = database.connect().await;
    db.execute_unprepared("INSERT INTO job (priority, status) VALUES (1, 'twice'), (1, 'twice')").await.unwrap();
    let error = Runner::new().up::<Unique>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(
        matches!(&error, Error::Failed { source, .. } if source.to_string().contains("could not create unique")),
        "{error:?}"
    );
    assert_eq!(one::<i64>(&db, "SELECT COUNT(*) FROM pg_class WHERE relname = 'ix_job_status'").await, 0);
}

#[rstest]
#[case::an_index_in_a_transaction(index(), "let `use_transaction` return `Some(false)`")]
#[case::an_index_without_a_name(Index::create().col("status").take(), "needs a name")]
#[tokio::test]
async fn a_wrong_call_is_a_sentence(#[case] index: IndexCreateStatement, #[case] words: &str) {
    let Some(database) = jobs(Postgres).await else { return };
    let db = database.connect().await;
    let transaction = db.begin().await.unwrap();
    let error = online::create_index(&SchemaManager::new(&transaction), "job", index).await.unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
}

/// A transaction that does not end: after its time the run gives up, and the next one builds it.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_given_up_at_last() {
    let Some(database) = jobs(Postgres).await else { return };
    let db = database.connect().await;
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("INSERT INTO job (priority) VALUES (1)").await.unwrap();
    let pid = pid_of(&holder).await;
    let settings = Settings { lock_wait: Duration::from_secs(2), ..Settings::default() };
    let runner = Runner::new().with_settings(settings);
    let error = runner.up::<Indexing>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
    assert!(matches!(&error, Error::Blocked { .. }) && error.exit_code() == 75, "{error:?}");
    assert!(error.to_string().contains(&format!("pid {pid} ")), "{error}");
    holder.commit().await.unwrap();
    up(&db).await.unwrap();
    assert_eq!(indexes(&db).await, 1);
}
