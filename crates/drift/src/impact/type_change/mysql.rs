//! MySQL and MariaDB decode any integer of the right sign, and any text from any bytes.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "types that are not named are not decoded, which is the worst consequence"
)]

use super::size::{decimal, length, narrower, numbers, precision};
use crate::{
    consequence::Consequence,
    model::{LogicalType, Sign, Zone},
};

/// Bytes of a UUID.
const UUID_BYTES: u32 = 16;
/// Digits of a UUID.
const UUID_DIGITS: u32 = 32;
/// `0.0.0.0`
const SHORTEST_INET4: u32 = 7;

pub(super) fn consequence(declared: &LogicalType, live: &LogicalType) -> Consequence {
    match declared {
        LogicalType::Boolean => boolean(live),
        LogicalType::Integer { bits, sign: Sign::Signed } => signed(*bits, live),
        LogicalType::Integer { bits, sign: Sign::Unsigned } => unsigned(*bits, live),
        LogicalType::Float { bits, digits } => float(*bits, *digits, live),
        LogicalType::Decimal(declared) => match live {
            LogicalType::Decimal(live) => decimal(*declared, *live),
            _ => Consequence::ReadsFail,
        },
        LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_) => text(declared, live),
        LogicalType::Binary(_) | LogicalType::Varbinary(_) | LogicalType::Blob(_) => bytes(declared, live),
        LogicalType::Time { precision: declared, .. } => match live {
            LogicalType::Time { precision: live, .. } => precision(*declared, *live),
            _ => Consequence::ReadsFail,
        },
        LogicalType::Timestamp { precision: declared, zone } => match live {
            // A `timestamp` is not decoded without its zone; a `datetime` is, as UTC, which is what is stored.
            LogicalType::Timestamp { precision: live, zone: live_zone } if zone == live_zone || *zone == Zone::With => {
                precision(*declared, *live)
            }
            _ => Consequence::ReadsFail,
        },
        LogicalType::Json | LogicalType::JsonBinary => json(live),
        LogicalType::Uuid => uuid(live),
        LogicalType::Enum { labels, .. } => enumeration(labels, live),
        LogicalType::Bit(_)
        | LogicalType::BitVarying(_)
        | LogicalType::Date
        | LogicalType::Year
        | LogicalType::Money
        | LogicalType::Interval
        | LogicalType::Array(_)
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => Consequence::ReadsFail,
    }
}

/// Read through an `i8`.
fn boolean(live: &LogicalType) -> Consequence {
    match live {
        LogicalType::Boolean | LogicalType::Integer { bits: 8, .. } => Consequence::Nothing,
        LogicalType::Bit(bits) if *bits <= 8 => Consequence::Nothing,
        LogicalType::Integer { .. } | LogicalType::Bit(_) => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}

fn signed(bits: u8, live: &LogicalType) -> Consequence {
    match live {
        LogicalType::Boolean => numbers(bits.into(), 8),
        LogicalType::Integer { bits: live, sign: Sign::Signed } => numbers(bits.into(), (*live).into()),
        _ => Consequence::ReadsFail,
    }
}

fn unsigned(bits: u8, live: &LogicalType) -> Consequence {
    match live {
        LogicalType::Integer { bits: live, sign: Sign::Unsigned } => numbers(bits.into(), (*live).into()),
        LogicalType::Bit(live) => numbers(bits.into(), *live),
        // 1901 to 2155, and 0.
        LogicalType::Year if bits == 8 => Consequence::ReadsMayFail,
        LogicalType::Year => Consequence::WritesMayFail,
        _ => Consequence::ReadsFail,
    }
}

fn float(bits: u8, digits: Option<(u32, u32)>, live: &LogicalType) -> Consequence {
    match live {
        LogicalType::Float { digits: Some(live), .. } if digits.is_none_or(|digits| digits != *live) => {
            Consequence::WritesMayFail
        }
        LogicalType::Float { bits: live, .. } => narrower(*live < bits),
        _ => Consequence::ReadsFail,
    }
}

fn is_text(kind: &LogicalType) -> bool {
    matches!(kind, LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_))
}

