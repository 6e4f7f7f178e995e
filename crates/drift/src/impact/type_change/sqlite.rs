//! SQLite decodes the stored value, whose type depends on the column's affinity. It enforces no length.

use crate::{consequence::Consequence, model::LogicalType};

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

/// What is bound for a field.
enum Bound {
    Integer,
    Real,
    /// As text, and read as a number.
    Decimal,
    Text,
    /// Text that never looks like a number.
    Words,
    Blob,
}

fn bound(field: &LogicalType) -> Bound {
    match field {
        LogicalType::Date | LogicalType::Time { .. } | LogicalType::Timestamp { .. } => Bound::Words,
        LogicalType::Enum { labels, .. } if labels.iter().all(|label| label.parse::<f64>().is_err()) => Bound::Words,
        LogicalType::Boolean | LogicalType::Integer { .. } => Bound::Integer,
        LogicalType::Float { .. } => Bound::Real,
        LogicalType::Decimal(_) | LogicalType::Money => Bound::Decimal,
        LogicalType::Binary(_) | LogicalType::Varbinary(_) | LogicalType::Blob(_) | LogicalType::Uuid => Bound::Blob,
        LogicalType::Char(_)
        | LogicalType::Varchar(_)
        | LogicalType::Text(_)
        | LogicalType::Bit(_)
        | LogicalType::BitVarying(_)
        | LogicalType::Year
        | LogicalType::Interval
        | LogicalType::Json
        | LogicalType::JsonBinary
        | LogicalType::Enum { .. }
        | LogicalType::Array(_)
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => Bound::Text,
    }
}

/// Of a STRICT table, which refuses what it cannot turn into the column's type: <https://www.sqlite.org/stricttables.html>.
pub(super) fn strict_consequence(declared: &LogicalType, live: &str) -> Consequence {
    // It keeps each value as it is.
    if live.eq_ignore_ascii_case("any") {
        return consequence(declared, "blob");
    }
    match (bound(declared), affinity(live)) {
        (Bound::Integer | Bound::Real | Bound::Decimal | Bound::Text | Bound::Words, Affinity::Blob)
        | (Bound::Text | Bound::Words, Affinity::Integer | Affinity::Real)
        | (Bound::Blob, Affinity::Integer | Affinity::Real | Affinity::Text) => Consequence::WritesFail,
        _ => consequence(declared, live),
    }
}

pub(super) fn consequence(declared: &LogicalType, live: &str) -> Consequence {
    if matches!(declared, LogicalType::Array(_) | LogicalType::Rust(_)) {
        return Consequence::ReadsFail;
    }
    let affinity = affinity(live);
    match (bound(declared), affinity) {
        (Bound::Integer, Affinity::Text | Affinity::Real)
        | (Bound::Real, Affinity::Text)
        | (Bound::Decimal, Affinity::Text | Affinity::Blob) => Consequence::ReadsFail,
        // 2.0 is stored as the integer 2, which is not decoded into an f64; text that looks like a number as one.
        (Bound::Real | Bound::Decimal, Affinity::Integer | Affinity::Numeric)
        | (Bound::Text, Affinity::Integer | Affinity::Real | Affinity::Numeric) => Consequence::ReadsMayFail,
        // Values are not converted, so another program may store any type.
        (Bound::Real | Bound::Text, Affinity::Blob) if live.is_empty() => Consequence::ReadsMayFail,
        (Bound::Integer, Affinity::Integer | Affinity::Numeric | Affinity::Blob)
        | (Bound::Real, Affinity::Real | Affinity::Blob)
        | (Bound::Decimal, Affinity::Real)
        | (Bound::Text, Affinity::Text | Affinity::Blob)
        | (Bound::Words | Bound::Blob, _) => Consequence::Nothing,
    }
}
