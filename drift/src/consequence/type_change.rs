//! What the driver does with a type other than the declared one.
//!
//! Source: the `compatible` and `encode` implementations of sqlx 0.9 for each backend. PostgreSQL is exact: an `int8`
//! is not decoded into an `i32`. MySQL decodes any integer of the right sign. SQLite goes by the value that was
//! stored, which the column's affinity decides.

use super::Consequence;
use crate::model::{ColumnType, Dialect, Kind, Sides, Sign, Zone};

pub(super) fn consequence(sides: &Sides<ColumnType>, dialect: Dialect) -> Consequence {
    let (declared, live) = (&sides.declared.kind, &sides.live.kind);
    match dialect {
        Dialect::Sqlite => sqlite(declared, &sides.live.text),
        Dialect::Postgres if postgres_family(declared) != postgres_family(live) => Consequence::ReadsFail,
        Dialect::MySql | Dialect::MariaDb if !mysql_decodes(declared, live) => Consequence::ReadsFail,
        Dialect::Postgres | Dialect::MySql | Dialect::MariaDb => within_family(declared, live, dialect),
    }
}

/// Types of one family decode into the same Rust types.
#[derive(PartialEq)]
enum Family<'a> {
    Text,
    Bytes,
    Bits,
    Json,
    Time(Zone),
    Timestamp(Zone),
    Decimal,
    Array(Box<Self>),
    Exactly(&'a Kind),
}

fn postgres_family(kind: &Kind) -> Family<'_> {
    match kind {
        Kind::Char(_) | Kind::Varchar(_) | Kind::Text(_) => Family::Text,
        Kind::Named(name) if name == "citext" || name == "name" => Family::Text,
        Kind::Binary(_) | Kind::Varbinary(_) | Kind::Blob(_) => Family::Bytes,
        Kind::Bit(_) | Kind::BitVarying(_) => Family::Bits,
        Kind::Json | Kind::JsonBinary => Family::Json,
        Kind::Time { zone, .. } => Family::Time(*zone),
        Kind::Timestamp { zone, .. } => Family::Timestamp(*zone),
        Kind::Decimal(_) => Family::Decimal,
        Kind::Array(element) => Family::Array(Box::new(postgres_family(element))),
        Kind::Boolean
        | Kind::Integer { .. }
        | Kind::Float { .. }
        | Kind::Money
        | Kind::Date
        | Kind::Year
        | Kind::Interval
        | Kind::Uuid
        | Kind::Enum(_)
        | Kind::Named(_) => Family::Exactly(kind),
    }
}

fn mysql_decodes(declared: &Kind, live: &Kind) -> bool {
    let is_text = |kind: &Kind| matches!(kind, Kind::Char(_) | Kind::Varchar(_) | Kind::Text(_) | Kind::Enum(_));
    let is_bytes = |kind: &Kind| matches!(kind, Kind::Binary(_) | Kind::Varbinary(_) | Kind::Blob(_) | Kind::Uuid);
    match (declared, live) {
        (Kind::Boolean, Kind::Integer { .. } | Kind::Bit(_)) => true,
        (Kind::Integer { sign, .. }, Kind::Boolean) => *sign == Sign::Signed,
        (Kind::Integer { sign: declared, .. }, Kind::Integer { sign: live, .. }) => declared == live,
        (Kind::Float { .. }, Kind::Float { .. })
        | (Kind::Decimal(_), Kind::Decimal(_))
        | (Kind::Time { .. }, Kind::Time { .. })
        | (Kind::Bit(_) | Kind::BitVarying(_), Kind::Bit(_) | Kind::BitVarying(_)) => true,
        // A `timestamp` is not decoded without its zone; a `datetime` is, as UTC.
        (Kind::Timestamp { zone: declared, .. }, Kind::Timestamp { zone: live, .. }) => {
            declared == live || *live == Zone::Without
        }
        (Kind::Json, live) => is_text(live) || is_bytes(live),
        (declared, live) if is_text(declared) => is_text(live),
        (declared, live) if is_bytes(declared) => is_bytes(live),
        (declared, live) => declared == live,
    }
}

