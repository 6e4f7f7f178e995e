//! A migration that runs outside a transaction needs a session, which PgBouncer in transaction mode does not lend.

use sea_orm::{ConnectionTrait, DatabaseExecutor};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use sea_orm_runner::{Error, Runner};
use test_servers::{Server::Postgres, one, pgbouncer};

use super::{Library, history, jobs};

/// One migration that runs outside a transaction, as `CREATE INDEX CONCURRENTLY` must.
struct Outside;

struct Concurrently;

impl MigrationName for Concurrently {
    fn name(&self) -> &'static str {
        "m00000000_000000_concurrently"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Concurrently {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_job_status ON job (status)";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

impl MigratorTrait for Outside {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Concurrently)]
    }
}

#[tokio::test]
async fn what_needs_a_session_is_refused_through_a_pooler_and_runs_past_it() {
    let Some(database) = jobs(Postgres).await else { return };
    // As many set it, and as the runner does.
    let usual = format!("ALTER DATABASE {} SET lock_timeout = '1s'", database.name());
    database.connect().await.execute_unprepared(&usual).await.unwrap();
    for dropped in ["", ", options"] {
        let Some((_pooler, url)) = pgbouncer(&database, dropped) else { return };
        let url = format!("{url}?statement-cache-capacity=0").parse().unwrap();
        let db = sea_orm_connect::connect(&url, None, sea_orm_connect::Access::ReadWrite).await.unwrap();
        let refused = Runner::new().up::<Outside>(&DatabaseExecutor::Connection(&db), None).await.unwrap_err();
        assert!(matches!(&refused, Error::NoSession { .. }) && refused.exit_code() == 78, "{dropped}: {refused:?}");
        assert!(refused.to_string().contains("`MIGRATION_DATABASE_URL`"), "{refused}");
    }
    let db = database.connect().await;
    Runner::new().up::<Outside>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert_eq!(history(&db).await, ["m00000000_000000_concurrently"]);
    assert_eq!(one::<i64>(&db, "SELECT COUNT(*) FROM pg_indexes WHERE indexname = 'ix_job_status'").await, 1);
}

/// Several of them wait for each other, and building an index concurrently waits for none of them.
#[tokio::test(flavor = "multi_thread")]
async fn migrators_outside_a_transaction_take_turns() {
    let Some(database) = jobs(Postgres).await else { return };
    let mut parts = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let db = database.connect().await;
        parts.spawn(async move { Runner::new().up::<Outside>(&DatabaseExecutor::Connection(&db), None).await });
    }
    for part in parts.join_all().await {
        part.unwrap();
    }
    let db = database.connect().await;
    Runner::new().up::<Library>(&DatabaseExecutor::Connection(&db), None).await.unwrap();
    assert_eq!(history(&db).await.len(), 1 + Library::migrations().len());
}
