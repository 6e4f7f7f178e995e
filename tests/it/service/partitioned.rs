//! `call_log` as a partitioned table (PostgreSQL): each unique key must contain the partition key.

use sea_orm::{ConnectionTrait, DbConn};
use service::mutations::{CallStatusEvent, record_call_status};

use super::{at, call, row};
use crate::{
    it::program::call_log,
    servers::{Database, Server::Postgres},
};

const LEGACY: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");

/// The application's own table, partitioned: by what, with which keys, into which partitions.
async fn partitioned(by: &str, keys: &str, partitions: &str) -> Option<(Database, DbConn)> {
    let database = Postgres.empty_database().await?;
    let db = database.connect().await;
    db.execute_unprepared(LEGACY).await.unwrap();
    db.execute_unprepared(&format!(
        "ALTER TABLE call_log RENAME TO plain;
         CREATE TABLE call_log (LIKE plain INCLUDING DEFAULTS, {keys}) PARTITION BY {by};
         {partitions}
         CREATE INDEX ON call_log (business_id); CREATE INDEX ON call_log (lead_id);
         CREATE INDEX ON call_log (from_number); CREATE INDEX ON call_log (parent_call_sid);"
    ))
    .await
    .unwrap();
    Some((database, db))
}

fn event(status: &str) -> CallStatusEvent {
    CallStatusEvent { call: call("CA1", at(0)), status: status.to_owned(), duration: None }
}

#[tokio::test]
async fn a_table_that_is_partitioned_by_hash_of_the_call_passes_and_takes_webhooks() {
    let partitions = "CREATE TABLE part_0 PARTITION OF call_log FOR VALUES WITH (MODULUS 2, REMAINDER 0);
                      CREATE TABLE part_1 PARTITION OF call_log FOR VALUES WITH (MODULUS 2, REMAINDER 1);";
    let keys = "PRIMARY KEY (id, call_sid), UNIQUE (call_sid)";
    let Some((database, db)) = partitioned("HASH (call_sid)", keys, partitions).await else { return };
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    assert!(up.stdout.contains("is unique within each partition only"), "{}", up.stdout);
    let check = call_log(&["check"], &database.url);
    assert_eq!(check.code, 0, "{}", check.stdout);
    for status in ["ringing", "completed", "ringing"] {
        record_call_status(&db, &event(status)).await.unwrap();
    }
    let call = row(&db, "CA1").await;
    assert_eq!((call.status.as_deref(), call.webhook_retry_count), (Some("completed"), Some(1)));
}

#[tokio::test]
async fn a_table_that_is_partitioned_by_time_is_migrated_and_told_what_breaks() {
    let partitions = "CREATE TABLE january PARTITION OF call_log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
                      CREATE TABLE others PARTITION OF call_log DEFAULT;";
    let keys = "PRIMARY KEY (id, created_at), UNIQUE (call_sid, created_at)";
    let Some((database, db)) = partitioned("RANGE (created_at)", keys, partitions).await else { return };
    let plan = call_log(&["migrate", "plan"], &database.url);
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    for words in ["ON ONLY \"public\".\"call_log\"", "CREATE INDEX CONCURRENTLY", "ATTACH PARTITION", "metadata only"] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    assert!(!plan.stdout.contains("unknown"), "{}", plan.stdout);
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 1, "it is migrated, and upserts break: {}{}", up.stdout, up.stderr);
    assert_eq!(call_log(&["migrate", "status"], &database.url).code, 0);
    let check = call_log(&["check"], &database.url);
    for words in
        ["must contain the partition key", "upserts by these columns fail", "reads and updates work", "by HASH"]
    {
        assert!(check.stdout.contains(words), "{words}: {}", check.stdout);
    }
    assert!(!check.stdout.contains("no such index"), "{}", check.stdout);
    assert!(!check.stdout.contains("CREATE UNIQUE INDEX"), "{}", check.stdout);
    let refused = record_call_status(&db, &event("ringing")).await.unwrap_err();
    assert!(refused.to_string().contains("ON CONFLICT"), "the report is right: {refused}");
}

#[tokio::test]
async fn a_unique_index_without_the_partition_key_is_foreseen_by_the_plan() {
    let partitions = "CREATE TABLE others PARTITION OF call_log DEFAULT;";
    let Some((_database, db)) = partitioned("RANGE (created_at)", "PRIMARY KEY (id, created_at)", partitions).await
    else {
        return;
    };
    let plan = sea_orm_plan::plan::<Unique>(&db, &sea_orm_runner::Settings::default()).await.unwrap();
    let reason = plan.statements().next().unwrap().impact_reason.clone().unwrap();
    assert!(reason.contains("rejects") && reason.contains("must contain the partition key (created_at)"), "{reason}");
    assert!(db.execute_unprepared("CREATE UNIQUE INDEX ux ON call_log (call_sid)").await.is_err(), "it is right");
}

/// A migrator with such an index.
struct Unique;

struct MakesUnique;

impl migration::MigrationName for MakesUnique {
    fn name(&self) -> &'static str {
        "m1_unique"
    }
}

#[migration::async_trait::async_trait]
impl migration::MigrationTrait for MakesUnique {
    async fn up(&self, manager: &migration::SchemaManager) -> Result<(), migration::DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("CREATE UNIQUE INDEX ux ON call_log (call_sid)").await.map(drop)
    }
}

impl migration::MigratorTrait for Unique {
    fn migrations() -> Vec<Box<dyn migration::MigrationTrait>> {
        vec![Box::new(MakesUnique)]
    }
}

/// The rows of these partitions are on other servers, which a migration would not reach.
#[tokio::test]
async fn a_table_with_foreign_partitions_is_not_migrated() {
    let Some((database, db)) = partitioned("HASH (call_sid)", "CHECK (true)", "").await else { return };
    let made = db
        .execute_unprepared(
            "CREATE EXTENSION postgres_fdw;
             CREATE SERVER shard FOREIGN DATA WRAPPER postgres_fdw;
             CREATE FOREIGN TABLE shard_0 PARTITION OF call_log FOR VALUES WITH (MODULUS 1, REMAINDER 0) SERVER shard;",
        )
        .await;
    if let Err(error) = made {
        return crate::servers::not_applicable(&format!("postgres_fdw is not installed: {error}"));
    }
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 78, "{}{}", up.stdout, up.stderr);
    assert!(up.stderr.contains("the foreign table shard_0"), "{}", up.stderr);
}

/// `version()` as `CockroachDB` answers it, from a schema before the server's own.
#[tokio::test]
async fn an_engine_that_migrations_would_damage_is_refused() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    for statement in [
        "CREATE SCHEMA fake".to_owned(),
        "CREATE FUNCTION fake.version() RETURNS text LANGUAGE sql AS $$ SELECT 'CockroachDB CCL v23.1.11' $$"
            .to_owned(),
        format!("ALTER DATABASE {} SET search_path = public, fake, pg_catalog", database.name()),
    ] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 78, "{}{}", up.stdout, up.stderr);
    assert!(up.stderr.contains("CockroachDB, which is not supported"), "{}", up.stderr);
}