/// The value comes through; how much of it?
fn within_family(declared: &Kind, live: &Kind, dialect: Dialect) -> Consequence {
    match (declared, live) {
        (Kind::Array(declared), Kind::Array(live)) => within_family(declared, live, dialect),
        (_, Kind::Enum(_)) => Consequence::WritesMayFail,
        (Kind::Integer { bits: declared, .. }, Kind::Integer { bits: live, .. }) => narrower(live < declared),
        (Kind::Integer { .. }, Kind::Boolean) => Consequence::WritesMayFail,
        (Kind::Float { digits: None, .. }, Kind::Float { digits: Some(_), .. }) => Consequence::WritesMayFail,
        (Kind::Float { bits: declared, .. }, Kind::Float { bits: live, .. }) if live < declared => {
            Consequence::ValuesChange
        }
        (Kind::Char(_) | Kind::Varchar(_), Kind::Text(Some(bytes))) => {
            // MySQL counts the one in characters of up to four bytes, the other in bytes.
            narrower(u64::from(*bytes) < u64::from(length(declared)) * 4)
        }
        (Kind::Decimal(declared), Kind::Decimal(live)) => decimal(*declared, *live),
        (Kind::Timestamp { zone: declared, .. }, Kind::Timestamp { zone: live, .. }) if declared != live => {
            // MySQL: a `datetime` keeps what it was given and forgets the zone.
            Consequence::ValuesChange
        }
        (Kind::Timestamp { precision: declared, .. }, Kind::Timestamp { precision: live, .. })
        | (Kind::Time { precision: declared, .. }, Kind::Time { precision: live, .. })
            if live < declared =>
        {
            Consequence::ValuesChange
        }
        (Kind::Char(_), Kind::Char(_)) => narrower(length(live) < length(declared)),
        (_, Kind::Char(_)) if length(live) < length(declared) => Consequence::WritesMayFail,
        // PostgreSQL pads, MySQL pads bytes only.
        (_, Kind::Char(_)) if dialect == Dialect::Postgres => Consequence::ValuesChange,
        (_, Kind::Binary(_)) => Consequence::ValuesChange,
        (Kind::Char(_) | Kind::Varchar(_), Kind::Named(_)) => narrower(length(declared) > 63 && is_name(live)),
        _ => narrower(length(live) < length(declared)),
    }
}

/// PostgreSQL's type of 63 bytes.
fn is_name(kind: &Kind) -> bool {
    *kind == Kind::Named("name".to_owned())
}

fn narrower(is_narrower: bool) -> Consequence {
    if is_narrower { Consequence::WritesMayFail } else { Consequence::Nothing }
}

fn decimal(declared: Option<(u32, u32)>, live: Option<(u32, u32)>) -> Consequence {
    match (declared, live) {
        (_, None) => Consequence::Nothing,
        (None, Some(_)) => Consequence::WritesMayFail,
        (Some((precision, scale)), Some((live_precision, live_scale))) => {
            if live_precision.saturating_sub(live_scale) < precision.saturating_sub(scale) {
                Consequence::WritesMayFail
            } else if live_scale < scale {
                Consequence::ValuesChange
            } else {
                Consequence::Nothing
            }
        }
    }
}

/// How much a type holds, in its own unit.
fn length(kind: &Kind) -> u32 {
    match kind {
        Kind::Char(length) | Kind::Binary(length) | Kind::Bit(length) => *length,
        Kind::Varchar(length)
        | Kind::Text(length)
        | Kind::Varbinary(length)
        | Kind::Blob(length)
        | Kind::BitVarying(length) => length.unwrap_or(u32::MAX),
        Kind::Uuid => 16,
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
        | Kind::Enum(_)
        | Kind::Array(_)
        | Kind::Named(_) => u32::MAX,
    }
}

/// What a column turns values into as they are stored. Source: <https://www.sqlite.org/datatype3.html#affname>.
#[derive(Clone, Copy, PartialEq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

fn affinity(text: &str) -> Affinity {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["int"]) {
        Affinity::Integer
    } else if has(&["char", "clob", "text"]) {
        Affinity::Text
    } else if text.is_empty() || has(&["blob"]) {
        Affinity::Blob
    } else if has(&["real", "floa", "doub"]) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// What is bound for the declared kind, and what the column makes of it. No length is ever enforced.
fn sqlite(declared: &Kind, live: &str) -> Consequence {
    use Affinity::{Blob, Integer, Numeric, Real, Text};
    let bound = match declared {
        // Their text never looks like a number, so every affinity leaves it alone.
        Kind::Date | Kind::Time { .. } | Kind::Timestamp { .. } => return Consequence::Nothing,
        Kind::Boolean | Kind::Integer { .. } => Integer,
        Kind::Float { .. } | Kind::Decimal(_) | Kind::Money => Real,
        Kind::Binary(_) | Kind::Varbinary(_) | Kind::Blob(_) | Kind::Uuid => Blob,
        Kind::Char(_)
        | Kind::Varchar(_)
        | Kind::Text(_)
        | Kind::Bit(_)
        | Kind::BitVarying(_)
        | Kind::Year
        | Kind::Interval
        | Kind::Json
        | Kind::JsonBinary
        | Kind::Enum(_)
        | Kind::Array(_)
        | Kind::Named(_) => Text,
    };
    match (bound, affinity(live)) {
        (Integer | Real, Text) | (Integer, Real) => Consequence::ReadsFail,
        // 2.0 is stored as the integer 2, which is not decoded into an f64; text that looks like a number as one.
        (Real, Integer | Numeric) | (Text, Integer | Real | Numeric) => Consequence::ReadsMayFail,
        (Text, Text) | (Integer, Integer | Numeric) | (Real, Real) | (Blob | Numeric, _) | (_, Blob) => {
            Consequence::Nothing
        }
    }
}
