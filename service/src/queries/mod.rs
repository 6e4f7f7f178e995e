//! Reads of calls. Columns are selected by name, so a column that a newer version adds changes nothing.

mod calls;
mod costs;
mod cursor;

pub use crate::filter::{Filter, last_seven_days, last_seven_whole_days};
pub use calls::{CallDetails, CallPage, CallSummary, business_of, by_sid, calls};
pub use costs::{CostReader, DayCosts};
pub use cursor::{Cursor, InvalidCursor};
