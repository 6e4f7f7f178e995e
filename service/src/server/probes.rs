//! Liveness and readiness for orchestrators, metrics for Prometheus.

use axum::{
    Json,
    extract::State,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    principal::Principal,
    problem::{Problem, ProblemBody, RETRY_AFTER_UNREADY},
    state::AppState,
    tokens::Scope,
};

/// Whether the service is ready, and if not, what is missing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready` or `not ready`.
    status: &'static str,
    /// `in-sync`, `differs`, `pending`, `drifted`, `unreachable`, `read-only`, `not-migrated`, `not-compared` or `starting`.
    schema: &'static str,
    /// What the schema lacks, or why it is unknown; details for a valid token only.
    missing: Vec<String>,
    /// Background tasks that panicked and wait for their restart: `schema-watch`, `finaliser`, `cost-totals`, `replica-watch` or
    /// `metrics-upkeep`.
    failed_tasks: Vec<&'static str>,
    /// Where lists, calls and costs are read, if `read_database_url` is set: `replica` or `primary`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reads: Option<&'static str>,
}

/// Whether the process responds; does not use the database.
#[utoipa::path(get, path = "/livez", tag = "probes", responses((status = OK, description = "alive", content_type = "text/plain")))]
pub(super) async fn livez() -> &'static str {
    "alive\n"
}

/// Whether the service is ready; with a token, also what is missing.
#[utoipa::path(get, path = "/readyz", tag = "probes", security((), ("token" = [])), responses(
    (status = OK, description = "ready", body = Readiness),
    (status = SERVICE_UNAVAILABLE, description = "not ready", body = Readiness),
))]
pub(super) async fn readyz(State(app): State<AppState>, principal: Result<Principal, Problem>) -> Response {
    readiness(&app, if principal.is_ok() { Details::Shown } else { Details::Hidden }).await
}

/// Whether a readiness answer names tables and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Details {
    Shown,
    Hidden,
}

pub(super) async fn readiness(app: &AppState, details: Details) -> Response {
    let state = app.schema_watch().verified().await;
    let is_out_of_space = app.is_out_of_space();
    let is_ready = app.background_db().is_some() && !is_out_of_space;
    let status = if is_ready { "ready" } else { "not ready" };
    let mut missing = match details {
        Details::Shown => state.missing(),
        Details::Hidden => state.summary().map(str::to_owned).into_iter().collect(),
    };
    if is_out_of_space {
        missing.push("the database is out of space: the last webhook could not be written".to_owned());
    }
    let failed_tasks = app.task_health().failed();
    let body = Json(Readiness { status, schema: state.name(), missing, failed_tasks, reads: app.source_of_reads() });
    let uncached = [(CACHE_CONTROL, "no-store")];
    if is_ready {
        (uncached, body).into_response()
    } else {
        let retry = [(RETRY_AFTER, RETRY_AFTER_UNREADY.as_secs().to_string())];
        (StatusCode::SERVICE_UNAVAILABLE, uncached, retry, body).into_response()
    }
}

/// Metrics for Prometheus, with a token for all businesses unless `metrics_open` is set.
#[utoipa::path(get, path = "/metrics", tag = "probes", security((), ("token" = [])), responses(
    (status = OK, description = "metrics", content_type = "text/plain"),
    (status = UNAUTHORIZED, description = "no token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "a token of one business", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn metrics(
    State(app): State<AppState>,
    principal: Result<Principal, Problem>,
) -> Result<Response, Problem> {
    if !app.config().metrics_open && principal?.0 != Scope::All {
        return Err(Problem::forbidden("metrics cover all businesses: use a token for `*`"));
    }
    Ok(rendered_metrics(&app).into_response())
}

pub(super) fn rendered_metrics(app: &AppState) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.render_metrics())
}
