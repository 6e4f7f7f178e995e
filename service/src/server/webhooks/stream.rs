//! `statusCallback` of a `<Stream>`.

use axum::{extract::State, http::StatusCode};

use super::{
    super::{problem::Problem, state::AppState},
    delivery::Delivery,
    record::record,
};
use crate::mutations::{Event, StreamEvent, StreamEventKind};

pub(super) async fn post(State(app): State<AppState>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let call = delivery.call_at_event_time()?;
    let stream_sid = delivery.sid("StreamSid", "MZ")?;
    let kind = match delivery.required("StreamEvent", 32)?.as_str() {
        "stream-started" => StreamEventKind::Started,
        "stream-stopped" => StreamEventKind::Stopped,
        "stream-error" => StreamEventKind::Error,
        // Ignores events that Twilio adds later.
        _ => return Ok(StatusCode::NO_CONTENT),
    };
    record(&app, Event::Stream(StreamEvent { call, stream_sid, kind })).await
}
