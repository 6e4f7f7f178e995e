//! Any event of a call, for what only passes events on.

use sea_orm::{ConnectionTrait, DbErr};

use super::{
    call_fields::CallFields,
    call_status::{CallStatusEvent, record_call_status},
    recording::{RecordingEvent, record_recording},
    stream::{StreamEvent, record_stream_event, record_unreachable},
};

/// What a webhook reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The call changed its status.
    Status(CallStatusEvent),
    /// A recording of the call changed its status.
    Recording(RecordingEvent),
    /// A media stream of the call started or ended.
    Stream(StreamEvent),
    /// Twilio could not reach the service.
    Unreachable {
        /// The call.
        call: CallFields,
        /// The id of the report.
        report: String,
    },
}

impl Event {
    /// Records the event.
    pub async fn record(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        match self {
            Self::Status(event) => record_call_status(db, event).await,
            Self::Recording(event) => record_recording(db, event).await,
            Self::Stream(event) => record_stream_event(db, event).await,
            Self::Unreachable { call, report } => record_unreachable(db, call, report).await,
        }
    }
}
