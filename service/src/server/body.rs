//! Reads request bodies, limited in size and time.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::StatusCode,
};

use super::problem::Problem;

/// How long reading a body may take: less than a request, so that a slow client does not look like a slow database, and less
/// than the 15 s that Twilio waits.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a body of at most `max` bytes; 408 if it is slow, 413 if it is too large or incomplete.
pub(super) async fn read(body: Body, max: usize) -> Result<Bytes, Problem> {
    let Ok(read) = tokio::time::timeout(BODY_READ_TIMEOUT, to_bytes(body, max)).await else {
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body took longer than 5 s"));
    };
    read.map_err(|_| {
        let detail = format!("the body is larger than {} KiB, or incomplete", max / 1024);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })
}
