//! MySQL and MariaDB decode any integer of the right sign, and any text from any bytes.

#![expect(clippy::wildcard_enum_match_arm, reason = "what is not named is not decoded, and that is the loudest answer")]

use super::size::{decimal, length, narrower, numbers, precision};
use crate::{
    consequence::Consequence,
    model::{Kind, Sign, Zone},
};

/// Bytes of a UUID.
const UUID: u32 = 16;
/// Digits of a UUID.
const UUID_DIGITS: u32 = 32;
/// `0.0.0.0`
const SHORTEST_INET4: u32 = 7;

pub(super) fn consequence(declared: &Kind, live: &Kind) -> Consequence {
    match declared {
        Kind::Boolean => boolean(live),
        Kind::Integer { bits, sign: Sign::Signed } => signed(*bits, live),
        Kind::Integer { bits, sign: Sign::Unsigned } => unsigned(*bits, live),
        Kind::Float { bits, digits } => float(*bits, *digits, live),
        Kind::Decimal(declared) => match live {
            Kind::Decimal(live) => decimal(*declared, *live),
            _ => Consequence::ReadsFail,
        },
        Kind::Char(_) | Kind::Varchar(_) | Kind::Text(_) => text(declared, live),
        Kind::Binary(_) | Kind::Varbinary(_) | Kind::Blob(_) => bytes(declared, live),
        Kind::Time { precision: declared, .. } => match live {
            Kind::Time { precision: live, .. } => precision(*declared, *live),
            _ => Consequence::ReadsFail,
        },
        Kind::Timestamp { precision: declared, zone } => match live {
            // A `timestamp` is not decoded without its zone; a `datetime` is, as UTC, which is what is stored.
            Kind::Timestamp { precision: live, zone: live_zone } if zone == live_zone || *zone == Zone::With => {
                precision(*declared, *live)
            }
            _ => Consequence::ReadsFail,
        },
        Kind::Json | Kind::JsonBinary => json(live),
        Kind::Uuid => uuid(live),
        Kind::Enum { labels, .. } => label(labels, live),
        Kind::Bit(_)
        | Kind::BitVarying(_)
        | Kind::Date
        | Kind::Year
        | Kind::Money
        | Kind::Interval
        | Kind::Array(_)
        | Kind::Named(_) => Consequence::ReadsFail,
    }
}

/// Read through an `i8`.
fn boolean(live: &Kind) -> Consequence {
    match live {
        Kind::Boolean | Kind::Integer { bits: 8, .. } => Consequence::Nothing,
        Kind::Bit(bits) if *bits <= 8 => Consequence::Nothing,
        Kind::Integer { .. } | Kind::Bit(_) => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}

fn signed(bits: u8, live: &Kind) -> Consequence {
    match live {
        Kind::Boolean => numbers(bits.into(), 8),
        Kind::Integer { bits: live, sign: Sign::Signed } => numbers(bits.into(), (*live).into()),
        _ => Consequence::ReadsFail,
    }
}

fn unsigned(bits: u8, live: &Kind) -> Consequence {
    match live {
        Kind::Integer { bits: live, sign: Sign::Unsigned } => numbers(bits.into(), (*live).into()),
        Kind::Bit(live) => numbers(bits.into(), *live),
        // 1901 to 2155, and 0.
        Kind::Year if bits == 8 => Consequence::ReadsMayFail,
        Kind::Year => Consequence::WritesMayFail,
        _ => Consequence::ReadsFail,
    }
}

fn float(bits: u8, digits: Option<(u32, u32)>, live: &Kind) -> Consequence {
    match live {
        Kind::Float { digits: Some(live), .. } if digits.is_none_or(|digits| digits != *live) => {
            Consequence::WritesMayFail
        }
        Kind::Float { bits: live, .. } => narrower(*live < bits),
        _ => Consequence::ReadsFail,
    }
}

fn is_text(kind: &Kind) -> bool {
    matches!(kind, Kind::Char(_) | Kind::Varchar(_) | Kind::Text(_))
}

fn is_bytes(kind: &Kind) -> bool {
    matches!(kind, Kind::Binary(_) | Kind::Varbinary(_) | Kind::Blob(_))
}

/// Types that come as text and take only some of it.
fn is_picky(kind: &Kind) -> bool {
    match kind {
        Kind::Enum { .. } => true,
        Kind::Named(name) => name.starts_with("set(") || ["uuid", "inet4", "inet6"].contains(&name.as_str()),
        _ => false,
    }
}

fn text(declared: &Kind, live: &Kind) -> Consequence {
    match (declared, live) {
        (_, live) if is_bytes(live) => Consequence::ReadsMayFail,
        (declared, Kind::Named(name)) if name == "uuid" && length(declared) < UUID_DIGITS => Consequence::WritesFail,
        (declared, Kind::Named(name)) if name == "inet4" && length(declared) < SHORTEST_INET4 => {
            Consequence::WritesFail
        }
        (_, live) if is_picky(live) => Consequence::WritesMayFail,
        // One is counted in characters of up to four bytes, the other in bytes.
        (Kind::Char(_) | Kind::Varchar(_), Kind::Text(Some(bytes))) => {
            narrower(u64::from(*bytes) < u64::from(length(declared)) * 4)
        }
        (_, live) if is_text(live) && length(live) < length(declared) => Consequence::WritesMayFail,
        (Kind::Char(_), live) if is_text(live) => Consequence::Nothing,
        // Blanks at its end are lost.
        (_, Kind::Char(_)) => Consequence::ValuesChange,
        (_, live) if is_text(live) => Consequence::Nothing,
        _ => Consequence::ReadsFail,
    }
}

fn bytes(declared: &Kind, live: &Kind) -> Consequence {
    match (declared, live) {
        (_, live) if is_bytes(live) && length(live) < length(declared) => Consequence::WritesMayFail,
        (_, Kind::Binary(_)) => Consequence::ValuesChange,
        (_, live) if is_bytes(live) => Consequence::Nothing,
        (declared, Kind::Named(name)) if ["uuid", "inet6"].contains(&name.as_str()) && length(declared) < UUID => {
            Consequence::WritesFail
        }
        (_, live) if is_text(live) || is_picky(live) => Consequence::WritesMayFail,
        _ => Consequence::ReadsFail,
    }
}

/// Whatever is not JSON may be there, unless nothing but that can.
fn json(live: &Kind) -> Consequence {
    match live {
        live if is_text(live) || is_bytes(live) => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}

/// Written as bytes, read from bytes and digits.
fn uuid(live: &Kind) -> Consequence {
    match live {
        Kind::Named(name) if name == "uuid" => Consequence::Nothing,
        Kind::Binary(length) if *length > UUID => Consequence::ReadsFail,
        live if (is_text(live) || is_bytes(live)) && length(live) >= UUID => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}

fn label(labels: &[String], live: &Kind) -> Consequence {
    match live {
        // All others come back padded.
        Kind::Binary(length) if labels.iter().all(|label| label.len() as u64 != u64::from(*length)) => {
            Consequence::ReadsFail
        }
        Kind::Named(name) if name.starts_with("set(") => Consequence::ReadsMayFail,
        live if is_text(live) || is_bytes(live) => Consequence::ReadsMayFail,
        _ => Consequence::ReadsFail,
    }
}
