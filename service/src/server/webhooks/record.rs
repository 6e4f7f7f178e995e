//! Records an event, and tries again where that may help.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use sea_orm::DbErr;
use sea_orm_connect::ErrorKind;

use super::super::{problem::Problem, state::AppState};
use crate::{mutations::Event, worker::Backoff};

/// How long a webhook is retried: Twilio does not repeat one that was answered with 503. It waits 15 s for the answer, and a
/// request times out after 10 s.
const RETRY_WINDOW: Duration = Duration::from_secs(5);

/// The pauses between attempts.
const RETRY_BACKOFF: Backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };

/// Records an event; the row remembers the deliveries that it has counted, so this may happen twice.
pub(super) async fn record(app: &AppState, event: Event) -> Result<StatusCode, Problem> {
    let recorder = app.webhook_recorder()?;
    with_retries(|| recorder.record(&event)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries again after a lock conflict, which has changed nothing, and after a lost connection.
pub(super) async fn with_retries<T, F: Future<Output = Result<T, DbErr>>>(work: impl Fn() -> F) -> Result<T, Problem> {
    let began = Instant::now();
    let mut attempts = 0;
    loop {
        let error = match work().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        attempts += 1;
        let pause = RETRY_BACKOFF.pause(attempts);
        let is_transient = matches!(ErrorKind::of(&error), ErrorKind::Lock | ErrorKind::Connection);
        if !is_transient || began.elapsed() + pause > RETRY_WINDOW {
            return Err(error.into());
        }
        metrics::counter!("webhook_retries_total").increment(1);
        tokio::time::sleep(pause).await;
    }
}
