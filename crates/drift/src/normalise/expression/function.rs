//! What a function yields for arguments of which little is known.

use super::{
    functions::{is_never_null, is_null_for_null, is_strict},
    known::{Value, equal, strict},
    total::TIMES,
};
use crate::model::Dialect;

/// MySQL and MariaDB call the number of bytes `length`. A character has at most four.
fn length(name: &str, value: &Value, dialect: Dialect) -> Value {
    let is_in_bytes =
        name == "octet_length" || name == "length" && matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let counted = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let most = |length: u32| {
        let most = f64::from(length) * if is_in_bytes { 4.0 } else { 1.0 };
        let bytes = match dialect {
            // https://www.postgresql.org/docs/current/limits.html
            Dialect::Postgres => f64::from(1 << 30) - 1.0,
            // No varchar has more bytes than a text, nor a row.
            Dialect::MySql | Dialect::MariaDb if u16::try_from(length).is_ok() => f64::from(u16::MAX),
            Dialect::MySql | Dialect::MariaDb if length < 1 << 24 => f64::from(1 << 24) - 1.0,
            Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite => f64::from(u32::MAX),
        };
        most.min(bytes)
    };
    match value {
        Value::Text(text) => Value::Number(counted(if is_in_bytes { text.len() } else { text.chars().count() })),
        Value::UpTo(length) => Value::Within(0.0, most(*length)),
        Value::NotNull | Value::Within(..) | Value::Float | Value::Time | Value::Number(_) | Value::Truth(_) => {
            Value::Within(0.0, f64::from(u32::MAX))
        }
        Value::Null | Value::Unknown | Value::Fails => strict(std::slice::from_ref(value)),
    }
}

/// Whether it yields the same for the same arguments.
pub(super) fn is_function_of_arguments(name: &str) -> bool {
    name != "randomblob" && (is_strict(name) || ["coalesce", "concat"].contains(&name))
}

pub(super) fn call(name: &str, arguments: &[Value], dialect: Dialect) -> Value {
    /// They do not compute what they do not need.
    const LAZY: [&str; 6] = ["coalesce", "ifnull", "nvl", "case", "if", "iif"];
    if arguments.contains(&Value::Fails) && !LAZY.contains(&name) {
        return Value::Fails;
    }
    of_any(name, arguments, dialect)
        .or_else(|| of_texts(name, arguments, dialect))
        .or_else(|| of_times(name, arguments, dialect))
        .unwrap_or_else(|| {
            let value = strict(arguments);
            let is_certain = is_strict(name) || value == Value::Null && is_null_for_null(name);
            if is_never_null(name) {
                Value::NotNull
            } else if is_certain {
                value
            } else {
                Value::Unknown
            }
        })
}

/// Of conditions, and of values of any type.
fn of_any(name: &str, arguments: &[Value], dialect: Dialect) -> Option<Value> {
    Some(match (name, arguments) {
        ("not", [value]) => match (value, value.truth()) {
            (Value::Null, _) => Value::Null,
            (_, Some(truth)) => Value::Truth(!truth),
            (unknown, None) => strict(std::slice::from_ref(unknown)),
        },
        ("isnull", [value]) => value.is_null().map_or(Value::NotNull, Value::Truth),
        ("istrue", [Value::Null]) => Value::Truth(false),
        ("istrue", [value]) => value.truth().map_or(Value::NotNull, Value::Truth),
        ("coalesce" | "ifnull" | "nvl", values) => {
            let first = values.iter().find(|value| **value != Value::Null);
            match first {
                None => Value::Null,
                // One after it may still be other than NULL.
                Some(Value::Unknown) if values.iter().any(|value| value.is_null() == Some(false)) => Value::NotNull,
                Some(value) => value.clone(),
            }
        }
        ("num_nonnulls" | "num_nulls", values) => {
            let nulls: Option<Vec<bool>> = values.iter().map(Value::is_null).collect();
            let count = |nulls: Vec<bool>| nulls.iter().filter(|is_null| **is_null == (name == "num_nulls")).count();
            nulls.map_or(Value::NotNull, |nulls| {
                Value::Number(f64::from(u32::try_from(count(nulls)).unwrap_or(u32::MAX)))
            })
        }
        ("case" | "if" | "iif", values) => case(values),
        ("nullif", [left, right]) => match equal(left, right, dialect) {
            Some(true) => Value::Null,
            Some(false) => left.clone(),
            None if *left == Value::Null || *right == Value::Null => left.clone(),
            None => Value::Unknown,
        },
        ("greatest" | "least", values) if extreme(name, values, dialect).is_some() => extreme(name, values, dialect)?,
        ("max" | "min", values) if values.len() > 1 && extreme(name, values, dialect).is_some() => {
            extreme(name, values, dialect)?
        }
        // PostgreSQL skips NULL.
        ("greatest" | "least", values) if dialect == Dialect::Postgres => match values {
            values if values.iter().all(|value| *value == Value::Null) => Value::Null,
            values if values.iter().any(|value| value.is_null() == Some(false)) => Value::NotNull,
            _ => Value::Unknown,
        },
        ("greatest" | "least", values) => strict(values),
        ("max" | "min", values) if values.len() > 1 => strict(values),
        ("floor" | "ceil" | "ceiling" | "round", [Value::Within(least, greatest)]) => {
            Value::Within(least.floor(), greatest.ceil())
        }
        ("abs", [value]) if value.is_null() == Some(false) => Value::Within(0.0, f64::INFINITY),
        ("typeof", [Value::Null]) => Value::Text("null".to_owned()),
        ("typeof", [Value::Text(_) | Value::UpTo(_)]) => Value::Text("text".to_owned()),
        ("typeof", [Value::Float]) => Value::Text("real".to_owned()),
        ("typeof", [Value::Within(..)]) => Value::Text("integer".to_owned()),
        ("typeof", [_]) => Value::NotNull,
        _ => return None,
    })
}

