//! Lists of calls, newest first, a page at a time.

use entity::{
    call_log,
    enums::{CostBucket, RecordingMode, TranscriptSource},
};
use sea_orm::{ConnectionTrait, DbErr, prelude::DateTime};
use serde::Serialize;

use super::{Cursor, Filter};

/// A call as a list shows it: without its texts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallSummary {
    pub id: i32,
    pub business_id: i32,
    pub customer_id: Option<i32>,
    pub lead_id: Option<i32>,
    pub call_sid: Option<String>,
    pub parent_call_sid: Option<String>,
    pub from_number: Option<String>,
    pub to_number: Option<String>,
    pub direction: Option<String>,
    pub status: Option<String>,
    /// Length of the call, in seconds.
    pub duration: Option<i32>,
    pub recording_sid: Option<String>,
    pub recording_mode: Option<RecordingMode>,
    pub recording_count: Option<i32>,
    /// Length of the recording, in seconds.
    pub audio_duration_sec: Option<f64>,
    pub transcript_source: Option<TranscriptSource>,
    /// Length of the media stream, in seconds.
    pub stream_duration_sec: Option<f64>,
    pub stream_connect_count: Option<i32>,
    pub webhook_11205_count: Option<i32>,
    pub webhook_retry_count: Option<i32>,
    /// Set once the call is final.
    pub estimated_cost_bucket: Option<CostBucket>,
    /// UTC; a call without is in no list.
    pub created_at: DateTime,
    /// UTC.
    pub updated_at: Option<DateTime>,
}

/// Part of a list, and where the rest of it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub calls: Vec<CallSummary>,
    /// `None` at the end of the list.
    pub next: Option<Cursor>,
}

/// The calls after the cursor, newest first, 1 to 500 of them.
pub async fn calls(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u64,
) -> Result<Page, DbErr> {
    let _ = (db, filter, after, limit);
    Err(DbErr::Custom("not yet".to_owned()))
}

/// One call with everything known of it; of one business, where that is given.
pub async fn by_sid(
    db: &impl ConnectionTrait,
    call_sid: &str,
    business_id: Option<i32>,
) -> Result<Option<call_log::Model>, DbErr> {
    let _ = (db, call_sid, business_id);
    Err(DbErr::Custom("not yet".to_owned()))
}
