//! Probes and metrics on their own address (`admin_listen`), which clients of the public one can neither reach nor exhaust.
//! They need no token there and name what is missing.

use axum::{
    Router,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    middleware::{access_log, problem_details, security_headers, timeout},
    probes::{self, Details},
    state::AppState,
};

/// The probes and metrics.
pub fn router(app: &AppState) -> Router {
    Router::new()
        .route("/livez", get(probes::livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn(timeout::limit))
        .layer(middleware::from_fn(problem_details::fill_in))
        .layer(middleware::from_fn(access_log::record))
        .layer(middleware::from_fn(security_headers::add))
        .with_state(app.clone())
}

async fn readyz(State(app): State<AppState>) -> Response {
    probes::readiness(&app, Details::Shown).await
}

async fn metrics(State(app): State<AppState>) -> Response {
    probes::rendered_metrics(&app).into_response()
}
