//! What is read of the calls. Columns are named one by one, so that a column that a newer version adds changes nothing here.

mod calls;
mod costs;
mod cursor;

use chrono::TimeDelta;
use entity::enums::CostBucket;
use sea_orm::prelude::DateTime;

pub use calls::{CallSummary, Page, by_sid, calls};
pub use costs::{DayCosts, costs};
pub use cursor::{Cursor, NotACursor};

/// Which calls; the default is all of them that have a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Of this business only.
    pub business_id: Option<i32>,
    /// `inbound` or `outbound`.
    pub direction: Option<String>,
    /// Last heard of in this status.
    pub status: Option<String>,
    /// Final, with this bucket.
    pub bucket: Option<CostBucket>,
    /// Made at this time or later, UTC.
    pub from: Option<DateTime>,
    /// Made before this time, UTC.
    pub to: Option<DateTime>,
}

/// The calls of the last seven days, for a caller who adds to it.
pub fn last_seven_days(now: DateTime) -> Filter {
    Filter { from: now.checked_sub_signed(TimeDelta::days(7)), ..Filter::default() }
}
