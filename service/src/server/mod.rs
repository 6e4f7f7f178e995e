//! The service over HTTP: Twilio's webhooks, the API, the page, the probes. What it serves depends on the schema, which it
//! watches; everything that it answers with an error is a problem of RFC 9457.

mod api;
mod app;
pub mod config;
mod listen;
pub mod log;
mod page;
mod probes;
mod problem;
mod schema_watch;
mod tokens;
mod webhooks;

use std::time::Duration;

use axum::{Json, Router, extract::Request, http::StatusCode, middleware, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use app::App;
pub use listen::{PATIENCE, serve};
pub use problem::{Problem, told};
pub use schema_watch::{OnDrift, SchemaWatch, StartError, State, Watched};
pub use tokens::{Scope, Tokens};

/// Bounds of the latency histogram, in seconds.
const LATENCIES: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0];

/// How often what is counted is put together.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count; once in a process.
///
/// # Errors
/// Where something else counts already.
pub fn metrics() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &LATENCIES)?
        .install_recorder()
}

/// Keeps what is counted from growing while nobody asks for it; for ever.
pub async fn keep_up(app: App) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        app.metrics().run_upkeep();
    }
}

/// Everything that is served.
pub fn router(app: &App) -> Router {
    let gate = || middleware::from_fn_with_state(app.clone(), app::gate);
    // Within what counts an answer and looks into it: the end of somebody's patience and a panic are answers, too.
    let bounds = || (CatchPanicLayer::custom(panicked), middleware::from_fn(listen::in_time));
    let probes = OpenApiRouter::new()
        .routes(routes!(probes::livez))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics));
    let (documented, document) = OpenApiRouter::with_openapi(api::Document::openapi())
        .merge(api::routes().layer(gate()).layer(bounds()))
        .merge(probes.layer(bounds()))
        .split_for_parts();
    let webhooks = webhooks::counted(webhooks::routes().layer(gate()).layer(bounds()));
    Router::new()
        .merge(documented)
        .merge(webhooks)
        .merge(page::routes().layer(bounds()))
        .route("/openapi.json", get(|| async { Json(document) }))
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(app.clone(), app::look_into))
        .layer(middleware::from_fn(problem::everywhere))
        .layer(middleware::from_fn(log::each))
        .with_state(app.clone())
}

async fn nothing(_: Request) -> StatusCode {
    StatusCode::NOT_FOUND
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
