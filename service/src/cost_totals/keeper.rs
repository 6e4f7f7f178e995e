//! Keeps the totals up to date in the background.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use entity::call_log::{self, Column};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Order, TransactionTrait,
    sea_query::{Expr, ExprTrait, Func, Query},
};

use super::{
    count::{count_day, days},
    fold::fold,
    tables::{Changes, Days, is_kept},
};
use crate::filter::{Filter, day_filter};

/// The pause when there is nothing to do. Changes of this time are added to each summary one by one.
const IDLE_PAUSE: Duration = Duration::from_secs(1);

/// The pause where no totals are kept, or cannot be.
const PAUSE_WITHOUT_TOTALS: Duration = Duration::from_mins(1);

/// So many failures in a row are not a conflict with another process.
const FAILURES_TO_REPORT: u32 = 5;

/// Folds changes, and counts the days that nobody has counted, the newest first.
#[derive(Debug, Default)]
pub struct Keeper {
    /// All later days are counted.
    before: Option<NaiveDate>,
    is_complete: bool,
    failures: u32,
}

impl Keeper {
    /// Does some work, and says how long to wait before more. Logs errors.
    pub async fn work(&mut self, db: &(impl ConnectionTrait + TransactionTrait)) -> Duration {
        let began = Instant::now();
        let step = async { if is_kept(db).await? { self.step(db).await.map(Some) } else { Ok(None) } };
        match step.await {
            // At most half of the time.
            Ok(Some(true)) => {
                self.failures = 0;
                began.elapsed().min(IDLE_PAUSE)
            }
            Ok(Some(false)) => {
                self.failures = 0;
                IDLE_PAUSE
            }
            Ok(None) => {
                *self = Self::default();
                PAUSE_WITHOUT_TOTALS
            }
            Err(error) => {
                self.failures += 1;
                if self.failures < FAILURES_TO_REPORT {
                    return IDLE_PAUSE.mul_f64(0.5 + fastrand::f64());
                }
                tracing::warn!(%error, "cannot keep the totals of costs; summaries read the calls of these days");
                PAUSE_WITHOUT_TOTALS
            }
        }
    }

    /// Does all the work there is. Returns how many days it has counted.
    ///
    /// # Errors
    /// Also where another process does the same again and again.
    pub async fn finish(&mut self, db: &(impl ConnectionTrait + TransactionTrait)) -> Result<u32, DbErr> {
        let mut counted = 0;
        while let Some(day) = self.next_day(db).await? {
            retry_conflicts(|| count_day(db, day)).await?;
            counted += 1;
        }
        while retry_conflicts(|| fold(db)).await? {}
        Ok(counted)
    }

    /// Counts every day anew, also those that are counted. Returns how many.
    ///
    /// # Errors
    /// Also where another process does the same again and again.
    pub async fn rebuild(&mut self, db: &(impl ConnectionTrait + TransactionTrait)) -> Result<u32, DbErr> {
        let mut counted = 0;
        for day in days(db, None, None).await? {
            retry_conflicts(|| count_day(db, day)).await?;
            counted += 1;
        }
        *self = Self::default();
        Ok(counted + self.finish(db).await?)
    }

    /// Whether there may be more.
    async fn step(&mut self, db: &(impl ConnectionTrait + TransactionTrait)) -> Result<bool, DbErr> {
        let anything = Query::select().column(Changes::Id).from(Changes::Table).limit(1).take();
        let has_changes = db.query_one(&anything).await?.is_some();
        if has_changes {
            if let Some(day) = changed_day(db).await? {
                count_day(db, day).await?;
                return Ok(true);
            }
            if fold(db).await? {
                return Ok(true);
            }
        }
        let Some(day) = self.next_day(db).await? else { return Ok(false) };
        count_day(db, day).await?;
        Ok(true)
    }

    /// The newest day with calls that is not counted; those of later days are found by their changes.
    async fn next_day(&mut self, db: &impl ConnectionTrait) -> Result<Option<NaiveDate>, DbErr> {
        if let Some(day) = changed_day(db).await? {
            return Ok(Some(day));
        }
        while !self.is_complete {
            let Some(day) = last_day(db, self.before).await? else {
                self.is_complete = true;
                break;
            };
            let marker =
                Query::select().column(Days::Day).from(Days::Table).and_where(Expr::col(Days::Day).eq(day)).take();
            if db.query_one(&marker).await?.is_none() {
                return Ok(Some(day));
            }
            self.before = Some(day);
        }
        Ok(None)
    }
}

/// Retries if another process has done the same day meanwhile.
async fn retry_conflicts<T, F: Future<Output = Result<T, DbErr>>>(step: impl Fn() -> F) -> Result<T, DbErr> {
    for _ in 1..FAILURES_TO_REPORT {
        if let Ok(done) = step().await {
            return Ok(done);
        }
        tokio::time::sleep(IDLE_PAUSE.mul_f64(fastrand::f64())).await;
    }
    step().await
}

/// A day that has changes and is not counted.
async fn changed_day(db: &impl ConnectionTrait) -> Result<Option<NaiveDate>, DbErr> {
    let counted = Query::select().column(Days::Day).from(Days::Table).take();
    let select = Query::select()
        .column(Changes::Day)
        .from(Changes::Table)
        .and_where(Expr::col(Changes::Day).not_in_subquery(counted))
        .limit(1)
        .take();
    db.query_one(&select).await?.map(|row| row.try_get_by_index(0)).transpose()
}

/// The last day with calls, before another one.
async fn last_day(db: &impl ConnectionTrait, before: Option<NaiveDate>) -> Result<Option<NaiveDate>, DbErr> {
    let backend = db.get_database_backend();
    let day = match backend {
        // NULL for what is not a time.
        DbBackend::Sqlite => Expr::from(Func::cust("date").arg(Expr::col(Column::CreatedAt))),
        _ => Expr::col(Column::CreatedAt).cast_as("date"),
    };
    let filter = Filter { to: before.and_then(|day| day_filter(day).from), ..Filter::default() };
    let select = Query::select()
        .expr_as(day, "day")
        .from(call_log::Entity)
        .cond_where(filter.condition(backend))
        .order_by((call_log::Entity, Column::CreatedAt), Order::Desc)
        .limit(1)
        .take();
    let row = db.query_one(&select).await?;
    row.map(|row| row.try_get_by_index::<Option<NaiveDate>>(0)).transpose().map(Option::flatten)
}
