//! Moves changes into the totals.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, DbErr, FromQueryResult, Order, TransactionSession, TransactionTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use super::tables::{
    Changes, Days, Row, Sum, Totals, changes, delete_changes, delete_totals, snapshot, take_day, totals,
};

/// How many changes one transaction moves.
const MAX_CHANGES_PER_FOLD: u64 = 5_000;

/// Moves changes of counted days into the totals, at most 5,000, in one transaction. Returns whether more may be left.
///
/// # Errors
/// Also if another process moves changes of the same day at the same time; then nothing is done.
pub async fn fold(db: &(impl ConnectionTrait + TransactionTrait)) -> Result<bool, DbErr> {
    let transaction = db.begin_with_options(snapshot(db.get_database_backend())).await?;
    let counted = Query::select().column(Days::Day).from(Days::Table).take();
    let due = changes()
        .and_where(Expr::col(Changes::Day).in_subquery(counted))
        .order_by(Changes::Id, Order::Asc)
        .limit(MAX_CHANGES_PER_FOLD)
        .take();
    let changes = rows(&transaction, &due).await?;
    if changes.is_empty() {
        return Ok(false);
    }
    let more = changes.len() as u64 == MAX_CHANGES_PER_FOLD;
    let days: BTreeSet<NaiveDate> = changes.iter().map(|change| change.day).collect();
    let businesses: BTreeSet<i64> = changes.iter().filter_map(Row::business_id).collect();
    for (day, revision) in revisions(&transaction, &days).await? {
        take_day(&transaction, day, revision).await?;
    }
    let is_of_these = Expr::col(Totals::BusinessId).is_null().or(Expr::col(Totals::BusinessId).is_in(businesses));
    let affected = totals().and_where(Expr::col(Totals::Day).is_in(days)).and_where(is_of_these).take();
    let before = rows(&transaction, &affected).await?;
    delete_changes(&transaction, &ids(&changes)).await?;
    delete_totals(&transaction, &ids(&before)).await?;
    let mut sum = Sum::default();
    for (key, sums) in before.into_iter().map(Row::split) {
        sum.add(key, sums);
    }
    for (key, sums) in changes.into_iter().map(Row::split) {
        sum.add_calls(key, sums);
    }
    sum.insert(&transaction).await?;
    transaction.commit().await?;
    Ok(more)
}

async fn revisions(db: &impl ConnectionTrait, days: &BTreeSet<NaiveDate>) -> Result<BTreeMap<NaiveDate, i64>, DbErr> {
    let select = Query::select()
        .columns([Days::Day, Days::Revision])
        .from(Days::Table)
        .and_where(Expr::col(Days::Day).is_in(days.iter().copied()))
        .take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

async fn rows(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<Row>, DbErr> {
    db.query_all(select).await?.iter().map(|row| Row::from_query_result(row, "")).collect()
}

fn ids(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}
