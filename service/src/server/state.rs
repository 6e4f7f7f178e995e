//! The state that every handler shares.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use sea_orm_connect::PoolerSafe;
use tokio_util::sync::CancellationToken;

use super::{
    config::Config,
    logging,
    login_limit::LoginLimit,
    pools::Pools,
    problem::Problem,
    reads::{REPLICA_CHECK_INTERVAL, Reads},
    recorder::Recorder,
    schema_state::{OnDrift, SchemaState},
    schema_watch::SchemaWatch,
    session::Sessions,
    supervisor::TaskHealth,
};
use crate::queries::CostReader;

/// The service's configuration, database and schema state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    on_drift: OnDrift,
    schema_watch: SchemaWatch,
    call_cost_reader: CostReader,
    sessions: Sessions,
    login_limit: LoginLimit,
    metrics: PrometheusHandle,
    task_health: TaskHealth,
}

impl AppState {
    /// Builds the state of one process.
    pub fn new(config: Config, on_drift: OnDrift, schema_watch: SchemaWatch, metrics: PrometheusHandle) -> Self {
        let sessions = Sessions::new(config.session_key.as_ref());
        let login_limit = LoginLimit::new(config.logins_per_minute, config.client_address.clone());
        let task_health = TaskHealth::default();
        let call_cost_reader = CostReader::default();
        Self(Arc::new(Inner {
            config,
            on_drift,
            schema_watch,
            call_cost_reader,
            sessions,
            login_limit,
            metrics,
            task_health,
        }))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The schema watch.
    pub fn schema_watch(&self) -> &SchemaWatch {
        &self.0.schema_watch
    }

    /// The reader of what phone calls cost.
    pub(super) fn call_cost_reader(&self) -> &CostReader {
        &self.0.call_cost_reader
    }

    /// The health of the background tasks.
    pub fn task_health(&self) -> &TaskHealth {
        &self.0.task_health
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The limit on logins per client address.
    pub(super) fn login_limit(&self) -> &LoginLimit {
        &self.0.login_limit
    }

    /// All metrics in the Prometheus text format.
    pub(super) fn render_metrics(&self) -> String {
        metrics::counter!("log_lines_dropped_total").absolute(logging::dropped_lines());
        self.0.metrics.render()
    }

    /// Lets the exporter condense its histograms.
    pub(super) fn run_metrics_upkeep(&self) {
        self.0.metrics.run_upkeep();
    }

    /// The database for background tasks, if its schema fits, or has drifted and `--on-drift warn` allows it.
    pub fn background_db(&self) -> Option<&PoolerSafe> {
        self.pools_if_serving().map(|pools| &pools.jobs)
    }

    /// The pools, under the same condition as [`Self::background_db`].
    fn pools_if_serving(&self) -> Option<&Pools> {
        let serves = match self.0.schema_watch.state().as_ref() {
            SchemaState::Fits(_) => true,
            SchemaState::Drifted(_) => self.0.on_drift == OnDrift::Warn,
            SchemaState::Starting
            | SchemaState::Unreachable(_)
            | SchemaState::ReadOnly
            | SchemaState::NotMigrated(_)
            | SchemaState::NotCompared(_) => false,
        };
        self.0.schema_watch.pools().filter(|_| serves)
    }

    /// The database to read from; 503 if the service is not ready.
    pub(super) fn read_db(&self) -> Result<&Reads, Problem> {
        self.require_pools().map(|pools| &pools.reads)
    }

    /// Where reads go, `replica` or `primary`; `None` if no replica is configured.
    pub(super) fn source_of_reads(&self) -> Option<&'static str> {
        self.0.schema_watch.pools().and_then(|pools| pools.reads.source())
    }

    /// Watches the replica, if one is configured, until `stop`.
    pub(super) async fn watch_replica(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(REPLICA_CHECK_INTERVAL)).await.is_some() {
            if let Some(pools) = self.0.schema_watch.pools() {
                pools.reads.check_replica(&pools.jobs).await;
            }
        }
    }

    /// The recorder of webhooks; 503 if the service is not ready.
    pub(super) fn webhook_recorder(&self) -> Result<&Recorder, Problem> {
        self.require_pools().map(|pools| &pools.webhooks)
    }

    /// Whether the last webhook could not be written because the database is out of space.
    pub(super) fn is_out_of_space(&self) -> bool {
        self.0.schema_watch.pools().is_some_and(|pools| pools.webhooks.is_out_of_space())
    }

    /// The pools; 503 if the service is not ready.
    pub(super) fn require_pools(&self) -> Result<&Pools, Problem> {
        self.pools_if_serving().ok_or_else(|| {
            let summary = self.0.schema_watch.state().summary().unwrap_or("starting");
            Problem::unavailable(format!("not ready: {summary}; /readyz with a token has details"))
        })
    }
}
