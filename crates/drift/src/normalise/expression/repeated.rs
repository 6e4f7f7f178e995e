//! Whether an expression yields the same value again.

use super::{row::StoredValue, tree::Expression, value::evaluate};
use crate::model::Dialect;

/// Whether the expression yields the same value for the rows that a program inserts one after the other, or for those of a day.
pub(crate) fn repeats_itself(text: &str, dialect: Dialect) -> bool {
    const LASTING: [&str; 11] = [
        "current_user",
        "session_user",
        "current_role",
        "user",
        "current_catalog",
        "current_database",
        "database",
        "current_schema",
        "current_date",
        "curdate",
        "utc_date",
    ];
    let is_lasting = Expression::parse(text, dialect).is_some_and(|expression| {
        matches!(expression.without_casts(), Expression::Name(name) | Expression::Call(name, _) if LASTING.contains(&name.as_str()))
    });
    is_lasting || matches!(evaluate(text, dialect, |_| None), StoredValue::Constant(_))
}
