//! What an expression yields for a row of which little is known: the columns that an insert omits. Guesses nothing: what it
//! does not know for certain is `NotNull` or `Unknown`.

use super::{
    function::{EPOCH_NOW, call, is_function_of_arguments},
    known::{Value, equal, is_infinity, ordered, strict},
    pattern::is_match,
    shape::{is_constant, is_now},
    total::{ALWAYS, TIMES},
    tree::Expression,
};
use crate::model::Dialect;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StoredValue {
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
    /// It is a date or a time of a day.
    Time,
    /// It is not NULL.
    NotNull,
    /// Nothing is known.
    Unknown,
}

/// Such a row.
pub(super) struct Row<'a, F> {
    pub(super) column: &'a F,
    pub(super) dialect: Dialect,
    /// A division by zero is an error. Else it is NULL.
    pub(super) rejects_zero: bool,
}

impl<'a, F: Fn(&str) -> Option<StoredValue>> Row<'a, F> {
    pub(super) fn new(column: &'a F, dialect: Dialect) -> Self {
        Self { column, dialect, rejects_zero: dialect == Dialect::Postgres }
    }

    /// Whether it holds or is NULL.
    pub(super) fn is_never_false(&self, expression: &Expression) -> bool {
        if let Expression::Operation(operator, left, right) = expression
            && ["and", "or"].contains(&operator.as_str())
        {
            let sides = [left, right].map(|side| self.is_never_false(side));
            return if operator == "or" { sides.contains(&true) } else { sides == [true, true] };
        }
        if let Expression::Operation(operator, left, right) = expression
            && ["=", "==", "<=", ">=", "<=>"].contains(&operator.as_str())
            && left == right
            && self.is_repeatable(left)
        {
            return true;
        }
        // NULL is not known to be in the list.
        if let Expression::Operation(operator, operand, list) = expression
            && let ("in", Expression::Array(items)) = (operator.as_str(), &**list)
            && items.iter().any(|item| is_same_text(item, operand, self.dialect))
            && self.is_repeatable(operand)
        {
            return true;
        }
        let value = self.value(expression);
        value == Value::Null || value.truth() == Some(true)
    }

