//! Counts the calls of a day.

use chrono::NaiveDate;
use entity::call_log::{self, Column};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, TransactionSession, TransactionTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use super::{
    sums::add_sums,
    tables::{Changes, Days, Key, Sum, Sums, Totals, delete_changes, delete_totals, snapshot, take_day},
};
use crate::filter::{Filter, day_filter};

/// The texts of the totals are cut here, as those of the changes.
const MAX_TEXT_CHARS: usize = 64;

/// The calls of one day that have the same business, direction, status and cost bucket.
#[derive(Debug, FromQueryResult)]
struct Counted {
    business_id: Option<i64>,
    direction: Option<String>,
    status: Option<String>,
    /// The cost bucket, as the column has it: `LOW`, `MED` or `HIGH`.
    bucket: Option<String>,
    calls: i64,
    seconds: i64,
    reconnects: i64,
    recordings: i64,
}

/// Counts the calls of a day (UTC), and from then on its totals count. Reads all calls of the day, in one transaction.
///
/// # Errors
/// Also if another process counts the same day at the same time; then nothing is done.
pub async fn count_day(db: &(impl ConnectionTrait + TransactionTrait), day: NaiveDate) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let transaction = db.begin_with_options(snapshot(backend)).await?;
    let select =
        Query::select().column(Days::Revision).from(Days::Table).and_where(Expr::col(Days::Day).eq(day)).take();
    let known: Option<i64> = transaction.query_one(&select).await?.map(|row| row.try_get_by_index(0)).transpose()?;
    let rows = transaction.query_all(&calls_of(&day_filter(day), backend)).await?;
    let calls = rows.iter().map(|row| Counted::from_query_result(row, "")).collect::<Result<Vec<_>, DbErr>>()?;
    let its =
        Query::select().column(Changes::Id).from(Changes::Table).and_where(Expr::col(Changes::Day).eq(day)).take();
    let changes = ids(&transaction, &its).await?;
    let its = Query::select().column(Totals::Id).from(Totals::Table).and_where(Expr::col(Totals::Day).eq(day)).take();
    let totals = ids(&transaction, &its).await?;
    if let Some(revision) = known {
        take_day(&transaction, day, revision).await?;
    } else {
        let mut insert = Query::insert();
        insert.into_table(Days::Table).columns([Days::Day, Days::Revision]);
        insert.values([day.into(), 0_i64.into()]).map_err(|error| DbErr::Custom(error.to_string()))?;
        transaction.execute(&insert).await?;
    }
    delete_changes(&transaction, &changes).await?;
    delete_totals(&transaction, &totals).await?;
    let mut sum = Sum::default();
    for Counted { business_id, direction, status, bucket, calls, seconds, reconnects, recordings } in calls {
        let [direction, status, bucket] = [direction, status, bucket].map(cut);
        let key = Key { business_id, day, direction, status, bucket };
        sum.add_calls(key, Sums { calls, seconds, reconnects, recordings });
    }
    sum.insert(&transaction).await?;
    transaction.commit().await
}

fn calls_of(filter: &Filter, backend: DbBackend) -> SelectStatement {
    let business = Expr::col(Column::BusinessId);
    let by = [Column::BusinessId, Column::Direction, Column::Status, Column::EstimatedCostBucket];
    let mut select = Query::select();
    select
        .expr_as(business.cast_as(if backend == DbBackend::MySql { "SIGNED" } else { "bigint" }), "business_id")
        .columns([Column::Direction, Column::Status])
        .expr_as(Expr::col(Column::EstimatedCostBucket), "bucket")
        .from(call_log::Entity)
        .cond_where(filter.condition(backend))
        .group_by_columns(by);
    add_sums(&mut select, backend);
    select
}

async fn ids(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<i64>, DbErr> {
    db.query_all(select).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

fn cut(text: Option<String>) -> Option<String> {
    text.map(|text| match text.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    })
}

/// How many days are read from their totals at most.
pub(crate) const MAX_DAYS: usize = 1_000;

/// The newest 1,000 days whose totals count, oldest first, of those on or after `from` and before `to`.
pub async fn days(
    db: &impl ConnectionTrait,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<Vec<NaiveDate>, DbErr> {
    let newest = select_days(from, to).order_by(Days::Day, sea_orm::Order::Desc).limit(MAX_DAYS as u64).take();
    let rows = db.query_all(&newest).await?;
    rows.iter().rev().map(|row| row.try_get_by_index(0)).collect()
}

/// Selects the days whose totals count, of those on or after `from` and before `to`.
pub(crate) fn select_days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> SelectStatement {
    let mut select = Query::select();
    select.column(Days::Day).from(Days::Table);
    if let Some(from) = from {
        select.and_where(Expr::col(Days::Day).gte(from));
    }
    if let Some(to) = to {
        select.and_where(Expr::col(Days::Day).lt(to));
    }
    select
}
