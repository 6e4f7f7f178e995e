//! `recordingStatusCallback`.

use axum::{extract::State as Given, http::StatusCode};
use entity::enums::RecordingMode;

use super::{
    super::{app::App, problem::Problem},
    delivery::Delivery,
    record,
};
use crate::mutations::{RecordingEvent, record_recording};

pub(super) async fn post(Given(app): Given<App>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let event = RecordingEvent {
        call: delivery.call()?,
        recording_sid: delivery.sid("RecordingSid", "RE")?,
        status: delivery.text("RecordingStatus", 32)?.unwrap_or_else(|| "completed".to_owned()),
        // One that cannot be kept is left out: the recording counts all the same.
        url: delivery.get("RecordingUrl").map(str::to_owned),
        duration: delivery.number("RecordingDuration")?.filter(|seconds: &f64| seconds.is_finite()),
        mode: delivery.get("RecordingSource").and_then(mode),
    };
    let db = app.ready()?;
    record(|| record_recording(db, &event)).await
}

/// `RecordingSource` of <https://www.twilio.com/docs/voice/api/recording>.
fn mode(source: &str) -> Option<RecordingMode> {
    match source {
        "StartCallRecordingAPI" | "StartConferenceRecordingAPI" => Some(RecordingMode::RecordingApi),
        "DialVerb" | "RecordVerb" | "OutboundAPI" | "Trunking" | "Conference" => Some(RecordingMode::TwilioCallRecord),
        _ => None,
    }
}
