//! Events of the media stream.

use sea_orm::{ConnectionTrait, DbErr};

use super::Call;

/// Something happened to a media stream of the call, when the event was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    pub call: Call,
    /// Twilio's id of the stream.
    pub stream_sid: String,
    pub kind: StreamEventKind,
}

/// What happened to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEventKind {
    Started,
    Stopped,
    /// It broke off, or never came up.
    Error,
}

/// Keeps the first start, the last end, and the time between them once both are known.
pub async fn record_stream_event(db: &impl ConnectionTrait, event: &StreamEvent) -> Result<(), DbErr> {
    let _ = (db, event);
    Err(DbErr::Custom("not yet".to_owned()))
}

/// Counts a report that Twilio could not reach the service (error 11205); `report` tells reports apart.
pub async fn record_unreachable(db: &impl ConnectionTrait, call: &Call, report: &str) -> Result<(), DbErr> {
    let _ = (db, call, report);
    Err(DbErr::Custom("not yet".to_owned()))
}
