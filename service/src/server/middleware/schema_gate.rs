//! Keeps requests away from a database that does not fit, and checks the schema after a database error.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::super::{problem::DatabaseFailed, state::AppState};

/// Answers 503 while the service is not ready.
pub(in super::super) async fn require_ready(State(app): State<AppState>, request: Request, next: Next) -> Response {
    match app.require_pools() {
        Ok(_) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Requests a schema check after a response that a database error caused.
pub(in super::super) async fn check_after_failure(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<DatabaseFailed>().is_some() {
        app.schema_watch().request_check();
    }
    response
}
