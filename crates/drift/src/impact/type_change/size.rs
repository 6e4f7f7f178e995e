//! Compares how much two types of a family hold.

use crate::{consequence::Consequence, model::LogicalType};

/// Digits before and after the point that `rust_decimal` can hold.
const DECIMAL_BEFORE: u32 = 28;
const DECIMAL_AFTER: u32 = 28;

/// How much a type holds, in its own unit.
pub(super) fn length(kind: &LogicalType) -> u32 {
    match kind {
        LogicalType::Char(length) | LogicalType::Binary(length) | LogicalType::Bit(length) => *length,
        LogicalType::Varchar(length)
        | LogicalType::Text(length)
        | LogicalType::Varbinary(length)
        | LogicalType::Blob(length)
        | LogicalType::BitVarying(length) => length.unwrap_or(u32::MAX),
        LogicalType::Uuid => 16,
        // PostgreSQL's type of 63 bytes.
        LogicalType::Named(name) if name == "name" => 63,
        LogicalType::Boolean
        | LogicalType::Integer { .. }
        | LogicalType::Float { .. }
        | LogicalType::Decimal(_)
        | LogicalType::Money
        | LogicalType::Date
        | LogicalType::Time { .. }
        | LogicalType::Timestamp { .. }
        | LogicalType::Year
        | LogicalType::Interval
        | LogicalType::Json
        | LogicalType::JsonBinary
        | LogicalType::Enum { .. }
        | LogicalType::Array(_)
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => u32::MAX,
    }
}

pub(super) fn narrower(is_narrower: bool) -> Consequence {
    if is_narrower { Consequence::WritesMayFail } else { Consequence::Nothing }
}

/// A wider number may hold values that the program's type cannot.
pub(super) fn numbers(declared: u32, live: u32) -> Consequence {
    if live > declared { Consequence::ReadsMayFail } else { narrower(live < declared) }
}

pub(super) fn precision(declared: u8, live: u8) -> Consequence {
    if live < declared { Consequence::ValuesChange } else { Consequence::Nothing }
}

/// Without digits, a live decimal has no limit, and the program's has that of `rust_decimal`.
pub(super) fn decimal(declared: Option<(u32, u32)>, live: Option<(u32, u32)>) -> Consequence {
    let before = |(precision, scale): (u32, u32)| precision.saturating_sub(scale);
    let declared_before = declared.map_or(DECIMAL_BEFORE + 1, before);
    let declared_after = declared.map_or(DECIMAL_AFTER, |(_, scale)| scale);
    let overflows = |digits: Option<(u32, u32)>| digits.is_none_or(|digits| before(digits) > DECIMAL_BEFORE);
    match live {
        live if overflows(live) && !overflows(declared) => Consequence::ReadsMayFail,
        Some(live) if before(live) < declared_before => Consequence::WritesMayFail,
        Some((_, scale)) if scale < declared_after => Consequence::ValuesChange,
        _ => Consequence::Nothing,
    }
}