/// The greatest or the least of numbers of which the ends are known.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is no number, or an unknown one")]
fn extreme(name: &str, values: &[Value], dialect: Dialect) -> Option<Value> {
    let skipped = |value: &&Value| dialect == Dialect::Postgres && **value == Value::Null;
    let ends = |value: &Value| match value {
        Value::Number(number) => Some((*number, *number)),
        Value::Within(least, greatest) => Some((*least, *greatest)),
        _ => None,
    };
    let numbers = values.iter().filter(|value| !skipped(value)).map(ends).collect::<Option<Vec<_>>>()?;
    let choose = if ["greatest", "max"].contains(&name) { f64::max } else { f64::min };
    let (least, greatest) =
        numbers.into_iter().reduce(|one, other| (choose(one.0, other.0), choose(one.1, other.1)))?;
    Some(if least < greatest { Value::Within(least, greatest) } else { Value::Number(least) })
}

/// Of texts.
fn of_texts(name: &str, arguments: &[Value], dialect: Dialect) -> Option<Value> {
    Some(match (name, arguments) {
        ("lower" | "lcase", [Value::Text(text)]) if text.is_ascii() => Value::Text(text.to_ascii_lowercase()),
        ("upper" | "ucase", [Value::Text(text)]) if text.is_ascii() => Value::Text(text.to_ascii_uppercase()),
        ("trim" | "btrim", [Value::Text(text)]) => Value::Text(text.trim_matches(' ').to_owned()),
        (
            "trim" | "btrim" | "ltrim" | "rtrim" | "left" | "right" | "substr" | "substring",
            [Value::UpTo(length), rest @ ..],
        ) if rest.iter().all(|value| value.is_null() == Some(false)) => part(name, *length, rest),
        ("concat", values) => joined(values, dialect),
        ("concat_ws", [Value::Text(between), values @ ..]) => joined_by(between, values),
        ("strpos" | "instr", [Value::Text(whole), Value::Text(part)])
            if !whole.to_lowercase().contains(&part.to_lowercase()) && whole.is_ascii() && part.is_ascii() =>
        {
            Value::Number(0.0)
        }
        ("length" | "char_length" | "character_length" | "octet_length", [value]) => length(name, value, dialect),
        ("jsonb_typeof" | "json_typeof", [Value::Text(text)]) => match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(_)) => Value::Text("object".to_owned()),
            Ok(serde_json::Value::Array(_)) => Value::Text("array".to_owned()),
            Ok(_) => Value::NotNull,
            Err(_) => Value::Unknown,
        },
        // As PostgreSQL prints a list without members.
        ("cardinality", [Value::Text(list)]) if list == "{}" => Value::Number(0.0),
        ("hex", [Value::Null]) if dialect == Dialect::Sqlite => Value::Text(String::new()),
        ("json_valid", [Value::Text(text)]) => {
            Value::Truth(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
        }
        ("printf" | "format", [Value::Text(_), ..]) if dialect == Dialect::Sqlite => Value::NotNull,
        _ => return None,
    })
}

