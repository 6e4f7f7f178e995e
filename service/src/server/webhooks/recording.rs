//! `recordingStatusCallback`.

use axum::{extract::State, http::StatusCode};
use entity::enums::RecordingMode;

use super::{
    super::{problem::Problem, state::AppState},
    delivery::Delivery,
    record::record,
};
use crate::mutations::{Event, RecordingEvent};

pub(super) async fn post(State(app): State<AppState>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let event = RecordingEvent {
        call: delivery.call()?,
        recording_sid: delivery.sid("RecordingSid", "RE")?,
        status: delivery.text("RecordingStatus", 32)?.unwrap_or_else(|| "completed".to_owned()),
        // A URL that does not fit is dropped; the recording still counts.
        url: delivery.get("RecordingUrl").map(str::to_owned),
        duration: delivery.number("RecordingDuration")?.filter(|seconds: &f64| seconds.is_finite()),
        mode: delivery.get("RecordingSource").and_then(mode),
    };
    record(&app, Event::Recording(event)).await
}

/// `RecordingSource` of <https://www.twilio.com/docs/voice/api/recording>.
fn mode(source: &str) -> Option<RecordingMode> {
    match source {
        "StartCallRecordingAPI" | "StartConferenceRecordingAPI" => Some(RecordingMode::RecordingApi),
        "DialVerb" | "RecordVerb" | "OutboundAPI" | "Trunking" | "Conference" => Some(RecordingMode::TwilioCallRecord),
        _ => None,
    }
}