    /// The argument that `coalesce` yields in this row.
    fn reduced<'e>(&self, expression: &'e Expression) -> &'e Expression {
        match expression {
            Expression::Cast(operand, ty) if keeps_text(ty, self.dialect) => self.reduced(operand),
            Expression::Call(name, arguments) if ["coalesce", "ifnull", "nvl"].contains(&name.as_str()) => {
                let first = arguments.iter().find(|argument| self.value(argument) != Value::Null);
                let first = first.filter(|argument| self.value(argument).is_null() == Some(false));
                first.map_or(expression, |argument| self.reduced(argument))
            }
            Expression::Text(_)
            | Expression::Number(_)
            | Expression::Name(_)
            | Expression::Call(..)
            | Expression::Prefixed(..)
            | Expression::Array(_)
            | Expression::Negation(_)
            | Expression::Operation(..)
            | Expression::Cast(..) => expression,
        }
    }

    /// Whether it yields the same value when it is computed again for the same row.
    fn is_repeatable(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Text(_) | Expression::Number(_) | Expression::Prefixed(..) => true,
            Expression::Name(name) => (self.column)(name).is_some(),
            Expression::Call(name, arguments) => {
                is_function_of_arguments(name) && arguments.iter().all(|argument| self.is_repeatable(argument))
            }
            Expression::Array(items) => items.iter().all(|item| self.is_repeatable(item)),
            Expression::Negation(operand) | Expression::Cast(operand, _) => self.is_repeatable(operand),
            Expression::Operation(_, left, right) => self.is_repeatable(left) && self.is_repeatable(right),
        }
    }

    pub(super) fn value(&self, expression: &Expression) -> Value {
        match expression {
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Number(number) => number.parse().map_or(Value::NotNull, Value::Number),
            Expression::Name(name) => self.named(name),
            Expression::Call(name, arguments) if is_epoch_of_now(name, arguments) => EPOCH_NOW,
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
                if let (Value::Truth(_), true) = (&value, is_whole) {
                    return value.counted();
                }
                // PostgreSQL prints a negative constant as a text that is cast.
                if let (Value::Text(text), true) = (&value, is_whole) {
                    return text.parse().map_or(Value::NotNull, Value::Number);
                }
                let is_kept = match value {
                    // As PostgreSQL prints a day.
                    Value::Text(_) if ty == "date" => true,
                    Value::Text(ref text) if ty.starts_with("timestamp") => is_infinity(text),
                    Value::Text(_) | Value::UpTo(_) => keeps_text(ty, self.dialect),
                    Value::Number(_) | Value::Within(..) => {
                        ["integer", "bigint", "numeric", "double precision"].contains(&ty.as_str())
                    }
                    Value::Null
                    | Value::Float
                    | Value::Time
                    | Value::Truth(_)
                    | Value::NotNull
                    | Value::Unknown
                    | Value::Fails => false,
                };
                if is_kept { value } else { strict(&[value]) }
            }
            Expression::Prefixed(..) | Expression::Array(_) => Value::NotNull,
        }
    }

    fn named(&self, name: &str) -> Value {
        match (self.column)(name) {
            Some(StoredValue::Null) => Value::Null,
            Some(StoredValue::UpTo(length)) => Value::UpTo(length),
            Some(StoredValue::Within(least, greatest)) => Value::Within(least, greatest),
            Some(StoredValue::Constant(text)) => text.parse().map_or(Value::Text(text), Value::Number),
            Some(StoredValue::Float) => Value::Float,
            Some(StoredValue::Time) => Value::Time,
            Some(StoredValue::NotNull) => Value::NotNull,
            Some(StoredValue::Unknown) => Value::Unknown,
            None => match name {
                "null" => Value::Null,
                "true" => Value::Truth(true),
                "false" => Value::Truth(false),
                "unix_timestamp" => EPOCH_NOW,
                name if ALWAYS.contains(&name) => Value::NotNull,
                "unixepoch" | "julianday" if self.dialect == Dialect::Sqlite => {
                    call(name, &[Value::Text("now".to_owned())], self.dialect)
                }
                name if self.dialect == Dialect::Sqlite && TIMES.contains(&name) && name != "strftime" => {
                    Value::NotNull
                }
                _ => Value::Unknown,
            },
        }
    }

    fn operation(&self, operator: &str, left: &Expression, right: &Expression) -> Value {
        if operator == "in" {
            return self.is_in(left, right);
        }
        let is_same = is_same_text(self.reduced(left), self.reduced(right), self.dialect) && self.is_repeatable(left);
        // MySQL and MariaDB compute constants once, and take a division by zero for NULL there.
        let rejects_zero =
            self.rejects_zero && (self.dialect == Dialect::Postgres || !is_constant(left) || !is_constant(right));
        let (mut left, mut right) = (self.value(left), self.value(right));
        // MySQL and SQLite add up what holds and what does not.
        if self.dialect != Dialect::Postgres && ["+", "-", "*", "<", ">", "<=", ">="].contains(&operator) {
            (left, right) = (left.counted(), right.counted());
        }
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
            "xor" => match (left.truth(), right.truth()) {
                (Some(left), Some(right)) => Value::Truth(left != right),
                _ => strict(&[left, right]),
            },
            "~~" | "~~*" | "!~~" | "!~~*" | "~" | "~*" | "!~" | "!~*" | "glob" => {
                let is_match = is_match(&left, &right, operator.trim_start_matches('!'), self.dialect);
                let is_negated = operator.starts_with('!');
                is_match.map_or_else(|| strict(&[left, right]), |is_match| Value::Truth(is_match != is_negated))
            }
            "+" | "-" | "*" => match (&left, &right) {
                (Value::Number(left), Value::Number(right)) => computed(operator, *left, *right),
                (Value::Within(least, greatest), Value::Number(number)) => {
                    let ends = [least, greatest].map(|end| computed_end(operator, *end, *number));
                    Value::Within(ends[0].min(ends[1]), ends[0].max(ends[1]))
                }
                _ => strict(&[left, right]),
            },
            "||" => match (&left, &right) {
                (Value::Text(left), Value::Text(right)) => Value::Text(format!("{left}{right}")),
                _ => strict(&[left, right]),
            },
            "<=>" => match (left.is_null(), right.is_null()) {
                (Some(true), Some(true)) => Value::Truth(true),
                (Some(one), Some(other)) if one != other => Value::Truth(false),
                _ => equal(&left, &right, self.dialect).map_or(Value::NotNull, Value::Truth),
            },
            "=" | "==" => compared(&left, &right, |one, other| equal(one, other, self.dialect)),
            "<>" | "!=" => {
                compared(&left, &right, |one, other| equal(one, other, self.dialect).map(|is_equal| !is_equal))
            }
            "<" => compared(&left, &right, |one, other| ordered(one, other, self.dialect, |one, other| one < other)),
            ">" => compared(&left, &right, |one, other| ordered(one, other, self.dialect, |one, other| one > other)),
            "<=" => compared(&left, &right, |one, other| ordered(one, other, self.dialect, |one, other| one <= other)),
            ">=" => compared(&left, &right, |one, other| ordered(one, other, self.dialect, |one, other| one >= other)),
            "/" | "%" | "div" | "mod"
                if rejects_zero && right == Value::Number(0.0) && left.is_null() == Some(false) =>
            {
                Value::Fails
            }
            // A division by zero is NULL on MySQL and SQLite; a JSON member may be missing.
            "/" | "%" | "div" | "mod" | "->" | "->>"
                if !matches!((&left, &right), (Value::Null, _) | (_, Value::Null))
                    && !matches!(right, Value::Number(number) if number != 0.0 && !operator.starts_with('-')) =>
            {
                Value::Unknown
            }
            _ => strict(&[left, right]),
        }
    }

    fn is_in(&self, operand: &Expression, list: &Expression) -> Value {
        let operand = self.value(operand);
        if operand == Value::Fails {
            return Value::Fails;
        }
        let Expression::Array(items) = list else { return strict(&[operand, Value::Unknown]) };
        if operand == Value::Null {
            return Value::Null;
        }
        let found: Vec<Option<bool>> =
            items.iter().map(|item| equal(&operand, &self.value(item), self.dialect)).collect();
        if found.contains(&Some(true)) {
            Value::Truth(true)
        } else if found.iter().all(|found| *found == Some(false)) {
            Value::Truth(false)
        } else {
            Value::Unknown
        }
    }
}