/// Of times and their parts.
fn of_times(name: &str, arguments: &[Value], dialect: Dialect) -> Option<Value> {
    Some(match (name, arguments) {
        ("unix_timestamp", []) => EPOCH_NOW,
        // No field holds an infinite time.
        ("isfinite", [Value::Time | Value::NotNull]) => Value::Truth(true),
        ("date_part", [Value::Text(field), Value::Time]) => part_of_time(field, dialect),
        (
            "year" | "quarter" | "month" | "day" | "dayofmonth" | "dayofweek" | "hour" | "minute" | "second",
            [Value::Time],
        ) => part_of_time(name, dialect),
        (name, values) if dialect == Dialect::Sqlite && TIMES.contains(&name) => {
            let time = if name == "strftime" { values.get(1..).unwrap_or_default() } else { values };
            let is_known = |value: &Value| matches!(value, Value::Text(text) if is_modifier(text));
            match time {
                [Value::Text(now), modifiers @ ..] if now == "now" && modifiers.iter().all(is_known) => match name {
                    "unixepoch" => EPOCH_NOW,
                    "julianday" => Value::Within(2_459_000.0, 2_500_000.0),
                    _ => Value::NotNull,
                },
                // Of a time that is NULL, or changed by NULL.
                _ if values.contains(&Value::Null) => Value::Null,
                _ => Value::Unknown,
            }
        }
        _ => return None,
    })
}

/// A part of a text of at most so many characters, which is not longer.
fn part(function: &str, length: u32, arguments: &[Value]) -> Value {
    let most = match (function, arguments) {
        ("left" | "right", [Value::Number(most)]) | ("substr" | "substring", [_, Value::Number(most)]) => *most,
        _ => f64::from(length),
    };
    // A negative number counts from the other end.
    let is_less = most >= 0.0 && most < f64::from(length);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and the length")]
    Value::UpTo(if is_less { most as u32 } else { length })
}

/// The seconds from 1970 to now, whenever that is in this century and after this was written.
pub(super) const EPOCH_NOW: Value = Value::Within(1.7e9, 4.2e9);

/// What SQLite does to a time: <https://www.sqlite.org/lang_datefunc.html>.
fn is_modifier(text: &str) -> bool {
    const WORDS: [&str; 5] = ["localtime", "utc", "start of day", "start of month", "start of year"];
    const UNITS: [&str; 6] = ["day", "hour", "minute", "second", "month", "year"];
    let is_step = text.split_once(' ').is_some_and(|(number, unit)| {
        number.parse::<i32>().is_ok_and(|number| number.abs() < 1000)
            && UNITS.contains(&unit.strip_suffix('s').unwrap_or(unit))
    });
    WORDS.contains(&text) || is_step
}

/// MySQL and MariaDB return NULL for NULL; PostgreSQL and SQLite skip it. Each prints a number in its own way.
fn joined(values: &[Value], dialect: Dialect) -> Value {
    let skips_null = matches!(dialect, Dialect::Postgres | Dialect::Sqlite);
    if skips_null {
        joined_by("", values)
    } else {
        texts(values).map_or_else(|| strict(values), |texts| Value::Text(texts.concat()))
    }
}

/// `concat_ws`, which skips NULL on every server.
fn joined_by(between: &str, values: &[Value]) -> Value {
    let given: Vec<Value> = values.iter().filter(|value| **value != Value::Null).cloned().collect();
    texts(&given).map_or(Value::NotNull, |texts| Value::Text(texts.join(between)))
}

/// The texts, if all are known.
fn texts(values: &[Value]) -> Option<Vec<&str>> {
    values.iter().map(|value| if let Value::Text(text) = value { Some(text.as_str()) } else { None }).collect()
}

/// MySQL and MariaDB have hours beyond a day. No field holds the month and the day 0 that they have, too.
fn part_of_time(field: &str, dialect: Dialect) -> Value {
    match field {
        // The years of PostgreSQL's timestamps and dates.
        "year" if dialect == Dialect::Postgres => Value::Within(-4713.0, 5_874_897.0),
        "year" => Value::Within(0.0, 9999.0),
        "quarter" => Value::Within(1.0, 4.0),
        "month" => Value::Within(1.0, 12.0),
        "day" | "dayofmonth" => Value::Within(1.0, 31.0),
        "dayofweek" | "isodow" => Value::Within(1.0, 7.0),
        "dow" => Value::Within(0.0, 6.0),
        "doy" => Value::Within(1.0, 366.0),
        "hour" if dialect == Dialect::Postgres => Value::Within(0.0, 24.0),
        "hour" => Value::Within(0.0, 838.0),
        "minute" => Value::Within(0.0, 59.0),
        "second" => Value::Within(0.0, 60.0),
        _ => Value::NotNull,
    }
}

/// Conditions and values in turn, and the value that is left.
fn case(parts: &[Value]) -> Value {
    for pair in parts.chunks(2) {
        match pair {
            [condition, value] => match (condition, condition.truth()) {
                (_, Some(true)) => return value.clone(),
                (Value::Null, _) | (_, Some(false)) => {}
                (_, None) => return Value::Unknown,
            },
            [left] => return left.clone(),
            _ => return Value::Unknown,
        }
    }
    Value::Unknown
}
