//! Events of recordings.

use entity::enums::RecordingMode;
use sea_orm::{ConnectionTrait, DbErr};

use super::Call;

/// A recording of the call is in another status.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingEvent {
    pub call: Call,
    /// Twilio's id of the recording.
    pub recording_sid: String,
    /// `in-progress`, `completed`, `absent`, `failed`.
    pub status: String,
    /// Where Twilio keeps it.
    pub url: Option<String>,
    /// Length of the recording, in seconds.
    pub duration: Option<f64>,
    pub mode: Option<RecordingMode>,
}

/// Counts completed recordings, and keeps the place of one of them.
pub async fn record_recording(db: &impl ConnectionTrait, event: &RecordingEvent) -> Result<(), DbErr> {
    let _ = (db, event);
    Err(DbErr::Custom("not yet".to_owned()))
}
