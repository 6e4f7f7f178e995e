//! Everything that is served on the public address.

use axum::{Json, Router, extract::Request, http::StatusCode, middleware, response::IntoResponse, routing::get};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api,
    middleware::{access_log, problem_details, schema_gate, security_headers, timeout},
    pages, probes,
    state::AppState,
    webhooks,
};

/// The webhooks, the API, the pages and the probes.
pub fn router(app: &AppState) -> Router {
    let gate = || middleware::from_fn_with_state(app.clone(), schema_gate::require_ready);
    // Inside the layers that log responses and check the schema after a failure: timeouts and panics end as responses, too.
    let bounds = || (CatchPanicLayer::custom(panicked), middleware::from_fn(timeout::limit));
    let probes = OpenApiRouter::new()
        .routes(routes!(probes::livez))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics));
    let (documented, document) = OpenApiRouter::with_openapi(api::Document::openapi())
        .merge(api::routes().layer(gate()).layer(bounds()))
        .merge(probes.layer(bounds()))
        .split_for_parts();
    let webhooks = webhooks::with_counter(webhooks::routes().layer(gate()).layer(bounds()));
    Router::new()
        .merge(documented)
        .merge(webhooks)
        .merge(pages::routes().layer(bounds()))
        .route("/openapi.json", get(|| async { Json(document) }))
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(app.clone(), schema_gate::check_after_failure))
        .layer(middleware::from_fn(problem_details::fill_in))
        .layer(middleware::from_fn(access_log::record))
        .layer(middleware::from_fn(security_headers::add))
        .with_state(app.clone())
}

async fn not_found(_: Request) -> StatusCode {
    StatusCode::NOT_FOUND
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