/// Whether they are the same, but for casts that keep a text as it is.
fn is_same_text(one: &Expression, other: &Expression, dialect: Dialect) -> bool {
    match (one, other) {
        (Expression::Cast(one, ty), other) | (other, Expression::Cast(one, ty)) if keeps_text(ty, dialect) => {
            is_same_text(one, other, dialect)
        }
        (one, other) => one == other,
    }
}

/// Whether a cast to the type keeps a text as it is.
pub(super) fn keeps_text(ty: &str, dialect: Dialect) -> bool {
    // PostgreSQL cuts a text to one character for `char`, and to one byte for `"char"`.
    ["text", "varchar", "character varying"].contains(&ty) || (ty == "char" && dialect != Dialect::Postgres)
}

/// `extract(epoch FROM now())`
fn is_epoch_of_now(name: &str, arguments: &[Expression]) -> bool {
    let is_epoch =
        |field: &Expression| matches!(field.clone().without_casts(), Expression::Text(field) if field == "epoch");
    name == "date_part" && matches!(arguments, [field, time] if is_epoch(field) && is_now(time))
}

/// Of `AND` and `OR` where neither side decides.
fn either(left: &Value, right: &Value) -> Value {
    let needs_both = left.truth().is_some() || *left == Value::Null;
    if *left == Value::Fails || needs_both && *right == Value::Fails {
        return Value::Fails;
    }
    if (left, right) == (&Value::Null, &Value::Null) { Value::Null } else { both_nullable(left, right) }
}

/// NULL beside what holds or does not: whether the whole is NULL depends on the operator only if the other is unknown.
fn both_nullable(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (Value::Null, known) | (known, Value::Null) if known.truth().is_some() => Value::Null,
        _ => Value::Unknown,
    }
}

/// PostgreSQL fails if the number has no place in the type; above 2^53, an `f64` is not exact.
fn computed(operator: &str, left: f64, right: f64) -> Value {
    let number = computed_end(operator, left, right);
    if number.abs() <= f64::from(i32::MAX) { Value::Number(number) } else { Value::NotNull }
}

fn computed_end(operator: &str, left: f64, right: f64) -> f64 {
    match operator {
        "+" => left + right,
        "-" => left - right,
        _ => left * right,
    }
}

fn compared(left: &Value, right: &Value, compare: impl Fn(&Value, &Value) -> Option<bool>) -> Value {
    let unknown = strict(&[left.clone(), right.clone()]);
    if unknown == Value::Null { Value::Null } else { compare(left, right).map_or(unknown, Value::Truth) }
}
