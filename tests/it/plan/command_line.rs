//! The output of `call-log migrate plan`.

use insta::assert_snapshot;
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use crate::{
    it::{
        growth::without_growth,
        program::{Run, call_log, call_log_with},
    },
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

const BEFORE: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");

/// A whole run, without the version of the server and without later migrations.
fn shown(run: &Run) -> String {
    let stdout: Vec<&str> =
        run.stdout.lines().map(|line| if line.starts_with("server: ") { "server: SERVER" } else { line }).collect();
    let shown = format!("exit {}\n--- stdout\n{}\n--- stderr\n{}", run.code, stdout.join("\n"), run.stderr);
    without_growth(&shown)
}

#[tokio::test]
async fn a_plan_for_a_legacy_database() {
    let Some(database) = Postgres.empty_database().await else { return };
    database.connect().await.execute_unprepared(BEFORE).await.unwrap();
    assert_snapshot!(shown(&call_log(&["migrate", "plan"], &database.url)), @r#"
    exit 0
    --- stdout
    server: SERVER

    m20251227_000050_create_call_log (one transaction: it holds its locks until it commits)
      CREATE TABLE IF NOT EXISTS "call_log_adopted" ( "migration" varchar(128) NOT NULL, "object" varchar(128) NOT NULL, PRIMARY KEY ("migration", "object") )
        lock: blocks nobody
        work: metadata only
      INSERT INTO "call_log_adopted" ("migration", "object") VALUES ('m20251227_000050_create_call_log', 'call_log')
        lock: ROW EXCLUSIVE on call_log_adopted: blocks nobody, the table is new
        work: changes rows

    m20251228_000051_add_call_log_cost_metrics (one transaction: it holds its locks until it commits)
      ALTER TABLE "call_log" ADD COLUMN "recording_mode" varchar(32) NULL, ADD COLUMN "stream_started_at" timestamp without time zone NULL, ADD COLUMN "stream_ended_at" timestamp without time zone NULL, ADD COLUMN "stream_duration_sec" double precision NULL, ADD COLUMN "stream_connect_count" integer NULL DEFAULT 0, ADD COLUMN "webhook_11205_count" integer NULL DEFAULT 0, ADD COLUMN "webhook_retry_count" integer NULL DEFAULT 0, ADD COLUMN "recording_count" integer NULL DEFAULT 0, ADD COLUMN "estimated_cost_bucket" varchar(16) NULL
        lock: ACCESS EXCLUSIVE on call_log: reads and writes wait
        work: metadata only

    m20261125_000052_add_call_log_bookkeeping (one transaction: it holds its locks until it commits)
      ALTER TABLE "call_log" ADD COLUMN "deliveries" text NULL, ADD COLUMN "finalise_attempts" integer NULL DEFAULT 0, ADD COLUMN "finalise_after" timestamp without time zone NULL
        lock: ACCESS EXCLUSIVE on call_log: reads and writes wait
        work: metadata only

    m20261125_000053_index_call_log_lists (no transaction: each statement commits on its own)
      CREATE INDEX CONCURRENTLY "ix_call_log_business_id_created_at_id" ON "call_log" ("business_id", "created_at", "id")
        lock: SHARE UPDATE EXCLUSIVE on call_log: reads and writes continue; VACUUM and schema changes wait
        work: reads the whole table: the server builds the index
      CREATE INDEX CONCURRENTLY "ix_call_log_created_at_id" ON "call_log" ("created_at", "id")
        lock: SHARE UPDATE EXCLUSIVE on call_log: reads and writes continue; VACUUM and schema changes wait
        work: reads the whole table: the server builds the index
      CREATE INDEX CONCURRENTLY "ix_call_log_bucket_created_at" ON "call_log" ("estimated_cost_bucket", "created_at")
        lock: SHARE UPDATE EXCLUSIVE on call_log: reads and writes continue; VACUUM and schema changes wait
        work: reads the whole table: the server builds the index

    N migrations, N statements, no warnings
    --- stderr
    "#);
}

#[tokio::test]
async fn a_plan_for_a_file() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    assert_snapshot!(shown(&call_log(&["migrate", "plan"], &database.url)), @r#"
    exit 0
    --- stdout
    server: SERVER

    m20251228_000051_add_call_log_cost_metrics (one transaction: it holds its locks until it commits)
      lock: write lock on the whole database: writes to any table wait; reads wait during the commit, or not at all in WAL mode
      ALTER TABLE "call_log" ADD COLUMN "recording_mode" varchar(32) NULL
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "stream_started_at" datetime_text NULL
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "stream_ended_at" datetime_text NULL
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "stream_duration_sec" double NULL
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "stream_connect_count" integer NULL DEFAULT 0
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "webhook_11205_count" integer NULL DEFAULT 0
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "webhook_retry_count" integer NULL DEFAULT 0
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "recording_count" integer NULL DEFAULT 0
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "estimated_cost_bucket" varchar(16) NULL
        work: metadata only

    m20261125_000052_add_call_log_bookkeeping (one transaction: it holds its locks until it commits)
      lock: write lock on the whole database: writes to any table wait; reads wait during the commit, or not at all in WAL mode
      ALTER TABLE "call_log" ADD COLUMN "deliveries" text NULL
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "finalise_attempts" integer NULL DEFAULT 0
        work: metadata only
      ALTER TABLE "call_log" ADD COLUMN "finalise_after" datetime_text NULL
        work: metadata only

    m20261125_000053_index_call_log_lists (no transaction: each statement commits on its own)
      lock: write lock on the whole database: writes to any table wait; reads wait during the commit, or not at all in WAL mode
      CREATE INDEX IF NOT EXISTS "ix_call_log_business_id_created_at_id" ON "call_log" ("business_id", "created_at", "id")
        work: reads the whole table: SQLite builds the index
      CREATE INDEX IF NOT EXISTS "ix_call_log_created_at_id" ON "call_log" ("created_at", "id")
        work: reads the whole table: SQLite builds the index
      CREATE INDEX IF NOT EXISTS "ix_call_log_bucket_created_at" ON "call_log" ("estimated_cost_bucket", "created_at")
        work: reads the whole table: SQLite builds the index

    N migrations, N statements, no warnings
    --- stderr
    "#);
}

#[rstest]
#[tokio::test]
async fn nothing_pending_is_nothing_to_apply(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    Migrator::up(&database.connect().await, None).await.unwrap();
    let run = call_log(&["migrate", "plan"], &database.url);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "nothing to apply\n", ""));
    let json = call_log(&["migrate", "plan", "--format", "json"], &database.url);
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &plan["migrations"], &plan["version"]), (0, &serde_json::json!([]), &serde_json::json!(1)));
}

