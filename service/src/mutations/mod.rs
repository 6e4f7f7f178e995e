//! Writes of the webhooks and the finaliser. One statement writes an event, and the order, repetition and concurrency of events
//! do not change the resulting row.

mod call_status;
mod event;
mod finalise;
mod recording;
mod retention;
mod stream;
mod upsert;

use sea_orm::prelude::DateTime;

pub use call_status::{CallStatusEvent, record_call_status};
pub use event::Event;
pub use finalise::{Finalised, Lease, finalise, lease, postpone, release};
pub use recording::{RecordingEvent, record_recording};
pub use retention::{Archive, ArchiveError, OldCalls, Removed, Retention};
pub use stream::{StreamEvent, StreamEventKind, record_stream_event, record_unreachable};

/// The fields of a call that every event carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFields {
    /// Twilio's id of the call.
    pub call_sid: String,
    /// The call's business; an existing row keeps its own.
    pub business_id: i32,
    /// Twilio's id of the call that dialled this one.
    pub parent_call_sid: Option<String>,
    /// Caller.
    pub from_number: Option<String>,
    /// Called party.
    pub to_number: Option<String>,
    /// Direction in Twilio's own words.
    pub direction: Option<String>,
    /// When the event was received, UTC.
    pub at: DateTime,
}
