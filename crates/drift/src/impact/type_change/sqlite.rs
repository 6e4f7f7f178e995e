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

/// The type as which the driver sends the value of a field.
enum BoundAs {
    Integer,
    Real,
    /// Sent as text, and decoded from a number.
    Decimal,
    Text,
    /// Text that never looks like a number.
    NonNumericText,
    Blob,
}

fn bound_as(field: &LogicalType) -> BoundAs {
    match field {
        LogicalType::Date | LogicalType::Time { .. } | LogicalType::Timestamp { .. } => BoundAs::NonNumericText,
        LogicalType::Enum { labels, .. } if labels.iter().all(|label| label.parse::<f64>().is_err()) => {
            BoundAs::NonNumericText
        }
        LogicalType::Boolean | LogicalType::Integer { .. } => BoundAs::Integer,
        LogicalType::Float { .. } => BoundAs::Real,
        LogicalType::Decimal(_) | LogicalType::Money => BoundAs::Decimal,
        LogicalType::Binary(_) | LogicalType::Varbinary(_) | LogicalType::Blob(_) | LogicalType::Uuid => BoundAs::Blob,
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
        | LogicalType::Unsupported => BoundAs::Text,
    }
}

/// Of a STRICT table, which refuses what it cannot turn into the column's type: <https://www.sqlite.org/stricttables.html>.
pub(super) fn strict_consequence(declared: &LogicalType, live: &str) -> Consequence {
    // It keeps each value as it is.
    if live.eq_ignore_ascii_case("any") {
        return consequence(declared, "blob");
    }
    match (bound_as(declared), affinity(live)) {
        (
            BoundAs::Integer | BoundAs::Real | BoundAs::Decimal | BoundAs::Text | BoundAs::NonNumericText,
            Affinity::Blob,
        )
        | (BoundAs::Text | BoundAs::NonNumericText, Affinity::Integer | Affinity::Real)
        | (BoundAs::Blob, Affinity::Integer | Affinity::Real | Affinity::Text) => Consequence::WritesFail,
        _ => consequence(declared, live),
    }
}

pub(super) fn consequence(declared: &LogicalType, live: &str) -> Consequence {
    if matches!(declared, LogicalType::Array(_) | LogicalType::Rust(_)) {
        return Consequence::ReadsFail;
    }
    let affinity = affinity(live);
    match (bound_as(declared), affinity) {
        (BoundAs::Integer, Affinity::Text | Affinity::Real)
        | (BoundAs::Real, Affinity::Text)
        | (BoundAs::Decimal, Affinity::Text | Affinity::Blob) => Consequence::ReadsFail,
        // 2.0 is stored as the integer 2, which is not decoded into an f64. Text that looks like a number is stored as one.
        (BoundAs::Real | BoundAs::Decimal, Affinity::Integer | Affinity::Numeric)
        | (BoundAs::Text, Affinity::Integer | Affinity::Real | Affinity::Numeric) => Consequence::ReadsMayFail,
        // Values are not converted, so another program may store any type.
        (BoundAs::Real | BoundAs::Text, Affinity::Blob) if live.is_empty() => Consequence::ReadsMayFail,
        (BoundAs::Integer, Affinity::Integer | Affinity::Numeric | Affinity::Blob)
        | (BoundAs::Real, Affinity::Real | Affinity::Blob)
        | (BoundAs::Decimal, Affinity::Real)
        | (BoundAs::Text, Affinity::Text | Affinity::Blob)
        | (BoundAs::NonNumericText | BoundAs::Blob, _) => Consequence::Nothing,
    }
}
