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
    schema: SchemaWatch,
    costs: CostReader,
    sessions: Sessions,
    logins: LoginLimit,
    metrics: PrometheusHandle,
    tasks: TaskHealth,
}

impl AppState {
    /// Builds the state of one process.
    pub fn new(config: Config, on_drift: OnDrift, schema: SchemaWatch, metrics: PrometheusHandle) -> Self {
        let sessions = Sessions::new(config.session_key.as_ref());
        let logins = LoginLimit::new(config.logins_per_minute, config.client_address.clone());
        let tasks = TaskHealth::default();
        let costs = CostReader::default();
        Self(Arc::new(Inner { config, on_drift, schema, costs, sessions, logins, metrics, tasks }))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The schema watch.
    pub fn schema(&self) -> &SchemaWatch {
        &self.0.schema
    }

    /// Reads what calls cost.
    pub(super) fn costs(&self) -> &CostReader {
        &self.0.costs
    }

    /// The health of the background tasks.
    pub fn tasks(&self) -> &TaskHealth {
        &self.0.tasks
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The logins of each address.
    pub(super) fn logins(&self) -> &LoginLimit {
        &self.0.logins
    }

    /// All metrics in Prometheus' text format.
    pub(super) fn render_metrics(&self) -> String {
        metrics::counter!("log_lines_dropped_total").absolute(logging::dropped_lines());
        self.0.metrics.render()
    }

    /// Condenses histograms.
    pub(super) fn condense_metrics(&self) {
        self.0.metrics.run_upkeep();
    }

    /// The database for background tasks, if its schema fits or `--on-drift warn` tolerates drift.
    pub fn db(&self) -> Option<&PoolerSafe> {
        self.pools().map(|pools| &pools.jobs)
    }

    /// The pools under the same condition.
    fn pools(&self) -> Option<&Pools> {
        let serves = match self.0.schema.state().as_ref() {
            SchemaState::Fits(_) => true,
            SchemaState::Drifted(_) => self.0.on_drift == OnDrift::Warn,
            SchemaState::Starting
            | SchemaState::Unreachable(_)
            | SchemaState::ReadOnly
            | SchemaState::NotMigrated(_)
            | SchemaState::NotCompared(_) => false,
        };
        self.0.schema.pools().filter(|_| serves)
    }

    /// The database to read from; 503 if the service is not ready.
    pub(super) fn reads(&self) -> Result<&Reads, Problem> {
        self.ready().map(|pools| &pools.reads)
    }

    /// `replica` or `primary`, where reads go, if a replica is configured.
    pub(super) fn source_of_reads(&self) -> Option<&'static str> {
        self.0.schema.pools().and_then(|pools| pools.reads.source())
    }

    /// Watches the replica, if one is configured, until `stop`.
    pub(super) async fn watch_replica(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(REPLICA_CHECK_INTERVAL)).await.is_some() {
            if let Some(pools) = self.0.schema.pools() {
                pools.reads.check_replica(&pools.jobs).await;
            }
        }
    }

    /// What records webhooks; 503 if the service is not ready.
    pub(super) fn recorder(&self) -> Result<&Recorder, Problem> {
        self.ready().map(|pools| &pools.webhooks)
    }

    /// Whether the last webhook could not be written because the database is out of space.
    pub(super) fn is_out_of_space(&self) -> bool {
        self.0.schema.pools().is_some_and(|pools| pools.webhooks.is_out_of_space())
    }

    /// The pools; 503 if the service is not ready.
    pub(super) fn ready(&self) -> Result<&Pools, Problem> {
        self.pools().ok_or_else(|| {
            let summary = self.0.schema.state().summary().unwrap_or("starting");
            Problem::unavailable(format!("not ready: {summary}; /readyz with a token has details"))
        })
    }
}
