//! What an expression yields for a row of which little is known: the columns that an insert omits. Guesses nothing: what it
//! does not know for certain is `NotNull` or `Unknown`.

use super::{
    known::{Value, equal, ordered},
    total::{ALWAYS, TIMES},
    tree::Expression,
};
use crate::model::Dialect;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stored {
    /// It is NULL.
    Null,
    /// It is this constant, as text.
    Constant(String),
    /// It is a text of at most so many characters.
    UpTo(u32),
    /// It is a number from the first to the second.
    Within(f64, f64),
    /// It is a number that is stored as a float (SQLite).
    Float,
    /// It is not NULL.
    NotNull,
    /// Nothing is known.
    Unknown,
}

/// What a condition says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It holds, or is NULL, which a CHECK accepts.
    Accepts,
    /// It does not hold.
    Rejects,
    /// It depends on what is not known.
    Depends,
}

/// What the condition says of a row whose columns hold what `column` knows of them; `None` for what is no column.
pub(crate) fn outcome(text: &str, dialect: Dialect, column: impl Fn(&str) -> Option<Stored>) -> Outcome {
    let Some(expression) = Expression::parse(text, dialect) else { return Outcome::Depends };
    let row = Row { column: &column, dialect };
    if row.is_never_false(&expression) {
        return Outcome::Accepts;
    }
    if row.value(&expression).truth() == Some(false) { Outcome::Rejects } else { Outcome::Depends }
}

/// Whether a partial index with this condition has such a row; `None` where that depends on what is not known.
pub(crate) fn holds(text: &str, dialect: Dialect, column: impl Fn(&str) -> Option<Stored>) -> Option<bool> {
    let expression = Expression::parse(text, dialect)?;
    let value = Row { column: &column, dialect }.value(&expression);
    if value == Value::Null { Some(false) } else { value.truth() }
}

/// What the expression yields in such a row.
pub(crate) fn stored(text: &str, dialect: Dialect, column: impl Fn(&str) -> Option<Stored>) -> Stored {
    let Some(expression) = Expression::parse(text, dialect) else { return Stored::Unknown };
    match (Row { column: &column, dialect }).value(&expression) {
        Value::Null => Stored::Null,
        Value::Unknown => Stored::Unknown,
        Value::Text(text) => Stored::Constant(text),
        Value::Number(number) => Stored::Constant(number.to_string()),
        Value::Truth(truth) => Stored::Constant(truth.to_string()),
        Value::UpTo(_) | Value::Within(..) | Value::Float | Value::NotNull => Stored::NotNull,
    }
}

struct Row<'a, F> {
    column: &'a F,
    dialect: Dialect,
}

