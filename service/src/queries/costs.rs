//! Costs by day and bucket: from the stored totals where a day has them, else from the calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{NaiveDate, NaiveTime};
use entity::{
    call_log::{self, Column},
    enums::CostBucket,
};
use sea_orm::{
    ActiveEnum, ConnectionTrait, DbBackend, DbErr, FromQueryResult,
    prelude::DateTime,
    sea_query::{DynIden, Expr, ExprTrait, Func, IntoIden, Query, SelectStatement, UnionType},
};
use sea_orm_connect::ErrorKind;
use serde::Serialize;

use crate::{
    cost_totals::{self, Changes, MAX_DAYS, Totals, add_sums, total},
    filter::{Filter, day_filter},
};

/// With more gaps than this between counted days, all is read from the calls.
const MAX_GAPS: usize = 200;

/// The calls of one day (UTC) in one cost bucket.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct DayCosts {
    pub day: NaiveDate,
    /// The cost bucket; `None` for calls that are not final, or have an unknown one.
    pub bucket: Option<CostBucket>,
    pub calls: i64,
    /// Total length of the calls.
    pub seconds: i64,
    /// How often streams connected again: the connects after the first of each call.
    pub reconnects: i64,
    pub recordings: i64,
}

/// Reads costs. Remembers which days have totals, so that the next read needs only one statement.
#[derive(Debug, Default)]
pub struct CostReader {
    /// The counted days, as of the last read.
    counted: Mutex<BTreeSet<NaiveDate>>,
}

impl CostReader {
    /// By day and bucket, oldest day first; within a day low, medium, high, not final.
    ///
    /// Reads the [totals](crate::cost_totals) of whole days, and the calls of days that nobody has counted yet and of those that
    /// the filter covers only in part.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn read(&self, db: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<DayCosts>, DbErr> {
        let remembered = self.remembered(filter);
        if !remembered.is_empty() {
            let read = Snapshot::with_totals_of(db, filter, &remembered).await;
            self.remember(filter, read.as_ref().map(|read| read.counted.as_slice()).unwrap_or_default());
            match read {
                Ok(read) if read.has_valid_totals(&remembered) => return Ok(read.costs),
                // The tables of the totals may have been dropped.
                Err(error) if ErrorKind::of(&error) != ErrorKind::Statement || ErrorKind::is_time_out(&error) => {
                    return Err(error);
                }
                _ => {}
            }
        }
        let days = query_counted_days(db, filter).await;
        self.remember(filter, &days);
        let read = Snapshot::with_totals_of(db, filter, &days).await?;
        if read.has_valid_totals(&days) {
            return Ok(read.costs);
        }
        Ok(Snapshot::with_totals_of(db, filter, &[]).await?.costs)
    }

    fn counted(&self) -> MutexGuard<'_, BTreeSet<NaiveDate>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self, filter: &Filter) -> Vec<NaiveDate> {
        let (from, to) = whole_days(filter);
        let is_selected = |day: &&NaiveDate| from.is_none_or(|from| from <= **day) && to.is_none_or(|to| **day < to);
        let mut newest: Vec<NaiveDate> =
            self.counted().iter().rev().filter(is_selected).take(MAX_DAYS).copied().collect();
        newest.reverse();
        newest
    }

    /// Replaces the remembered days that the filter covers by these.
    fn remember(&self, filter: &Filter, days: &[NaiveDate]) {
        let (from, to) = whole_days(filter);
        let mut counted = self.counted();
        counted.retain(|day| from.is_some_and(|from| *day < from) || to.is_some_and(|to| to <= *day));
        counted.extend(days);
    }
}

/// The result of one statement, so all of it is of one moment.
struct Snapshot {
    costs: Vec<DayCosts>,
    /// The counted days that the filter covers fully.
    counted: Vec<NaiveDate>,
}

