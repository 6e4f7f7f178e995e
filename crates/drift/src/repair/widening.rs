//! Which types hold every value of another, unchanged.

use crate::model::{Dialect, LogicalType};

pub(super) fn is_wider(declared: &LogicalType, live: &LogicalType, dialect: Dialect) -> bool {
    match (declared, live) {
        (LogicalType::Integer { bits: declared, sign }, LogicalType::Integer { bits: live, sign: live_sign }) => {
            sign == live_sign && live < declared
        }
        (LogicalType::Float { bits: declared, digits: None }, LogicalType::Float { bits: live, digits }) => {
            live < declared || (live == declared && digits.is_some())
        }
        (LogicalType::Decimal(None), LogicalType::Decimal(Some(_))) => true,
        (LogicalType::Decimal(Some((precision, scale))), LogicalType::Decimal(Some((live_precision, live_scale)))) => {
            let (whole, live_whole) = (precision.saturating_sub(*scale), live_precision.saturating_sub(*live_scale));
            whole >= live_whole && scale >= live_scale && (whole, scale) != (live_whole, live_scale)
        }
        (LogicalType::Char(declared), LogicalType::Char(live)) => live < declared,
        (LogicalType::Varchar(declared), LogicalType::Varchar(live))
        | (LogicalType::Text(declared), LogicalType::Text(live))
        | (LogicalType::Varbinary(declared), LogicalType::Varbinary(live))
        | (LogicalType::Blob(declared), LogicalType::Blob(live))
        | (LogicalType::BitVarying(declared), LogicalType::BitVarying(live)) => length(*live) < length(*declared),
        // Characters there, bytes here, and up to four for each.
        (LogicalType::Text(declared), LogicalType::Varchar(Some(live))) => {
            dialect != Dialect::Sqlite && u64::from(*live) * 4 <= u64::from(length(*declared))
        }
        (
            LogicalType::Timestamp { precision: declared, zone: declared_zone },
            LogicalType::Timestamp { precision: live, zone: live_zone },
        )
        | (
            LogicalType::Time { precision: declared, zone: declared_zone },
            LogicalType::Time { precision: live, zone: live_zone },
        ) => declared_zone == live_zone && live < declared,
        _ => false,
    }
}

fn length(length: Option<u32>) -> u32 {
    length.unwrap_or(u32::MAX)
}