impl<F: Fn(&str) -> Option<Stored>> Row<'_, F> {
    /// Whether it holds or is NULL.
    fn is_never_false(&self, expression: &Expression) -> bool {
        if let Expression::Operation(operator, left, right) = expression
            && ["and", "or"].contains(&operator.as_str())
        {
            let sides = [left, right].map(|side| self.is_never_false(side));
            return if operator == "or" { sides.contains(&true) } else { sides == [true, true] };
        }
        let value = self.value(expression);
        value == Value::Null || value.truth() == Some(true)
    }

    fn value(&self, expression: &Expression) -> Value {
        match expression {
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Number(number) => number.parse().map_or(Value::NotNull, Value::Number),
            Expression::Name(name) => self.named(name),
            Expression::Call(name, arguments) => {
                let values: Vec<Value> = arguments.iter().map(|argument| self.value(argument)).collect();
                call(name, &values, self.dialect)
            }
            Expression::Negation(operand) => {
                let value = self.value(operand);
                if let Value::Number(number) = value { Value::Number(-number) } else { strict(&[value]) }
            }
            Expression::Operation(operator, left, right) => self.operation(operator, left, right),
            // The cast may change a constant, and fails rather than yield NULL.
            Expression::Cast(operand, ty) => {
                let value = self.value(operand);
                let is_whole = ["smallint", "integer", "bigint"].contains(&ty.as_str());
                // PostgreSQL prints a negative constant as a text that is cast.
                if let (Value::Text(text), true) = (&value, is_whole) {
                    return text.parse().map_or(Value::NotNull, Value::Number);
                }
                let is_kept = match value {
                    Value::Text(_) | Value::UpTo(_) => (ty.contains("char") && !ty.contains('(')) || ty == "text",
                    Value::Number(_) | Value::Within(..) => ["integer", "bigint", "numeric"].contains(&ty.as_str()),
                    Value::Null | Value::Float | Value::Truth(_) | Value::NotNull | Value::Unknown => false,
                };
                if is_kept { value } else { strict(&[value]) }
            }
            Expression::Prefixed(..) | Expression::Array(_) => Value::NotNull,
        }
    }

    fn named(&self, name: &str) -> Value {
        match (self.column)(name) {
            Some(Stored::Null) => Value::Null,
            Some(Stored::UpTo(length)) => Value::UpTo(length),
            Some(Stored::Within(least, greatest)) => Value::Within(least, greatest),
            Some(Stored::Constant(text)) => text.parse().map_or(Value::Text(text), Value::Number),
            Some(Stored::Float) => Value::Float,
            Some(Stored::NotNull) => Value::NotNull,
            Some(Stored::Unknown) => Value::Unknown,
            None => match name {
                "null" => Value::Null,
                "true" => Value::Truth(true),
                "false" => Value::Truth(false),
                name if ALWAYS.contains(&name) => Value::NotNull,
                _ => Value::Unknown,
            },
        }
    }

    fn operation(&self, operator: &str, left: &Expression, right: &Expression) -> Value {
        if operator == "in" {
            return self.is_in(left, right);
        }
        let is_same = left == right && left.is_column();
        let (left, right) = (self.value(left), self.value(right));
        if is_same && left.is_null() == Some(false) {
            match operator {
                "=" | "==" | "<=" | ">=" | "<=>" => return Value::Truth(true),
                "<>" | "!=" | "<" | ">" => return Value::Truth(false),
                _ => {}
            }
        }
        match operator {
            "and" => match (left.truth(), right.truth()) {
                (Some(false), _) | (_, Some(false)) => Value::Truth(false),
                (Some(true), Some(true)) => Value::Truth(true),
                _ => either(&left, &right),
            },
            "or" => match (left.truth(), right.truth()) {
                (Some(true), _) | (_, Some(true)) => Value::Truth(true),
                (Some(false), Some(false)) => Value::Truth(false),
                _ => either(&left, &right),
            },
            "<=>" => match (left.is_null(), right.is_null()) {
                (Some(true), Some(true)) => Value::Truth(true),
                (Some(one), Some(other)) if one != other => Value::Truth(false),
                _ => equal(&left, &right).map_or(Value::NotNull, Value::Truth),
            },
            "=" | "==" => compared(&left, &right, equal),
            "<>" | "!=" => compared(&left, &right, |one, other| equal(one, other).map(|is_equal| !is_equal)),
            "<" => compared(&left, &right, |one, other| ordered(one, other, |one, other| one < other)),
            ">" => compared(&left, &right, |one, other| ordered(one, other, |one, other| one > other)),
            "<=" => compared(&left, &right, |one, other| ordered(one, other, |one, other| one <= other)),
            ">=" => compared(&left, &right, |one, other| ordered(one, other, |one, other| one >= other)),
            // A division by zero is NULL on MySQL and SQLite; a JSON member may be missing.
            "/" | "%" | "div" | "mod" | "->" | "->>"
                if !matches!((&left, &right), (Value::Null, _) | (_, Value::Null)) =>
            {
                Value::Unknown
            }
            _ => strict(&[left, right]),
        }
    }

    fn is_in(&self, operand: &Expression, list: &Expression) -> Value {
        let operand = self.value(operand);
        let Expression::Array(items) = list else { return strict(&[operand, Value::Unknown]) };
        if operand == Value::Null {
            return Value::Null;
        }
        let found: Vec<Option<bool>> = items.iter().map(|item| equal(&operand, &self.value(item))).collect();
        if found.contains(&Some(true)) {
            Value::Truth(true)
        } else if found.iter().all(|found| *found == Some(false)) {
            Value::Truth(false)
        } else {
            Value::Unknown
        }
    }
}

/// Of `AND` and `OR` where neither side decides.
fn either(left: &Value, right: &Value) -> Value {
    if (left, right) == (&Value::Null, &Value::Null) { Value::Null } else { both_nullable(left, right) }
}