#[tokio::test]
async fn a_plan_for_a_program_says_the_same() {
    let Some(database) = Postgres.empty_database().await else { return };
    database.connect().await.execute_unprepared(BEFORE).await.unwrap();
    let run = call_log(&["migrate", "plan", "--format", "json"], &database.url);
    let plan: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, run.stderr.as_str(), &plan["server"]["product"]), (0, "", &"PostgreSQL".into()));
    let statement = &plan["migrations"][1]["statements"][0];
    assert_eq!(statement["work"], "metadata");
    assert_eq!(
        statement["locks"],
        serde_json::json!([{
            "table": "call_log",
            "mode": "ACCESS EXCLUSIVE",
            "effect": "reads and writes wait",
            "is_new": false,
        }])
    );
}

#[tokio::test]
async fn a_plan_does_not_keep_up_from_running() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "plan"], &database.url).code, 0);
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    assert_eq!(call_log(&["migrate", "plan"], &database.url).stdout, "nothing to apply\n");
}

#[rstest]
#[case::no_database_is_named("", 78, "error: ")]
#[case::nobody_answers("postgres://app@127.0.0.1:1/calls", 69, "error: no database server answers at ")]
#[case::there_is_no_such_file("sqlite:///nowhere/calls.db", 78, "error: there is no such database at ")]
#[test]
fn errors_are_sentences(#[case] url: &str, #[case] code: i32, #[case] words: &str) {
    let settings: &[(&str, &str)] = if url.is_empty() { &[] } else { &[("DATABASE_URL", url)] };
    let run = call_log_with(&["migrate", "plan"], settings);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (code, "", 1), "{}", run.stderr);
    assert!(run.stderr.starts_with(words), "{}", run.stderr);
}

#[tokio::test]
async fn a_history_that_may_not_be_read_is_no_plan() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    let role = database.name();
    db.execute_unprepared(&format!("CREATE ROLE {role} LOGIN PASSWORD 's3cret'")).await.unwrap();
    let run = call_log(&["migrate", "plan"], &database.url_as(role, "s3cret"));
    db.execute_unprepared(&format!("DROP ROLE {role}")).await.unwrap();
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: the migration history cannot be read: "), "{}", run.stderr);
}
