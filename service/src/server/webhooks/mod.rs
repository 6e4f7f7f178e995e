//! Twilio's webhooks. Each is recorded and answered with 204, refused for good with 4xx, or refused for now with 503; none is
//! answered with success and lost.

mod call_status;
mod delivery;
mod error;
mod recording;
mod signature;
mod stream;

use std::time::{Duration, Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{StatusCode, header::ALLOW},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use sea_orm::DbErr;
use sea_orm_connect::ErrorKind;

use super::{problem::Problem, state::AppState};
use crate::{mutations::Event, worker::Backoff};

/// The paths to configure in Twilio.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/webhooks/twilio/call-status", post(call_status::post).fallback(post_only))
        .route("/webhooks/twilio/recording", post(recording::post).fallback(post_only))
        .route("/webhooks/twilio/stream", post(stream::post).fallback(post_only))
        .route("/webhooks/twilio/error", post(error::post).fallback(post_only))
}

/// Twilio can be configured to send callbacks by GET, which are not supported.
async fn post_only() -> impl IntoResponse {
    let detail = "webhooks must be sent by POST: set the callback's method to POST in Twilio";
    ([(ALLOW, "POST")], Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail))
}

/// How long a webhook is retried: Twilio does not repeat one that was answered with 503. It waits 15 s for the answer, and a
/// request times out after 10 s.
const RETRY_WINDOW: Duration = Duration::from_secs(5);

/// The pauses between attempts.
const RETRY_BACKOFF: Backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };

/// Records an event; the row remembers the deliveries that it has counted, so this may happen twice.
async fn record(app: &AppState, event: Event) -> Result<StatusCode, Problem> {
    let recorder = app.recorder()?;
    retried(|| recorder.record(&event)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries again after a lock conflict, which has changed nothing, and after a lost connection.
async fn retried<T, F: Future<Output = Result<T, DbErr>>>(work: impl Fn() -> F) -> Result<T, Problem> {
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

/// Counts webhooks by outcome.
async fn count(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let kind = route.as_deref().and_then(|route| route.strip_prefix("/webhooks/twilio/")).map(str::to_owned);
    let response = next.run(request).await;
    if let Some(kind) = kind {
        let outcome = match response.status() {
            status if status.is_success() => "taken",
            StatusCode::FORBIDDEN => "forged",
            status if status.is_client_error() => "refused",
            _ => "unavailable",
        };
        metrics::counter!("webhooks_total", "kind" => kind, "outcome" => outcome).increment(1);
    }
    response
}

/// Adds the counter to these routes.
pub(super) fn counted(router: Router<AppState>) -> Router<AppState> {
    router.layer(middleware::from_fn(count))
}
