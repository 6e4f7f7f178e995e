//! What the calls cost, by day and bucket.

use chrono::NaiveDate;
use entity::enums::CostBucket;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::Filter;

/// The calls of one day (UTC) in one bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCosts {
    pub day: NaiveDate,
    /// `None` for calls that are not final yet.
    pub bucket: Option<CostBucket>,
    pub calls: i64,
    /// Length of the calls together.
    pub seconds: i64,
    /// How often a stream connected more than once in a call.
    pub reconnects: i64,
    pub recordings: i64,
}

/// By day and bucket, oldest day first; within a day low, medium, high, not final.
pub async fn costs(db: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<DayCosts>, DbErr> {
    let _ = (db, filter);
    Err(DbErr::Custom("not yet".to_owned()))
}