impl Snapshot {
    /// From the totals of these days, and the calls of all others.
    async fn with_totals_of(db: &impl ConnectionTrait, filter: &Filter, days: &[NaiveDate]) -> Result<Self, DbErr> {
        let backend = db.get_database_backend();
        let mut days = days;
        let mut gaps = gaps(filter, days);
        if gaps.len() > MAX_GAPS {
            days = &[];
            gaps = vec![(filter.from, filter.to)];
        }
        let of_calls = gaps.into_iter().map(|(from, to)| of_calls(&Filter { from, to, ..filter.clone() }, backend));
        let mut parts: Vec<SelectStatement> = of_calls.collect();
        if !days.is_empty() {
            parts.push(of_totals(filter, days, backend));
            parts.push(of_changes(filter, days, backend));
            parts.push(counted_days(filter));
        }
        let mut parts = parts.into_iter();
        let Some(mut select) = parts.next() else { return Ok(Self { costs: Vec::new(), counted: Vec::new() }) };
        for part in parts {
            select.union(UnionType::All, part);
        }
        let (mut costs, mut counted) = (Vec::new(), Vec::new());
        for row in db.query_all(&select).await? {
            if row.try_get::<Option<String>>("", "bucket")?.as_deref() == Some(COUNTED_MARKER) {
                counted.push(row.try_get("", "day")?);
            } else {
                costs.push(DayCosts::from_query_result(&row, "")?);
            }
        }
        Ok(Self { costs: added_up(costs), counted })
    }

    /// Whether all these days were still counted when their totals were read.
    fn has_valid_totals(&self, days: &[NaiveDate]) -> bool {
        days.iter().all(|day| self.counted.contains(day))
    }
}

/// Stands in the column of the bucket, in a row that says that its day is counted.
const COUNTED_MARKER: &str = "counted";

/// Selects a row for each counted day that the filter covers fully.
fn counted_days(filter: &Filter) -> SelectStatement {
    let (from, to) = whole_days(filter);
    let mut select = cost_totals::select_days(from, to);
    select.expr_as(Expr::Constant(COUNTED_MARKER.into()), "bucket");
    for sum in ["calls", "seconds", "reconnects", "recordings"] {
        select.expr_as(Expr::Constant(0_i64.into()), sum);
    }
    select
}

/// The days that the filter covers fully: from the first, and before the second.
fn whole_days(filter: &Filter) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let from = filter.from.and_then(|from| match from.time() {
        NaiveTime::MIN => Some(from.date()),
        _ => from.date().succ_opt(),
    });
    (from, filter.to.map(|to| to.date()))
}

/// The counted days that the filter covers fully; none where the database keeps no totals.
async fn query_counted_days(db: &impl ConnectionTrait, filter: &Filter) -> Vec<NaiveDate> {
    // An error is not told here: the calls are read next, and have it, too.
    if !cost_totals::is_kept(db).await.unwrap_or_default() {
        return Vec::new();
    }
    let (from, to) = whole_days(filter);
    cost_totals::days(db, from, to).await.unwrap_or_default()
}

/// The time ranges that the filter selects beside these days.
fn gaps(filter: &Filter, days: &[NaiveDate]) -> Vec<(Option<DateTime>, Option<DateTime>)> {
    let mut gaps = Vec::new();
    let mut start = Some(filter.from);
    for day in days {
        let Filter { from: midnight, to: next, .. } = day_filter(*day);
        if let Some(from) = start.filter(|from| from.is_none() || *from < midnight) {
            gaps.push((from, midnight));
        }
        start = next.map(Some);
    }
    if let Some(from) = start.filter(|from| filter.to.is_none_or(|to| from.is_none_or(|from| from < to))) {
        gaps.push((from, filter.to));
    }
    gaps
}

fn of_calls(filter: &Filter, backend: DbBackend) -> SelectStatement {
    let created_at = || Expr::col((call_log::Entity, Column::CreatedAt));
    let known = || bucket_or_null(Expr::col(Column::EstimatedCostBucket));
    let mut select = Query::select();
    select.from(call_log::Entity).expr_as(day(created_at(), backend), "day").expr_as(known(), "bucket");
    add_sums(&mut select, backend);
    select.cond_where(filter.condition(backend)).add_group_by([day(created_at(), backend), known()]);
    select
}

/// The names of the columns of the totals, or of the changes.
struct SumColumns {
    table: DynIden,
    business_id: DynIden,
    day: DynIden,
    direction: DynIden,
    status: DynIden,
    bucket: DynIden,
    sums: [DynIden; 4],
}

fn of_totals(filter: &Filter, days: &[NaiveDate], backend: DbBackend) -> SelectStatement {
    let kept = SumColumns {
        table: Totals::Table.into_iden(),
        business_id: Totals::BusinessId.into_iden(),
        day: Totals::Day.into_iden(),
        direction: Totals::Direction.into_iden(),
        status: Totals::Status.into_iden(),
        bucket: Totals::Bucket.into_iden(),
        sums: [Totals::Calls, Totals::Seconds, Totals::Reconnects, Totals::Recordings].map(IntoIden::into_iden),
    };
    let business = Expr::col(kept.business_id.clone());
    let of_business = filter.business_id.map_or_else(|| business.clone().is_null(), |id| business.clone().eq(id));
    kept.select(filter, days, backend).and_where(of_business).take()
}

