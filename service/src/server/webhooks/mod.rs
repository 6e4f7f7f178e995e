//! Twilio's webhooks. Each is recorded and answered with 204, refused for good with 4xx, or refused for now with 503; none is
//! answered with success and lost.

mod call_status;
mod debugger;
mod delivery;
mod record;
mod recording;
mod signature;
mod stream;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{StatusCode, header::ALLOW},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};

use super::{problem::Problem, state::AppState};

/// The paths to configure in Twilio.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/webhooks/twilio/call-status", post(call_status::post).fallback(post_only))
        .route("/webhooks/twilio/recording", post(recording::post).fallback(post_only))
        .route("/webhooks/twilio/stream", post(stream::post).fallback(post_only))
        .route("/webhooks/twilio/error", post(debugger::post).fallback(post_only))
}

/// Twilio can be configured to send callbacks by GET, which are not supported.
async fn post_only() -> impl IntoResponse {
    let detail = "webhooks must be sent by POST: set the callback's method to POST in Twilio";
    ([(ALLOW, "POST")], Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail))
}

/// Counts webhooks by outcome.
async fn count_webhook(request: Request, next: Next) -> Response {
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
pub(super) fn with_counter(router: Router<AppState>) -> Router<AppState> {
    router.layer(middleware::from_fn(count_webhook))
}
