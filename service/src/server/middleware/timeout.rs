//! Limits how long a handler may take.

use std::time::Duration;

use axum::{
    Extension,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::super::problem::{DatabaseFailed, Problem};

/// Twilio waits 15 s for an answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns 503 when a handler times out. Handlers wait for nothing but the database, so the schema is checked.
pub(in super::super) async fn limit(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            (Extension(DatabaseFailed), Problem::unavailable("the request took longer than 10 s")).into_response()
        }
    }
}
