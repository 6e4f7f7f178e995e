//! How much a type holds, beside another of its family.

use crate::{consequence::Consequence, model::Kind};

/// Digits before and behind the point that `rust_decimal` can hold.
const DECIMAL_BEFORE: u32 = 28;
const DECIMAL_BEHIND: u32 = 28;

/// How much a type holds, in its own unit.
pub(super) fn length(kind: &Kind) -> u32 {
    match kind {
        Kind::Char(length) | Kind::Binary(length) | Kind::Bit(length) => *length,
        Kind::Varchar(length)
        | Kind::Text(length)
        | Kind::Varbinary(length)
        | Kind::Blob(length)
        | Kind::BitVarying(length) => length.unwrap_or(u32::MAX),
        Kind::Uuid => 16,
        // PostgreSQL's type of 63 bytes.
        Kind::Named(name) if name == "name" => 63,
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Float { .. }
        | Kind::Decimal(_)
        | Kind::Money
        | Kind::Date
        | Kind::Time { .. }
        | Kind::Timestamp { .. }
        | Kind::Year
        | Kind::Interval
        | Kind::Json
        | Kind::JsonBinary
        | Kind::Enum { .. }
        | Kind::Array(_)
        | Kind::Named(_) => u32::MAX,
    }
}

pub(super) fn narrower(is_narrower: bool) -> Consequence {
    if is_narrower { Consequence::WritesMayFail } else { Consequence::Nothing }
}

/// A wider number holds what the program's is too narrow for.
pub(super) fn numbers(declared: u32, live: u32) -> Consequence {
    if live > declared { Consequence::ReadsMayFail } else { narrower(live < declared) }
}

pub(super) fn precision(declared: u8, live: u8) -> Consequence {
    if live < declared { Consequence::ValuesChange } else { Consequence::Nothing }
}

/// Without digits, a decimal is as large as it likes, and the program's as large as it can.
pub(super) fn decimal(declared: Option<(u32, u32)>, live: Option<(u32, u32)>) -> Consequence {
    let before = |(precision, scale): (u32, u32)| precision.saturating_sub(scale);
    let declared_before = declared.map_or(DECIMAL_BEFORE + 1, before);
    let declared_behind = declared.map_or(DECIMAL_BEHIND, |(_, scale)| scale);
    let overflows = |digits: Option<(u32, u32)>| digits.is_none_or(|digits| before(digits) > DECIMAL_BEFORE);
    match live {
        live if overflows(live) && !overflows(declared) => Consequence::ReadsMayFail,
        Some(live) if before(live) < declared_before => Consequence::WritesMayFail,
        Some((_, scale)) if scale < declared_behind => Consequence::ValuesChange,
        _ => Consequence::Nothing,
    }
}
