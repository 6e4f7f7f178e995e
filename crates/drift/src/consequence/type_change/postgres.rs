//! PostgreSQL is exact: an `int8` is not decoded into an `i32`. Values of a native enum are read and written by cast.

#![expect(clippy::wildcard_enum_match_arm, reason = "what is not named is not decoded, and that is the loudest answer")]

use super::size::{decimal, length, narrower, precision};
use crate::{
    consequence::Consequence,
    model::{Kind, Zone},
};

pub(super) fn consequence(declared: &Kind, live: &Kind) -> Consequence {
    match (declared, live) {
        (Kind::Enum { labels, .. }, live) => of_enum(labels, live),
        // Texts in braces are read as an array, too.
        (Kind::Array(element), live) if matches!(**element, Kind::Enum { .. }) => match live {
            // An empty one is read whatever it is of.
            Kind::Array(live) if family(live) != Family::Text => Consequence::WritesFail,
            Kind::Array(_) => Consequence::ReadsMayFail,
            live if family(live) == Family::Text => Consequence::ReadsMayFail,
            _ => Consequence::ReadsFail,
        },
        (Kind::Array(declared), Kind::Array(live)) => consequence(declared, live),
        (declared, live) if family(declared) != family(live) => Consequence::ReadsFail,
        (declared, live) => within_family(declared, live),
    }
}

/// The column is cast to text, so everything is read as such, and nothing but a label is known. A look-up does not
/// find a comparison of the two types.
fn of_enum(labels: &[String], live: &Kind) -> Consequence {
    match live {
        live if family(live) == Family::Text => Consequence::ReadsMayFail,
        Kind::Enum { labels: live, .. } if live.iter().any(|label| labels.contains(label)) => Consequence::WritesFail,
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
    Exactly(&'a Kind),
}

fn family(kind: &Kind) -> Family<'_> {
    match kind {
        Kind::Char(_) | Kind::Varchar(_) | Kind::Text(_) => Family::Text,
        Kind::Named(name) if name == "citext" || name == "name" => Family::Text,
        Kind::Named(name) if name == "inet" || name == "cidr" => Family::Network,
        Kind::Binary(_) | Kind::Varbinary(_) | Kind::Blob(_) => Family::Bytes,
        Kind::Bit(_) | Kind::BitVarying(_) => Family::Bits,
        Kind::Json | Kind::JsonBinary => Family::Json,
        Kind::Time { zone, .. } => Family::Time(*zone),
        Kind::Timestamp { zone, .. } => Family::Timestamp(*zone),
        Kind::Decimal(_) => Family::Decimal,
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Float { .. }
        | Kind::Money
        | Kind::Date
        | Kind::Year
        | Kind::Interval
        | Kind::Uuid
        | Kind::Array(_)
        | Kind::Enum { .. }
        | Kind::Named(_) => Family::Exactly(kind),
    }
}

/// The value comes through; how much of it?
fn within_family(declared: &Kind, live: &Kind) -> Consequence {
    match (declared, live) {
        (Kind::Decimal(declared), Kind::Decimal(live)) => decimal(*declared, *live),
        (Kind::Timestamp { precision: declared, .. }, Kind::Timestamp { precision: live, .. })
        | (Kind::Time { precision: declared, .. }, Kind::Time { precision: live, .. }) => precision(*declared, *live),
        // A `json` is compared with nothing, so look-ups fail that a `jsonb` would answer.
        (Kind::JsonBinary, Kind::Json) => Consequence::ReadsMayFail,
        // A `cidr` has no bits to the right of its mask: they are cleared.
        (Kind::Named(_), Kind::Named(live)) if live == "cidr" => Consequence::ValuesChange,
        // What is too long for a `name` is cut.
        (_, Kind::Named(name)) if name == "name" && length(declared) > length(live) => Consequence::ValuesChange,
        (_, Kind::Char(_)) if length(live) >= length(declared) => Consequence::ValuesChange,
        _ => narrower(length(live) < length(declared)),
    }
}
