//! Checks again and again whether the database is reachable and its schema fits.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use migration::Migrator;
use sea_orm::DatabaseExecutor;
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, ErrorKind, PoolerSafe, connect, ensure_migratable};
use sea_orm_drift::{Report, Severity};
use sea_orm_kit::{SchemaError, error_chain};
use sea_orm_runner::{Runner, Stop};
use tokio::sync::{Mutex, Notify, OnceCell, watch};

use super::{config::DatabasePools, pools::Pools, schema_state::SchemaState};
use crate::schema;

/// How often to check while something is wrong.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// How often to check while the schema fits.
const POLL_INTERVAL: Duration = Duration::from_mins(1);

/// Errors that arrive together trigger one check.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Shortest time between two checks, however many errors request one.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// How long a successful ping counts.
const PING_TTL: Duration = Duration::from_secs(1);

/// How long a ping may take.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// How long one check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(20);

/// The database to watch, and how to prepare it.
pub struct WatchConfig {
    /// The database.
    pub url: DatabaseUrl,
    /// The PostgreSQL schema to use.
    pub schema: Option<String>,
    /// The runner and URL for migrations to apply first, if any.
    pub migrate: Option<(Runner, DatabaseUrl)>,
    /// Marks the differences of a report that are accepted.
    pub apply_accepted: Box<dyn Fn(Report) -> Report + Send + Sync>,
}

impl fmt::Debug for WatchConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, schema, migrate, apply_accepted: _ } = self;
        let migrates = migrate.is_some();
        f.debug_struct("WatchConfig").field("url", url).field("schema", schema).field("migrates", &migrates).finish()
    }
}

/// The watch; one per process.
#[derive(Debug)]
pub struct SchemaWatch {
    config: WatchConfig,
    sizes: DatabasePools,
    pools: OnceCell<Pools>,
    migrated: OnceCell<()>,
    state: watch::Sender<Arc<SchemaState>>,
    requested: Notify,
    /// Allows one check at a time; holds when the database last answered.
    last_answer: Mutex<Option<Instant>>,
}

