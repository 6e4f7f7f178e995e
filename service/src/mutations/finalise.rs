//! Finalising: who does it, for how long, and what comes of it.

use std::time::Duration;

use entity::enums::{RecordingMode, TranscriptSource};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait, prelude::DateTime};

/// A call that its holder alone may finalise, until the lease runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: i32,
    pub call_sid: String,
    pub business_id: i32,
    pub recording_url: Option<String>,
    pub recording_sid: Option<String>,
    pub recording_mode: Option<RecordingMode>,
    /// Text of the live stream.
    pub transcription: Option<String>,
    pub final_transcript: Option<String>,
    pub transcript_source: Option<TranscriptSource>,
    /// How often finalising was begun, this time included.
    pub attempts: i32,
    /// Until when, UTC.
    pub lease: DateTime,
}

/// What finalising found out; `None` leaves what is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finalised {
    pub audio_bytes_len: Option<i32>,
    pub audio_duration_sec: Option<f64>,
    pub final_transcript: Option<String>,
    pub transcript_source: Option<TranscriptSource>,
}

/// Takes up to `limit` (1 to 100) ended calls that are not final, were made at `since` or later, and are nobody else's.
pub async fn claim(
    db: &(impl ConnectionTrait + TransactionTrait),
    now: DateTime,
    lease: Duration,
    since: DateTime,
    limit: u64,
) -> Result<Vec<Claim>, DbErr> {
    let _ = (db, now, lease, since, limit);
    Err(DbErr::Custom("not yet".to_owned()))
}

/// Makes the call final; `false` where the lease was lost.
pub async fn finalise(
    db: &impl ConnectionTrait,
    claim: &Claim,
    finalised: &Finalised,
    now: DateTime,
) -> Result<bool, DbErr> {
    let _ = (db, claim, finalised, now);
    Err(DbErr::Custom("not yet".to_owned()))
}

/// Gives the call back, to be claimed again at `until`; `false` where the lease was lost.
pub async fn postpone(db: &impl ConnectionTrait, claim: &Claim, until: DateTime) -> Result<bool, DbErr> {
    let _ = (db, claim, until);
    Err(DbErr::Custom("not yet".to_owned()))
}
