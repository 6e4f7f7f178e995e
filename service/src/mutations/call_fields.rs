//! What every event says about its call.

use sea_orm::prelude::DateTime;

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
