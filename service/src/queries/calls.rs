//! Lists of calls, newest first, a page at a time.

use entity::{
    CallId,
    call_log::{self, Column},
    enums::CostBucket,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, DerivePartialModel, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::DateTime,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;

use super::cursor::Cursor;
use crate::filter::{Filter, Moment};

const MAX_PAGE_SIZE: u64 = 500;

/// How many calls one page examines where no index serves the whole filter: so a status that no call has costs as much as one
/// that many have.
const MAX_EXAMINED: u64 = 2_000;

/// A call as a list shows it: without its texts.
///
/// Enum columns are text here: other programs write the table, too, and one unknown value must not make a whole page
/// unreadable.
#[derive(Clone, Debug, PartialEq, DerivePartialModel, Serialize)]
#[sea_orm(entity = "call_log::Entity")]
pub struct CallSummary {
    pub id: CallId,
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
    /// See [`RecordingMode`](entity::enums::RecordingMode).
    pub recording_mode: Option<String>,
    pub recording_count: Option<i32>,
    /// Length of the recording, in seconds.
    pub audio_duration_sec: Option<f64>,
    /// See [`TranscriptSource`](entity::enums::TranscriptSource).
    pub transcript_source: Option<String>,
    /// Length of the media stream, in seconds.
    pub stream_duration_sec: Option<f64>,
    pub stream_connect_count: Option<i32>,
    pub webhook_11205_count: Option<i32>,
    pub webhook_retry_count: Option<i32>,
    /// Set once the call is final; see [`bucket`](Self::bucket).
    pub estimated_cost_bucket: Option<String>,
    /// UTC; lists leave out calls without it.
    pub created_at: Option<DateTime>,
    /// UTC.
    pub updated_at: Option<DateTime>,
}

impl CallSummary {
    /// What the call cost; `None` until it is final.
    pub fn bucket(&self) -> Option<CostBucket> {
        self.estimated_cost_bucket.as_ref().and_then(|bucket| CostBucket::try_from_value(bucket).ok())
    }
}

/// A call with its texts.
#[derive(Clone, Debug, PartialEq, DerivePartialModel, Serialize)]
#[sea_orm(entity = "call_log::Entity")]
pub struct CallDetails {
    /// The columns that lists show.
    #[sea_orm(nested)]
    pub call: CallSummary,
    /// Direction in Twilio's own words.
    pub twilio_direction: Option<String>,
    pub recording_url: Option<String>,
    /// Size of the recording, in bytes.
    pub audio_bytes_len: Option<i32>,
    /// Transcript of the live stream.
    pub transcription: Option<String>,
    /// What the call was about.
    pub summary: Option<String>,
    /// Final transcript.
    pub final_transcript: Option<String>,
    pub extracted_service: Option<String>,
    pub extracted_city: Option<String>,
    /// 0 to 1.
    pub extraction_confidence: Option<f64>,
    /// UTC.
    pub stream_started_at: Option<DateTime>,
    /// UTC.
    pub stream_ended_at: Option<DateTime>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CallPage {
    /// Fewer than asked for, perhaps none, where the filter fits few of the calls that were examined.
    pub calls: Vec<CallSummary>,
    /// The cursor of the next page; `None` on the last one.
    pub next: Option<Cursor>,
}

/// The calls after the cursor, newest first, at most 500 of them. Where no index serves the whole filter, a page ends after
/// 2,000 calls were examined.
pub async fn calls(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u64,
) -> Result<CallPage, DbErr> {
    let limit = limit.clamp(1, MAX_PAGE_SIZE);
    let backend = db.get_database_backend();
    let end = match filter.indexed() {
        Some(indexed) => last_examined(db, &indexed, after).await?,
        None => None,
    };
    let mut select = newest_first(backend, filter, after);
    if let Some(Cursor { created_at, id }) = end {
        let place = || Moment::new(created_at, backend).of_call(id);
        let is_examined = created_at_column().gt(place()).or(Column::Id.gte(id));
        select = select.filter(Condition::all().add(created_at_column().gte(place())).add(is_examined));
    }
    let mut calls: Vec<CallSummary> = select.limit(limit + 1).into_partial_model().all(db).await?;
    let has_more = calls.len() as u64 > limit;
    if has_more {
        calls.pop();
    }
    let last = calls.last().filter(|_| has_more);
    let next = last.and_then(|call| Some(Cursor { created_at: call.created_at?, id: call.id })).or(end);
    Ok(CallPage { calls, next })
}

/// The last call that a page examines; `None` if it can examine all.
async fn last_examined(
    db: &impl ConnectionTrait,
    indexed: &Filter,
    after: Option<Cursor>,
) -> Result<Option<Cursor>, DbErr> {
    let select = newest_first(db.get_database_backend(), indexed, after);
    let columns = select.select_only().column(Column::CreatedAt).column(Column::Id);
    let found = columns.offset(MAX_EXAMINED - 1).limit(1).into_tuple().one(db).await?;
    Ok(found.map(|(created_at, id)| Cursor { created_at, id }))
}

/// The calls after the cursor, newest first.
fn newest_first(backend: DbBackend, filter: &Filter, after: Option<Cursor>) -> Select<call_log::Entity> {
    let mut select = call_log::Entity::find().filter(filter.condition(backend));
    if let Some(Cursor { created_at, id }) = after {
        let place = || Moment::new(created_at, backend).of_call(id);
        // Every database can read the first condition from an index.
        let is_after = created_at_column().lt(place()).or(Column::Id.lt(id));
        select = select.filter(Condition::all().add(created_at_column().lte(place())).add(is_after));
    }
    select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
}

fn created_at_column() -> Expr {
    Expr::col((call_log::Entity, Column::CreatedAt))
}

/// One call with its texts; only of the given business, if any.
pub async fn by_sid(
    db: &impl ConnectionTrait,
    call_sid: &str,
    business_id: Option<i32>,
) -> Result<Option<CallDetails>, DbErr> {
    let of_business = business_id.map(|business| Column::BusinessId.eq(business));
    let condition = Condition::all().add(Column::CallSid.eq(call_sid)).add_option(of_business);
    let found: Option<CallDetails> = call_log::Entity::find().filter(condition).into_partial_model().one(db).await?;
    // MySQL and MariaDB ignore case.
    Ok(found.filter(|found| found.call.call_sid.as_deref() == Some(call_sid)))
}

/// The call's business.
pub async fn business_of(db: &impl ConnectionTrait, call_sid: &str) -> Result<Option<i32>, DbErr> {
    let of_call = call_log::Entity::find().filter(Column::CallSid.eq(call_sid));
    of_call.select_only().column(Column::BusinessId).into_tuple().one(db).await
}
