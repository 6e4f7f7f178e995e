//! The totals of what calls cost, a row for each day, business, direction, status and bucket, so that a summary need not read
//! the calls. They are kept where `call-log costs --keep` has created [their tables and triggers](migration::cost_totals).
//!
//! Triggers write each change of a call to `call_cost_changes`, in the transaction that changes the call, whoever writes it.
//! A summary adds the changes that are not in the totals yet, so it is exact at any moment. [`fold`] moves changes into the
//! totals, and [`count_day`] counts a day's calls anew; both in one snapshot, and only if nobody else has done the same day
//! meanwhile. A day that was never counted is read from its calls.

mod count;
mod fold;
#[cfg(feature = "server")]
mod keeper;
mod sums;
mod tables;

pub(crate) use count::{MAX_DAYS, select_days};
pub use count::{count_day, days};
pub use fold::fold;
#[cfg(feature = "server")]
pub use keeper::Keeper;
pub(crate) use sums::{add_sums, total};
pub use tables::is_kept;
pub(crate) use tables::{Changes, Totals};
