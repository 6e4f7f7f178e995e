//! What is known of a condition or a default for the rows of a program, from the [`Row`] of the columns that an insert omits.

use super::{
    known::Value,
    row::{Row, StoredValue},
    tree::Expression,
};
use crate::model::Dialect;

/// What a condition says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckOutcome {
    /// It holds, or is NULL, which a CHECK accepts.
    Accepts,
    /// It does not hold, or cannot be computed.
    Rejects,
    /// It depends on what is not known.
    Depends,
}

/// What the condition says of a row whose columns hold what `column` knows of them; `None` for what is not a column.
pub(crate) fn check_outcome(
    text: &str,
    dialect: Dialect,
    column: impl Fn(&str) -> Option<StoredValue>,
) -> CheckOutcome {
    let Some(expression) = Expression::parse(text, dialect) else { return CheckOutcome::Depends };
    let row = Row::new(&column, dialect);
    if row.is_never_false(&expression) {
        return CheckOutcome::Accepts;
    }
    let value = row.value(&expression);
    if value == Value::Fails || value.truth() == Some(false) { CheckOutcome::Rejects } else { CheckOutcome::Depends }
}

/// Whether a partial index with this condition has such a row; `None` if that depends on what is not known.
pub(crate) fn condition_holds(
    text: &str,
    dialect: Dialect,
    column: impl Fn(&str) -> Option<StoredValue>,
) -> Option<bool> {
    let expression = Expression::parse(text, dialect)?;
    let value = Row::new(&column, dialect).value(&expression);
    if value == Value::Null { Some(false) } else { value.truth() }
}

/// Between which numbers a default is, as far as that is known.
pub(crate) fn span(text: &str, dialect: Dialect) -> Option<(f64, f64)> {
    let expression = Expression::parse(text, dialect)?;
    let value = Row::new(&|_: &str| None, dialect).value(&expression);
    if let Value::Within(least, greatest) = value { Some((least, greatest)) } else { None }
}

/// What the expression yields in such a row.
pub(crate) fn evaluate(text: &str, dialect: Dialect, column: impl Fn(&str) -> Option<StoredValue>) -> StoredValue {
    let Some(expression) = Expression::parse(text, dialect) else { return StoredValue::Unknown };
    match Row::new(&column, dialect).value(&expression) {
        Value::Null => StoredValue::Null,
        Value::Unknown | Value::Fails => StoredValue::Unknown,
        Value::Text(text) => StoredValue::Constant(text),
        Value::Number(number) => StoredValue::Constant(number.to_string()),
        Value::Truth(truth) => StoredValue::Constant(truth.to_string()),
        Value::UpTo(_) | Value::Within(..) | Value::Float | Value::Time | Value::NotNull => StoredValue::NotNull,
    }
}

/// Whether it cannot be computed, as for a division by zero, which a strict `sql_mode` rejects on MySQL and MariaDB:
/// <https://mariadb.com/kb/en/sql-mode/>.
pub(crate) fn evaluation_fails(text: &str, dialect: Dialect, column: impl Fn(&str) -> Option<StoredValue>) -> bool {
    let row = Row { rejects_zero: dialect != Dialect::Sqlite, ..Row::new(&column, dialect) };
    Expression::parse(text, dialect).is_some_and(|expression| row.value(&expression) == Value::Fails)
}

#[cfg(test)]
mod tests;
