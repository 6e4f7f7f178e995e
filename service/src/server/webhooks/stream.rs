//! `statusCallback` of a `<Stream>`.

use axum::{extract::State as Given, http::StatusCode};

use super::{
    super::{app::App, problem::Problem},
    delivery::Delivery,
    record,
};
use crate::mutations::{StreamEvent, StreamEventKind, record_stream_event};

pub(super) async fn post(Given(app): Given<App>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let call = delivery.call_at_its_time()?;
    let stream_sid = delivery.sid("StreamSid", "MZ")?;
    let kind = match delivery.required("StreamEvent", 32)?.as_str() {
        "stream-started" => StreamEventKind::Started,
        "stream-stopped" => StreamEventKind::Stopped,
        "stream-error" => StreamEventKind::Error,
        // Nothing is kept of what Twilio invents later.
        _ => return Ok(StatusCode::NO_CONTENT),
    };
    let (db, event) = (app.ready()?, StreamEvent { call, stream_sid, kind });
    record(|| record_stream_event(db, &event)).await
}
