//! Gives every error response a problem body, including those that axum and tower create.

use axum::{
    extract::Request,
    http::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::super::problem::{PROBLEM_JSON, Problem};

/// Replaces the body of an error response unless it is HTML, JSON or a problem already; keeps all other headers.
pub(in super::super) async fn fill_in(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let has_body = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        kind == PROBLEM_JSON || kind.as_bytes().starts_with(b"text/html") || kind == "application/json"
    });
    if has_body || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let detail = match status {
        StatusCode::NOT_FOUND => "no such path",
        StatusCode::METHOD_NOT_ALLOWED => "this path does not support the method; see the `allow` header",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported content type",
        StatusCode::INTERNAL_SERVER_ERROR => "internal error; find it in the log by the `x-request-id` header",
        _ => "malformed request",
    };
    let mut answer = Problem::new(status, detail).into_response();
    // The old body is gone, and so is what described it.
    let describes_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING];
    for (name, value) in parts.headers.iter().filter(|(name, _)| !describes_body.contains(name)) {
        answer.headers_mut().insert(name, value.clone());
    }
    answer.extensions_mut().extend(parts.extensions);
    answer
}
