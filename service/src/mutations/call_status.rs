//! Events of the call itself.

use sea_orm::{ConnectionTrait, DbErr};

use super::Call;

/// The call is in another status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStatusEvent {
    pub call: Call,
    /// In Twilio's own words.
    pub status: String,
    /// Length of the call, in seconds.
    pub duration: Option<i32>,
}

/// Keeps the status that is furthest on, and of the ends of a call the first that was heard of.
pub async fn record_call_status(db: &impl ConnectionTrait, event: &CallStatusEvent) -> Result<(), DbErr> {
    let _ = (db, event);
    Err(DbErr::Custom("not yet".to_owned()))
}
