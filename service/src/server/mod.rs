//! The service over HTTP: Twilio's webhooks, the API, the pages and the probes. It serves only while the schema fits, and
//! answers errors with RFC 9457 problem details.

mod admin_router;
mod api;
mod body;
pub mod config;
mod listener;
pub mod logging;
mod login_limit;
#[cfg(test)]
mod message_tests;
mod middleware;
mod pages;
mod pools;
mod principal;
mod probes;
mod problem;
mod public_router;
mod reads;
mod recorder;
mod schema_state;
mod schema_watch;
mod session;
mod state;
mod supervisor;
mod tokens;
mod webhooks;

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

pub use admin_router::router as admin_router;
pub use listener::{SHUTDOWN_GRACE, serve, serve_limited};
pub use problem::{Problem, redacted};
pub use public_router::router;
pub use schema_state::{OnDrift, SchemaState};
pub use schema_watch::{CheckError, SchemaWatch, WatchConfig};
pub use state::AppState;
pub use supervisor::{Supervisor, TaskHealth};
pub use tokens::{Scope, Tokens};

/// Bounds of the latency histogram, in seconds.
const LATENCIES: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0];

/// How often histograms are condensed.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Installs the metrics recorder; once per process.
///
/// # Errors
/// If another recorder is installed already.
pub fn install_metrics_recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &LATENCIES)?
        .install_recorder()
}

/// Finds out every second how stale the replica is, until `stop`.
pub async fn run_replica_watch(app: AppState, stop: CancellationToken) {
    app.watch_replica(&stop).await;
}

/// Keeps the metrics' memory bounded while nobody scrapes them, until `stop`.
pub async fn run_metrics_upkeep(app: AppState, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(UPKEEP_INTERVAL)).await.is_some() {
        app.run_metrics_upkeep();
    }
}
