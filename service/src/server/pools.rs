//! The database connections, a pool for each role: however many lists are read, webhooks find a connection.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, PoolOptions, PoolerSafe};

use super::{
    config::DatabasePools,
    reads::{Reads, Replica},
    recorder::Recorder,
};

/// How long a webhook's statement may take: it does not run on for long after the answer, which comes after 10 s.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(11);

/// How long a read waits for a connection.
const READ_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that was used a moment ago is used again without a test; a webhook is tried again if it is gone.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);

/// The pools of one database.
#[derive(Debug)]
pub(super) struct Pools {
    /// Writes events.
    pub(super) webhooks: Recorder,
    /// Reads lists, calls and costs.
    pub(super) reads: Reads,
    /// The schema watch and the finaliser.
    pub(super) jobs: PoolerSafe,
}

impl Pools {
    /// Opens all of them.
    pub(super) async fn connect(
        url: &DatabaseUrl,
        schema: Option<&str>,
        sizes: &DatabasePools,
    ) -> Result<Self, ConnectError> {
        let connect = async |options| PoolerSafe::connect_with(url, schema, Access::ReadWrite, options).await;
        let jobs =
            connect(PoolOptions { max_connections: Some(sizes.job_connections), ..PoolOptions::default() }).await?;
        if url.is_in_memory() {
            return Ok(Self { webhooks: Recorder::new(jobs.clone()), reads: Reads::new(jobs.clone(), None), jobs });
        }
        if url.is_sqlite() {
            use_write_ahead_log(&jobs).await;
        }
        let webhooks = connect(PoolOptions {
            max_connections: Some(if url.is_sqlite() { 1 } else { sizes.webhook_connections }),
            statement_timeout: Some(WEBHOOK_TIMEOUT),
            ping_after_idle: Some(PING_AFTER_IDLE),
            ..PoolOptions::default()
        })
        .await?;
        let for_reads = PoolOptions {
            max_connections: Some(sizes.read_connections),
            acquire_timeout: Some(READ_ACQUIRE_TIMEOUT),
            statement_timeout: Some(sizes.read_timeout),
            ..PoolOptions::default()
        };
        let replica = sizes
            .read_url
            .as_ref()
            .map(|replica| Replica::new(replica.clone(), schema, for_reads.clone(), sizes.read_max_staleness));
        let reads = Reads::new(connect(for_reads).await?, replica);
        Ok(Self { webhooks: Recorder::new(webhooks), reads, jobs })
    }
}

/// Lets SQLite's readers and its writer not wait for each other. The file keeps this; where it cannot, all still works.
async fn use_write_ahead_log(db: &PoolerSafe) {
    let pragma = Statement::from_string(DbBackend::Sqlite, "PRAGMA journal_mode = WAL");
    let mode = db.query_one_raw(pragma).await.map(|row| row.and_then(|row| row.try_get_by_index::<String>(0).ok()));
    if !matches!(&mode, Ok(Some(mode)) if mode == "wal") {
        tracing::warn!("the SQLite file has no write-ahead log, so reading and writing wait for each other");
    }
}
