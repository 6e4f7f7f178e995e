//! What webhooks and finalising write, each event with one statement: whoever comes first, twice, late or at the same time,
//! the row says the same in the end.

mod call_status;
mod finalise;
mod recording;
mod stream;
mod upsert;

use sea_orm::prelude::DateTime;

pub use call_status::{CallStatusEvent, record_call_status};
pub use finalise::{Claim, Finalised, claim, finalise, give_back, postpone};
pub use recording::{RecordingEvent, record_recording};
pub use stream::{StreamEvent, StreamEventKind, record_stream_event, record_unreachable};

/// What every event says of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Twilio's id of the call.
    pub call_sid: String,
    /// Whose call it is; that of a row that is there already stays.
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
