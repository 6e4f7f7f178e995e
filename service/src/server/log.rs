//! What is logged and counted of each request. No number, token or transcript gets into it: a path is logged as its route,
//! and never with its query.

use std::{io, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use data_encoding::HEXLOWER;
use tracing::Instrument;
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use super::config::{Config, LogFormat};

/// The header that says under which id a request is in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// As long as a path that is no route may be in the log.
const MOST: usize = 60;

/// Writes logs to stderr from now on. What was set up before stays.
pub fn begin(config: &Config) {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_target(true);
    let lines = match config.log_format {
        LogFormat::Human => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let filter = config.log_filter.clone();
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
}

/// Around every request: a new id, a line when it is answered, and the numbers.
pub(super) async fn each(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id();
    let method = known_method(request.method().as_str());
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let span = tracing::info_span!("request", id);
    let path = route.clone().unwrap_or_else(|| masked(request.uri().path()));
    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status().as_u16();
    let took = began.elapsed();
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX); // a number in JSON, which no `u128` is
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
    getrandom::fill(&mut random).expect("a system that has random numbers");
    HEXLOWER.encode(&random)
}

/// Anybody may invent methods, and each would be a metric of its own.
fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// A path that somebody made up: without digits, because it may hold a number.
fn masked(path: &str) -> String {
    path.chars().take(MOST).map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_no_route_shows_no_number() {
        assert_eq!(masked("/calls/+14158675310"), "/calls/+###########");
        assert_eq!(masked(&"/".repeat(4_000)).len(), MOST);
        assert_eq!((known_method("GET"), known_method("BREW")), ("GET", "other"));
    }
}