/// NULL beside what holds or does not: whether the whole is NULL depends on the operator only if the other is unknown.
fn both_nullable(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Null, known) | (known, Value::Null) if known.truth().is_some() => Value::Null,
        _ => Value::Unknown,
    }
}

/// NULL if an operand is.
fn strict(operands: &[Value]) -> Value {
    if operands.contains(&Value::Null) {
        Value::Null
    } else if operands.contains(&Value::Unknown) {
        Value::Unknown
    } else {
        Value::NotNull
    }
}

fn compared(left: &Value, right: &Value, compare: impl Fn(&Value, &Value) -> Option<bool>) -> Value {
    let unknown = strict(&[left.clone(), right.clone()]);
    if unknown == Value::Null { Value::Null } else { compare(left, right).map_or(unknown, Value::Truth) }
}

/// MySQL and MariaDB call the number of bytes `length`. A character has at most four.
fn length(name: &str, value: &Value, dialect: Dialect) -> Value {
    let is_in_bytes =
        name == "octet_length" || name == "length" && matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let counted = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    match value {
        Value::Text(text) => Value::Number(counted(if is_in_bytes { text.len() } else { text.chars().count() })),
        Value::UpTo(length) => Value::Within(0.0, f64::from(*length) * if is_in_bytes { 4.0 } else { 1.0 }),
        Value::NotNull => Value::Within(0.0, f64::from(u32::MAX)),
        Value::Null | Value::Within(..) | Value::Float | Value::Number(_) | Value::Truth(_) | Value::Unknown => {
            strict(std::slice::from_ref(value))
        }
    }
}

fn call(name: &str, arguments: &[Value], dialect: Dialect) -> Value {
    /// Those that return NULL for NULL, and for nothing else.
    const STRICT: [&str; 26] = [
        "isfinite",
        "timezone",
        "length",
        "char_length",
        "character_length",
        "octet_length",
        "bit_length",
        "lower",
        "upper",
        "lcase",
        "ucase",
        "trim",
        "btrim",
        "ltrim",
        "rtrim",
        "abs",
        "round",
        "floor",
        "ceil",
        "ceiling",
        "reverse",
        "md5",
        "json_valid",
        "hex",
        "cardinality",
        "jsonb_typeof",
    ];
    match (name, arguments) {
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
        ("lower" | "lcase", [Value::Text(text)]) if text.is_ascii() => Value::Text(text.to_ascii_lowercase()),
        ("upper" | "ucase", [Value::Text(text)]) if text.is_ascii() => Value::Text(text.to_ascii_uppercase()),
        ("trim" | "btrim", [Value::Text(text)]) => Value::Text(text.trim_matches(' ').to_owned()),
        (
            "trim" | "btrim" | "ltrim" | "rtrim" | "left" | "right" | "substr" | "substring",
            [Value::UpTo(length), rest @ ..],
        ) if rest.iter().all(|value| value.is_null() == Some(false)) => part(name, *length, rest),
        // No field holds an infinite time.
        ("isfinite", [Value::NotNull]) => Value::Truth(true),
        ("concat", values) if matches!(dialect, Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite) => strict(values),
        ("case", values) => case(values),
        ("typeof", [Value::Null]) => Value::Text("null".to_owned()),
        ("typeof", [Value::Text(_) | Value::UpTo(_)]) => Value::Text("text".to_owned()),
        ("typeof", [Value::Float]) => Value::Text("real".to_owned()),
        ("typeof", [Value::Within(..)]) => Value::Text("integer".to_owned()),
        ("length" | "char_length" | "character_length" | "octet_length", [value]) => length(name, value, dialect),
        ("json_valid", [Value::Text(text)]) => {
            Value::Truth(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
        }
        (name, values) if dialect == Dialect::Sqlite && TIMES.contains(&name) => match values {
            [Value::Text(now)] if now == "now" => Value::NotNull,
            [Value::Text(_), Value::Text(now)] if name == "strftime" && now == "now" => Value::NotNull,
            _ => Value::Unknown,
        },
        (name, values) if STRICT.contains(&name) => strict(values),
        _ => Value::Unknown,
    }
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

#[cfg(test)]
mod tests;
