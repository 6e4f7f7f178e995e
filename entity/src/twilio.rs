//! Open sets: values that Twilio owns, stored as the strings Twilio sent.
//!
//! The columns stay strings, so that a new value of Twilio's never makes a row unreadable; the types here parse a value
//! where a program needs to decide on it.
//!
//! ```
//! use entity::prelude::CallStatus;
//!
//! assert_eq!("no-answer".parse(), Ok(CallStatus::NoAnswer));
//! assert!("invented-tomorrow".parse::<CallStatus>().is_err());
//! ```
//!
//! Source of the values: <https://www.twilio.com/docs/voice/api/call-resource#call-status-values>.

use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// A known value of `call_log.status`, in the order of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum CallStatus {
    /// The row was created before Twilio reported anything: the column's default, not a Twilio value.
    Received,
    /// Waiting to be dialled.
    Queued,
    /// Being dialled.
    Initiated,
    /// Ringing.
    Ringing,
    /// Answered and going on.
    InProgress,
    /// Answered and ended.
    Completed,
    /// The called party was busy.
    Busy,
    /// The call could not be made.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// Ended before it was answered.
    Canceled,
}

/// A known value of `call_log.direction` (`inbound`, `outbound`) or `call_log.twilio_direction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum CallDirection {
    /// Incoming call.
    Inbound,
    /// Outgoing call; Twilio itself sends one of the next two.
    Outbound,
    /// Started by the REST API.
    OutboundApi,
    /// Started by `<Dial>`.
    OutboundDial,
}
