//! Lists of calls, newest first, a page at a time.

use entity::{
    call_log::{self, Column},
    enums::{CostBucket, RecordingMode, TranscriptSource},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    prelude::DateTime,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;

use super::{Cursor, Filter, moment::Moment};

const LONGEST_PAGE: u64 = 500;

/// A call as a list shows it: without its texts.
#[derive(Clone, Debug, PartialEq, DerivePartialModel, Serialize)]
#[sea_orm(entity = "call_log::Entity")]
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
    let limit = limit.clamp(1, LONGEST_PAGE);
    let backend = db.get_database_backend();
    let mut select = call_log::Entity::find().filter(filter.condition(backend));
    if let Some(Cursor { created_at, id }) = after {
        let place = Moment::new(created_at, backend);
        // The first half alone is a range of an index, on every database.
        let created_at = || Expr::col((call_log::Entity, Column::CreatedAt));
        let is_after = created_at().lt(place.first()).or(Column::Id.lt(id));
        select = select.filter(Condition::all().add(created_at().lte(place.last())).add(is_after));
    }
    let mut calls: Vec<CallSummary> = select
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit + 1)
        .into_partial_model()
        .all(db)
        .await?;
    let has_more = calls.len() as u64 > limit;
    if has_more {
        calls.pop();
    }
    let next = calls
        .last()
        .filter(|_| has_more)
        .map(|CallSummary { created_at, id, .. }| Cursor { created_at: *created_at, id: *id });
    Ok(Page { calls, next })
}

/// One call with everything known of it; of one business, where that is given.
pub async fn by_sid(
    db: &impl ConnectionTrait,
    call_sid: &str,
    business_id: Option<i32>,
) -> Result<Option<call_log::Model>, DbErr> {
    let of_business = business_id.map(|business| Column::BusinessId.eq(business));
    let condition = Condition::all().add(Column::CallSid.eq(call_sid)).add_option(of_business);
    call_log::Entity::find().filter(condition).one(db).await
}