fn of_changes(filter: &Filter, days: &[NaiveDate], backend: DbBackend) -> SelectStatement {
    let kept = SumColumns {
        table: Changes::Table.into_iden(),
        business_id: Changes::BusinessId.into_iden(),
        day: Changes::Day.into_iden(),
        direction: Changes::Direction.into_iden(),
        status: Changes::Status.into_iden(),
        bucket: Changes::Bucket.into_iden(),
        sums: [Changes::Calls, Changes::Seconds, Changes::Reconnects, Changes::Recordings].map(IntoIden::into_iden),
    };
    let mut select = kept.select(filter, days, backend);
    if let Some(id) = filter.business_id {
        select.and_where(Expr::col(kept.business_id).eq(id));
    }
    select
}

impl SumColumns {
    /// Selects the sums of these days, of any business.
    fn select(&self, filter: &Filter, days: &[NaiveDate], backend: DbBackend) -> SelectStatement {
        let column = |column: &DynIden| Expr::col(column.clone());
        let known = || bucket_or_null(column(&self.bucket));
        let mut select = Query::select();
        select.from(self.table.clone()).expr_as(column(&self.day), "day").expr_as(known(), "bucket");
        for (sum, name) in self.sums.iter().zip(["calls", "seconds", "reconnects", "recordings"]) {
            select.expr_as(total(column(sum), backend), name);
        }
        select.and_where(column(&self.day).is_in(days.iter().copied()));
        for (of, wanted) in [
            (&self.direction, filter.direction.clone()),
            (&self.status, filter.status.clone()),
            (&self.bucket, filter.bucket.map(|bucket| bucket.to_value())),
        ] {
            if let Some(wanted) = wanted {
                select.and_where(column(of).eq(wanted));
            }
        }
        select.add_group_by([column(&self.day), known()]);
        select
    }
}

/// Adds up the rows of each day and bucket, in order; drops what adds up to no call.
fn added_up(rows: Vec<DayCosts>) -> Vec<DayCosts> {
    let mut sums: BTreeMap<(NaiveDate, u8), DayCosts> = BTreeMap::new();
    for row in rows {
        let key = (row.day, row.bucket.map_or(3, |bucket| bucket as u8));
        match sums.get_mut(&key) {
            None => drop(sums.insert(key, row)),
            Some(sum) => {
                sum.calls += row.calls;
                sum.seconds += row.seconds;
                sum.reconnects += row.reconnects;
                sum.recordings += row.recordings;
            }
        }
    }
    sums.into_values().filter(|sum| sum.calls != 0).collect()
}

fn bucket_or_null(bucket: Expr) -> Expr {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(quarter_days: i64) -> DateTime {
        day_of(0).and_time(NaiveTime::MIN) + chrono::TimeDelta::hours(6 * quarter_days)
    }

    fn day_of(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(number)
    }

    proptest! {
        /// Each moment that the filter selects is in one counted day, or in one gap.
        #[test]
        fn days_and_gaps_are_what_the_filter_selects(
            from in proptest::option::of(0..40_i64),
            to in proptest::option::of(0..40_i64),
            counted in proptest::collection::btree_set(0..10_u64, 0..10),
        ) {
            let filter = Filter { from: from.map(moment), to: to.map(moment), ..Filter::default() };
            let whole = |day: &NaiveDate| {
                let Filter { from: begin, to: end, .. } = day_filter(*day);
                filter.from.is_none_or(|from| Some(from) <= begin) && filter.to.is_none_or(|to| end <= Some(to))
            };
            let days: Vec<NaiveDate> = counted.into_iter().map(day_of).filter(whole).collect();
            let gaps = gaps(&filter, &days);
            for quarter in -4..44 {
                let at = moment(quarter) + chrono::TimeDelta::microseconds(1);
                let selected = filter.from.is_none_or(|from| from <= at) && filter.to.is_none_or(|to| at < to);
                let in_gaps = gaps
                    .iter()
                    .filter(|(from, to)| from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to))
                    .count();
                let in_days = usize::from(days.contains(&at.date()));
                prop_assert_eq!(in_gaps + in_days, usize::from(selected), "{} {:?} {:?}", at, days, gaps);
            }
        }
    }
}
