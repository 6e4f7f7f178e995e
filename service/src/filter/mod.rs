//! Which calls: a condition on the rows of the table, for reads, sums and removals alike.

mod moment;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use entity::{
    call_log::{self, Column},
    enums::CostBucket,
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend,
    prelude::DateTime,
    sea_query::{Expr, ExprTrait},
};

pub(crate) use moment::Moment;

/// Which calls to read; the default is all that have a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Calls of this business only.
    pub business_id: Option<i32>,
    /// `inbound` or `outbound`.
    pub direction: Option<String>,
    /// Last reported status.
    pub status: Option<String>,
    /// Final calls with this cost.
    pub bucket: Option<CostBucket>,
    /// Made at this time or later, UTC.
    pub from: Option<DateTime>,
    /// Made before this time, UTC.
    pub to: Option<DateTime>,
}

impl Filter {
    /// The part of the filter that an index serves in the order of the lists; `None` if that is all of it.
    pub(crate) fn indexed(&self) -> Option<Self> {
        let range = Self { from: self.from, to: self.to, ..Self::default() };
        let indexed = match (self.business_id, self.bucket) {
            (Some(_), _) => Self { business_id: self.business_id, direction: self.direction.clone(), ..range },
            (None, Some(_)) => Self { bucket: self.bucket, ..range },
            (None, None) => range,
        };
        (indexed != *self).then_some(indexed)
    }

    pub(crate) fn condition(&self, backend: DbBackend) -> Condition {
        let Self { business_id, direction, status, bucket, from, to } = self;
        let created_at = || Expr::col((call_log::Entity, Column::CreatedAt));
        let first = |time: &DateTime| Moment::new(*time, backend).first();
        Condition::all()
            .add(created_at().is_not_null())
            .add_option(business_id.map(|business| Column::BusinessId.eq(business)))
            .add_option(direction.as_ref().map(|direction| Column::Direction.eq(direction)))
            .add_option(status.as_ref().map(|status| Column::Status.eq(status)))
            .add_option(bucket.map(|bucket| Column::EstimatedCostBucket.eq(bucket)))
            .add_option(from.as_ref().map(|from| created_at().gte(first(from))))
            .add_option(to.as_ref().map(|to| created_at().lt(first(to))))
    }
}

/// A filter for the last seven days.
pub fn last_seven_days(now: DateTime) -> Filter {
    Filter { from: now.checked_sub_signed(TimeDelta::days(7)), ..Filter::default() }
}

/// A filter for the last seven days and what has passed of today: whole days, as costs are added up.
pub fn last_seven_whole_days(now: DateTime) -> Filter {
    let Filter { from, .. } = last_seven_days(now);
    Filter { from: from.map(|from| from.date().and_time(NaiveTime::MIN)), ..Filter::default() }
}

/// A filter for one day (UTC).
pub(crate) fn day_filter(day: NaiveDate) -> Filter {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    Filter { from: Some(midnight(day)), to: day.succ_opt().map(midnight), ..Filter::default() }
}