fn is_bytes(kind: &LogicalType) -> bool {
    matches!(kind, LogicalType::Binary(_) | LogicalType::Varbinary(_) | LogicalType::Blob(_))
}

/// Types that are read as text and accept only some texts.
fn accepts_only_some_text(kind: &LogicalType) -> bool {
    match kind {
        LogicalType::Enum { .. } => true,
        LogicalType::Named(name) => name.starts_with("set(") || ["uuid", "inet4", "inet6"].contains(&name.as_str()),
        _ => false,
    }
}

fn text(declared: &LogicalType, live: &LogicalType) -> Consequence {
    match (declared, live) {
        (_, live) if is_bytes(live) => Consequence::ReadsMayFail,
        (declared, LogicalType::Named(name)) if name == "uuid" && length(declared) < UUID_DIGITS => {
            Consequence::WritesFail
        }
        (declared, LogicalType::Named(name)) if name == "inet4" && length(declared) < SHORTEST_INET4 => {
            Consequence::WritesFail
        }
        (_, live) if accepts_only_some_text(live) => Consequence::WritesMayFail,
        // A `varchar` is counted in characters of up to four bytes, a `text` in bytes.
        (LogicalType::Char(_) | LogicalType::Varchar(_), LogicalType::Text(Some(bytes))) => {
            narrower(u64::from(*bytes) < u64::from(length(declared)) * 4)
        }
        (_, live) if is_text(live) && length(live) < length(declared) => Consequence::WritesMayFail,
        (LogicalType::Char(_), live) if is_text(live) => Consequence::Nothing,
        // Blanks at its end are lost.
        (_, LogicalType::Char(_)) => Consequence::ValuesChange,
        (_, live) if is_text(live) => Consequence::Nothing,
        _ => Consequence::ReadsFail,
    }
}

fn bytes(declared: &LogicalType, live: &LogicalType) -> Consequence {
    match (declared, live) {
        (_, live) if is_bytes(live) && length(live) < length(declared) => Consequence::WritesMayFail,
        (_, LogicalType::Binary(_)) => Consequence::ValuesChange,
        (_, live) if is_bytes(live) => Consequence::Nothing,
        (declared, LogicalType::Named(name))
            if ["uuid", "inet6"].contains(&name.as_str()) && length(declared) < UUID_BYTES =>
        {
            Consequence::WritesFail
        }
        (_, live) if is_text(live) || accepts_only_some_text(live) => Consequence::WritesMayFail,
        _ => Consequence::ReadsFail,
    }
}

/// A column of text or bytes may hold what is not JSON; from all others JSON is not read.
fn json(live: &LogicalType) -> Consequence {
    match live {
        live if is_text(live) || is_bytes(live) => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}

/// Written as bytes, read from bytes and digits.
fn uuid(live: &LogicalType) -> Consequence {
    match live {
        LogicalType::Named(name) if name == "uuid" => Consequence::Nothing,
        LogicalType::Binary(length) if *length > UUID_BYTES => Consequence::ReadsFail,
        live if is_bytes(live) && length(live) >= UUID_BYTES => Consequence::ReadsMayFail,
        // A column of text fails, too: the bytes are not text of utf8mb4, and of an older character set they are read back as others.
        _ => Consequence::ReadsFail,
    }
}

fn enumeration(labels: &[String], live: &LogicalType) -> Consequence {
    match live {
        // A label that is shorter comes back padded, and matches none.
        LogicalType::Binary(length) if labels.iter().all(|label| label.len() as u64 != u64::from(*length)) => {
            Consequence::ReadsFail
        }
        LogicalType::Named(name) if name.starts_with("set(") => Consequence::ReadsMayFail,
        live if is_text(live) || is_bytes(live) => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}
