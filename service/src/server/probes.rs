//! For orchestrators and Prometheus: alive, ready, and in numbers.

use axum::{
    Json,
    extract::State as Given,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    app::App,
    problem::{Problem, ProblemBody, RETRY},
    tokens::{Caller, Scope},
};

/// Whether this serves, and if not, what is missing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready` or `not ready`.
    status: &'static str,
    /// `in-sync`, `differs`, `pending`, `drifted`, `unreachable`, `read-only`, `not-migrated`, `not-compared` or `starting`.
    schema: &'static str,
    /// What is missing in the schema, or else.
    missing: Vec<String>,
}

/// Whether the process is alive; never asks the database.
#[utoipa::path(get, path = "/livez", tag = "probes", responses((status = OK, description = "alive", content_type = "text/plain")))]
pub(super) async fn livez() -> &'static str {
    "alive\n"
}

/// Whether requests are served, and what is missing.
#[utoipa::path(get, path = "/readyz", tag = "probes", responses(
    (status = OK, description = "ready", body = Readiness),
    (status = SERVICE_UNAVAILABLE, description = "not ready", body = Readiness),
))]
pub(super) async fn readyz(Given(app): Given<App>) -> Response {
    let state = app.schema().confirmed().await;
    let is_ready = app.db().is_some();
    let status = if is_ready { "ready" } else { "not ready" };
    let body = Json(Readiness { status, schema: state.word(), missing: state.missing() });
    let never_kept = [(CACHE_CONTROL, "no-store")];
    if is_ready {
        (never_kept, body).into_response()
    } else {
        let retry = [(RETRY_AFTER, RETRY.as_secs().to_string())];
        (StatusCode::SERVICE_UNAVAILABLE, never_kept, retry, body).into_response()
    }
}

/// Metrics for Prometheus, with a token for all businesses unless `metrics_open` is set.
#[utoipa::path(get, path = "/metrics", tag = "probes", security((), ("token" = [])), responses(
    (status = OK, description = "metrics", content_type = "text/plain"),
    (status = UNAUTHORIZED, description = "no token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "a token of one business", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn metrics(Given(app): Given<App>, caller: Result<Caller, Problem>) -> Result<Response, Problem> {
    if !app.config().metrics_open && caller?.0 != Scope::All {
        return Err(Problem::forbidden("metrics are about all businesses, and this token is for one"));
    }
    let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, app.metrics().render()).into_response())
}
