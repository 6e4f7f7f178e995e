//! Which types hold every value of another, unchanged.

use crate::model::{Dialect, Kind};

pub(super) fn is_wider(declared: &Kind, live: &Kind, dialect: Dialect) -> bool {
    match (declared, live) {
        (Kind::Integer { bits: declared, sign }, Kind::Integer { bits: live, sign: live_sign }) => {
            sign == live_sign && live < declared
        }
        (Kind::Float { bits: declared, digits: None }, Kind::Float { bits: live, digits }) => {
            live < declared || (live == declared && digits.is_some())
        }
        (Kind::Decimal(None), Kind::Decimal(Some(_))) => true,
        (Kind::Decimal(Some((precision, scale))), Kind::Decimal(Some((live_precision, live_scale)))) => {
            let (whole, live_whole) = (precision.saturating_sub(*scale), live_precision.saturating_sub(*live_scale));
            whole >= live_whole && scale >= live_scale && (whole, scale) != (live_whole, live_scale)
        }
        (Kind::Char(declared), Kind::Char(live)) => live < declared,
        (Kind::Varchar(declared), Kind::Varchar(live))
        | (Kind::Text(declared), Kind::Text(live))
        | (Kind::Varbinary(declared), Kind::Varbinary(live))
        | (Kind::Blob(declared), Kind::Blob(live))
        | (Kind::BitVarying(declared), Kind::BitVarying(live)) => length(*live) < length(*declared),
        // Characters there, bytes here, and up to four for each.
        (Kind::Text(declared), Kind::Varchar(Some(live))) => {
            dialect != Dialect::Sqlite && u64::from(*live) * 4 <= u64::from(length(*declared))
        }
        (
            Kind::Timestamp { precision: declared, zone: declared_zone },
            Kind::Timestamp { precision: live, zone: live_zone },
        )
        | (Kind::Time { precision: declared, zone: declared_zone }, Kind::Time { precision: live, zone: live_zone }) => {
            declared_zone == live_zone && live < declared
        }
        // Labels are numbered in their order.
        (Kind::Enum { labels: declared, .. }, Kind::Enum { labels: live, .. }) => {
            declared.len() > live.len() && declared.starts_with(live)
        }
        _ => false,
    }
}

fn length(length: Option<u32>) -> u32 {
    length.unwrap_or(u32::MAX)
}