/// Why a check failed.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum CheckError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A migration failed.
    #[error(transparent)]
    Migrate(#[from] sea_orm_runner::Error),
    /// The catalogue could not be read.
    #[error(transparent)]
    Schema(#[from] schema::SchemaError),
    /// The database takes no writes.
    #[error("the database takes no writes: it is a replica, or was made read-only")]
    ReadOnly,
    /// The check timed out.
    #[error("the schema check took longer than {} s", CHECK_TIMEOUT.as_secs())]
    TooSlow,
}

impl CheckError {
    /// Whether another session's lock, or a slow server, kept the catalogue from being read.
    fn is_timeout(&self) -> bool {
        match self {
            Self::TooSlow => true,
            Self::Schema(SchemaError::NotCompared(sea_orm_drift::Error::Catalogue { source })) => {
                ErrorKind::of(source) == ErrorKind::Lock
            }
            Self::Schema(_) | Self::Connect(_) | Self::Migrate(_) | Self::ReadOnly => false,
        }
    }
}

impl SchemaWatch {
    /// A watch that has not checked anything yet.
    pub fn new(config: WatchConfig) -> Self {
        Self {
            config,
            sizes: DatabasePools::default(),
            pools: OnceCell::new(),
            migrated: OnceCell::new(),
            state: watch::Sender::new(Arc::new(SchemaState::Starting)),
            requested: Notify::new(),
            last_answer: Mutex::new(None),
        }
    }

    /// Opens pools of these sizes.
    #[must_use]
    pub fn with_pools(self, sizes: DatabasePools) -> Self {
        Self { sizes, ..self }
    }

    /// The result of the last check.
    pub fn state(&self) -> Arc<SchemaState> {
        Arc::clone(&self.state.borrow())
    }

    /// A receiver of new states.
    pub fn follow(&self) -> watch::Receiver<Arc<SchemaState>> {
        self.state.subscribe()
    }

    /// The connection pools, once the database has answered.
    pub(super) fn pools(&self) -> Option<&Pools> {
        self.pools.get()
    }

    /// The pool that the checks use.
    fn db(&self) -> Option<&PoolerSafe> {
        self.pools().map(|pools| &pools.jobs)
    }

    /// Requests a check soon, for example after a database error.
    pub fn request_check(&self) {
        self.requested.notify_one();
    }

    /// Checks once: connects, applies pending migrations if configured, compares.
    ///
    /// # Errors
    /// If any of these fails; [`state`](Self::state) says so, too.
    pub async fn check(&self) -> Result<Arc<SchemaState>, CheckError> {
        let mut last_answer = self.last_answer.lock().await;
        self.check_locked(&mut last_answer).await
    }

    async fn check_locked(&self, last_answer: &mut Option<Instant>) -> Result<Arc<SchemaState>, CheckError> {
        metrics::counter!("schema_checks_total").increment(1);
        let compared = self.migrate_and_compare().await;
        let state = match &compared {
            Ok(report) if report.fails_at(Severity::Error) => SchemaState::Drifted(Box::new(report.clone())),
            Ok(report) => SchemaState::Fits(Box::new(report.clone())),
            Err(error @ (CheckError::Connect(_) | CheckError::Migrate(sea_orm_runner::Error::Lost { .. }))) => {
                SchemaState::Unreachable(error_chain(error))
            }
            Err(CheckError::ReadOnly | CheckError::Migrate(sea_orm_runner::Error::ReadOnly { .. })) => {
                SchemaState::ReadOnly
            }
            Err(error @ CheckError::Migrate(_)) => SchemaState::NotMigrated(error_chain(error)),
            Err(error) if self.is_gone().await => SchemaState::Unreachable(error_chain(error)),
            // Another session's lock says nothing about the schema: the last good state stands.
            Err(error) if error.is_timeout() && matches!(self.state().as_ref(), SchemaState::Fits(_)) => {
                tracing::warn!(reason = error_chain(error), "the schema check timed out; the last result stands");
                *last_answer = None;
                return compared.map(|_| self.state());
            }
            Err(error) => SchemaState::NotCompared(error_chain(error)),
        };
        *last_answer = compared.is_ok().then(Instant::now);
        self.publish(state);
        compared.map(|_| self.state())
    }

    /// The last state, after a ping if it says that the schema fits. Does not wait for a check in progress.
    pub async fn verified(&self) -> Arc<SchemaState> {
        let Ok(mut last_answer) = self.last_answer.try_lock() else { return self.state() };
        let is_fresh = last_answer.is_some_and(|at| at.elapsed() < PING_TTL);
        if matches!(self.state().as_ref(), SchemaState::Fits(_)) && !is_fresh {
            if self.is_gone().await || self.is_read_only().await {
                let _ = self.check_locked(&mut last_answer).await; // the state has the error
                // The loop would otherwise sleep as long as while all was well.
                self.request_check();
            } else {
                *last_answer = Some(Instant::now());
            }
        }
        self.state()
    }

    async fn migrate_and_compare(&self) -> Result<Report, CheckError> {
        let WatchConfig { url, schema, migrate, apply_accepted } = &self.config;
        let schema = schema.as_deref();
        if let Some((runner, url)) = migrate {
            let migrate = async || -> Result<(), CheckError> {
                let db = connect(url, schema, Access::ReadWrite).await?;
                ensure_migratable(&db, url, &schema::project().tables()).await?;
                let migrated = runner.up::<Migrator>(&DatabaseExecutor::Connection(&db), None).await;
                db.close().await.ok();
                Ok(migrated?)
            };
            self.migrated.get_or_try_init(migrate).await?;
        }
        let Pools { jobs, .. } = self.pools.get_or_try_init(|| Pools::connect(url, schema, &self.sizes)).await?;
        let Ok(report) = tokio::time::timeout(CHECK_TIMEOUT, schema::check(jobs.pool())).await else {
            jobs.renew();
            return Err(CheckError::TooSlow);
        };
        let report = report?;
        if self.is_read_only().await {
            return Err(CheckError::ReadOnly);
        }
        Ok(apply_accepted(report))
    }

    async fn is_read_only(&self) -> bool {
        let Some(db) = self.db() else { return false };
        matches!(tokio::time::timeout(PING_TIMEOUT, db.check_read_only()).await, Ok(Ok(true)))
    }

    async fn is_gone(&self) -> bool {
        let Some(db) = self.db() else { return true };
        let answers = async {
            db.pool().ping().await?;
            // A Galera node that has lost its cluster answers a ping, and no statement.
            match db.check_read_only().await {
                Err(error) if ErrorKind::of(&error) == ErrorKind::Connection => Err(error),
                _ => Ok(()),
            }
        };
        !matches!(tokio::time::timeout(PING_TIMEOUT, answers).await, Ok(Ok(())))
    }

    fn publish(&self, state: SchemaState) {
        let before = self.state.send_replace(Arc::new(state));
        let after = self.state();
        for name in SchemaState::NAMES {
            metrics::gauge!("schema_state", "state" => name).set(if name == after.name() { 1.0 } else { 0.0 });
        }
        if before.name() == after.name() && before.missing() == after.missing() {
            return;
        }
        match after.as_ref() {
            SchemaState::Starting => {}
            SchemaState::Unreachable(reason) | SchemaState::NotMigrated(reason) | SchemaState::NotCompared(reason) => {
                tracing::error!(state = after.name(), reason, "the database is unavailable");
            }
            SchemaState::ReadOnly => tracing::error!(state = after.name(), "the database takes no writes"),
            SchemaState::Drifted(_) => {
                let missing = after.missing();
                tracing::error!(
                    state = after.name(),
                    missing = missing.join(", "),
                    "the schema would break this program"
                );
            }
            SchemaState::Fits(report) => {
                tracing::info!(state = after.name(), columns = report.compared.columns, "the schema fits");
            }
        }
    }

    /// Checks until `stop`. A running migration is not dropped half-way: it stops by itself.
    pub async fn run(&self, stop: &Stop) {
        let mut pause = Duration::ZERO;
        let mut checked = Instant::now();
        while stop.signal().is_none() {
            pause = next_pause(&self.state(), pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.requested.notified() => tokio::time::sleep(pause_after_request(checked.elapsed())).await,
                () = stop.requested() => return,
            }
            checked = Instant::now();
            // The state has the result.
            if self.config.migrate.is_some() && !self.migrated.initialized() {
                let _ = self.check().await;
            } else {
                tokio::select! {
                    _ = self.check() => {}
                    () = stop.requested() => return,
                }
            }
        }
    }
}

/// The pause between a request and its check, given the time since the last check.
fn pause_after_request(since_check: Duration) -> Duration {
    DEBOUNCE.max(MIN_CHECK_INTERVAL.saturating_sub(since_check))
}

/// The pause before the next check. A failing migration takes locks each time, so its pauses grow.
fn next_pause(state: &SchemaState, last: Duration) -> Duration {
    match state {
        SchemaState::Starting => Duration::ZERO,
        SchemaState::Fits(_) => POLL_INTERVAL,
        SchemaState::NotMigrated(_) => (last * 2).clamp(RETRY_INTERVAL, POLL_INTERVAL),
        SchemaState::Unreachable(_) | SchemaState::ReadOnly | SchemaState::NotCompared(_) | SchemaState::Drifted(_) => {
            RETRY_INTERVAL
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::soon_after_a_quiet_time(60_000, 200)]
    #[case::later_after_a_recent_check(500, 1_500)]
    #[case::at_once_never(2_000, 200)]
    fn requested_checks_are_rate_limited(#[case] since_check: u64, #[case] expected: u64) {
        assert_eq!(pause_after_request(Duration::from_millis(since_check)), Duration::from_millis(expected));
    }

    #[test]
    fn a_failing_migration_is_retried_less_and_less_often() {
        let failed = SchemaState::NotMigrated(String::new());
        let pauses = std::iter::successors(Some(Duration::ZERO), |last| Some(next_pause(&failed, *last)));
        let seconds: Vec<u64> = pauses.skip(1).take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
    }
}
