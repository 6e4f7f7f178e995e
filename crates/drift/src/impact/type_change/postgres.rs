//! PostgreSQL is exact: an `int8` is not decoded into an `i32`. Values of a native enum are read and written by cast.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "types that are not named are not decoded, which is the worst consequence"
)]

use super::size::{decimal, length, narrower, precision};
use crate::{
    consequence::Consequence,
    model::{LogicalType, Sign, Zone},
};

pub(super) fn consequence(declared: &LogicalType, live: &LogicalType) -> Consequence {
    match (declared, live) {
        (LogicalType::Enum { labels, .. }, live) => of_enum(labels, live),
        // Texts in braces are read as an array, too.
        (LogicalType::Array(element), live) if matches!(**element, LogicalType::Enum { .. }) => match live {
            // An empty array is decoded whatever its element type.
            LogicalType::Array(live) if family(live) != Family::Text => Consequence::WritesFail,
            LogicalType::Array(_) => Consequence::ReadsMayFail,
            live if family(live) == Family::Text => Consequence::ReadsMayFail,
            _ => Consequence::ReadsFail,
        },
        (LogicalType::Array(declared), LogicalType::Array(live)) => consequence(declared, live),
        // SeaORM tries an `i32`, which it converts.
        (LogicalType::Rust(name), LogicalType::Integer { bits: 32, sign: Sign::Signed }) if name == "u32" => {
            Consequence::WritesMayFail
        }
        (LogicalType::Rust(name), LogicalType::Named(live)) if (name.as_str(), live.as_str()) == ("u32", "oid") => {
            Consequence::Nothing
        }
        (declared, live) if family(declared) != family(live) => Consequence::ReadsFail,
        (declared, live) => within_family(declared, live),
    }
}

/// The column is cast to text, so everything is read as such, and nothing but a label is known. A look-up does not
/// find a comparison of the two types.
fn of_enum(labels: &[String], live: &LogicalType) -> Consequence {
    match live {
        live if family(live) == Family::Text => Consequence::ReadsMayFail,
        LogicalType::Enum { labels: live, .. } if live.iter().any(|label| labels.contains(label)) => {
            Consequence::WritesFail
        }
        _ => Consequence::ReadsFail,
    }
}

/// Types of one family decode into the same Rust types.
#[derive(PartialEq)]
enum Family<'a> {
    Text,
    Bytes,
    Bits,
    Json,
    Network,
    Time(Zone),
    Timestamp(Zone),
    Decimal,
    Exactly(&'a LogicalType),
}

fn family(kind: &LogicalType) -> Family<'_> {
    match kind {
        LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_) => Family::Text,
        LogicalType::Named(name) if name == "citext" || name == "name" => Family::Text,
        LogicalType::Named(name) if name == "inet" || name == "cidr" => Family::Network,
        LogicalType::Binary(_) | LogicalType::Varbinary(_) | LogicalType::Blob(_) => Family::Bytes,
        LogicalType::Bit(_) | LogicalType::BitVarying(_) => Family::Bits,
        LogicalType::Json | LogicalType::JsonBinary => Family::Json,
        LogicalType::Time { zone, .. } => Family::Time(*zone),
        LogicalType::Timestamp { zone, .. } => Family::Timestamp(*zone),
        LogicalType::Decimal(_) => Family::Decimal,
        LogicalType::Boolean
        | LogicalType::Integer { .. }
        | LogicalType::Float { .. }
        | LogicalType::Money
        | LogicalType::Date
        | LogicalType::Year
        | LogicalType::Interval
        | LogicalType::Uuid
        | LogicalType::Array(_)
        | LogicalType::Enum { .. }
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => Family::Exactly(kind),
    }
}

/// The value comes through; how much of it?
fn within_family(declared: &LogicalType, live: &LogicalType) -> Consequence {
    match (declared, live) {
        (LogicalType::Decimal(declared), LogicalType::Decimal(live)) => decimal(*declared, *live),
        (LogicalType::Timestamp { precision: declared, .. }, LogicalType::Timestamp { precision: live, .. })
        | (LogicalType::Time { precision: declared, .. }, LogicalType::Time { precision: live, .. }) => {
            precision(*declared, *live)
        }
        // A `json` is compared with nothing, so look-ups fail that a `jsonb` would answer.
        (LogicalType::JsonBinary, LogicalType::Json) => Consequence::ReadsMayFail,
        // A `cidr` has no bits to the right of its mask: they are cleared.
        (LogicalType::Named(_), LogicalType::Named(live)) if live == "cidr" => Consequence::ValuesChange,
        // What is too long for a `name` is cut.
        (_, LogicalType::Named(name)) if name == "name" && length(declared) > length(live) => Consequence::ValuesChange,
        (_, LogicalType::Char(_)) if length(live) >= length(declared) => Consequence::ValuesChange,
        _ => narrower(length(live) < length(declared)),
    }
}
