//! Logs and counts every request. A log line shows the route, never the query, so no phone number, token or transcript gets
//! into it.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use data_encoding::HEXLOWER;
use tracing::Instrument;

/// The response header with the request's id in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How many characters of an unknown path are logged.
const MAX_PATH_CHARS: usize = 60;

/// Gives the request an id, and logs and counts its response.
pub(in super::super) async fn record(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id();
    let method = known_method(request.method().as_str());
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let span = tracing::info_span!("request", id);
    let path = route.clone().unwrap_or_else(|| redact_path(request.uri().path()));
    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status().as_u16();
    let took = began.elapsed();
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX); // JSON numbers cannot hold a `u128`
    span.in_scope(|| tracing::info!(method, path, status, ms, "answered"));
    let route = route.unwrap_or_else(|| "none".to_owned());
    let labels = [("method", method.to_owned()), ("route", route.clone()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => route).record(took.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn request_id() -> String {
    let mut random = [0; 8];
    getrandom::fill(&mut random).expect("the system has random numbers");
    HEXLOWER.encode(&random)
}

/// Clients can invent methods, and each would create another time series.
fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// An unknown path may contain a phone number.
fn redact_path(path: &str) -> String {
    path.chars().take(MAX_PATH_CHARS).map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_path_is_logged_without_digits() {
        assert_eq!(redact_path("/calls/+14158675310"), "/calls/+###########");
        assert_eq!(redact_path(&"/".repeat(4_000)).len(), MAX_PATH_CHARS);
        assert_eq!((known_method("GET"), known_method("BREW")), ("GET", "other"));
    }
}
