//! Costs by day and bucket.

use chrono::NaiveDate;
use entity::{
    call_log::{self, Column},
    enums::CostBucket,
};
use sea_orm::{
    ActiveEnum, ConnectionTrait, DbBackend, DbErr, FromQueryResult,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use serde::Serialize;

use super::Filter;

/// The calls of one day (UTC) in one bucket.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct DayCosts {
    pub day: NaiveDate,
    /// `None` for calls that are not final, or have an unknown bucket.
    pub bucket: Option<CostBucket>,
    pub calls: i64,
    /// Total length of the calls.
    pub seconds: i64,
    /// How often a stream connected more than once in a call.
    pub reconnects: i64,
    pub recordings: i64,
}

/// By day and bucket, oldest day first; within a day low, medium, high, not final.
pub async fn costs(db: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<DayCosts>, DbErr> {
    let backend = db.get_database_backend();
    let column = |column: Column| Expr::col((call_log::Entity, column));
    let total = |expression: Expr| {
        let sum = Func::coalesce([Expr::from(Func::sum(expression)), 0.into()]);
        Expr::from(Func::cast_as(sum, if backend == DbBackend::MySql { "SIGNED" } else { "bigint" }))
    };
    let connects = column(Column::StreamConnectCount);
    let reconnects = Expr::case(connects.clone().gt(1), connects.sub(1)).finally(0);
    let select = Query::select()
        .from(call_log::Entity)
        .expr_as(day(column(Column::CreatedAt), backend), "day")
        .expr_as(bucket(), "bucket")
        .expr_as(Func::count(column(Column::Id)), "calls")
        .expr_as(total(column(Column::Duration)), "seconds")
        .expr_as(total(reconnects.into()), "reconnects")
        .expr_as(total(column(Column::RecordingCount)), "recordings")
        .cond_where(filter.condition(backend))
        .add_group_by([day(column(Column::CreatedAt), backend), bucket()])
        .take();
    let rows = db.query_all(&select).await?;
    let mut costs = rows.iter().map(|row| DayCosts::from_query_result(row, "")).collect::<Result<Vec<_>, DbErr>>()?;
    costs.sort_by_key(|DayCosts { day, bucket, .. }| (*day, bucket.map_or(3, |bucket| bucket as u8)));
    Ok(costs)
}

fn bucket() -> Expr {
    let bucket = Expr::col((call_log::Entity, Column::EstimatedCostBucket));
    // With parameters, PostgreSQL would treat the selected and the grouping expression as different.
    let known = CostBucket::values().into_iter().map(|known| Expr::Constant(known.into()));
    Expr::case(bucket.clone().is_in(known), bucket).into()
}

fn day(time: Expr, backend: DbBackend) -> Expr {
    match backend {
        DbBackend::Sqlite => {
            Func::cust("substr").args([time, Expr::Constant(1.into()), Expr::Constant(10.into())]).into()
        }
        _ => Func::cast_as(time, "date").into(),
    }
}
