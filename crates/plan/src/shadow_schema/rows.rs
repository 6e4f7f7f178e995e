//! The rows that the plan inserts into its own tables, to answer queries about them.

use std::collections::BTreeMap;

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{BinaryOperator, Expr, Insert, SetExpr, Value};

use crate::sql;

/// The rows of one table.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    /// Each row by column name.
    Known(Vec<BTreeMap<String, Value>>),
    /// There may be any.
    Unknown,
}

impl Rows {
    pub(crate) fn empty() -> Self {
        Self::Known(Vec::new())
    }

    /// Adds the rows of an `INSERT`.
    pub(crate) fn add(&mut self, backend: DbBackend, insert: &Insert) {
        match (&mut *self, inserted(backend, insert)) {
            (Self::Known(rows), Some(inserted)) => rows.extend(inserted),
            (rows, _) => *rows = Self::Unknown,
        }
    }

    /// Whether certainly none of them matches the condition.
    pub(crate) fn none_matches(&self, backend: DbBackend, condition: Option<&Expr>) -> bool {
        match (self, condition) {
            (Self::Known(rows), None) => rows.is_empty(),
            (Self::Known(rows), Some(condition)) => rows.iter().all(|row| contradicts(backend, row, condition)),
            (Self::Unknown, _) => false,
        }
    }
}

fn inserted(backend: DbBackend, insert: &Insert) -> Option<Vec<BTreeMap<String, Value>>> {
    let SetExpr::Values(values) = insert.source.as_ref()?.body.as_ref() else { return None };
    let columns: Vec<String> = insert.columns.iter().map(|column| sql::table(backend, column)).collect();
    let row = |row: &[Expr]| -> Option<BTreeMap<String, Value>> {
        let literals: Vec<Value> = row.iter().map(literal).collect::<Option<_>>()?;
        (literals.len() == columns.len()).then(|| columns.iter().cloned().zip(literals).collect())
    };
    values.rows.iter().map(|values| row(&values.content)).collect()
}

/// Whether the condition compares a column with a string that this row does not have there.
fn contradicts(backend: DbBackend, row: &BTreeMap<String, Value>, condition: &Expr) -> bool {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            contradicts(backend, row, left) || contradicts(backend, row, right)
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (left.as_ref(), literal(right)) {
            (Expr::Identifier(column), Some(wanted @ Value::SingleQuotedString(_))) => {
                row.get(&sql::name(backend, column)).is_some_and(|value| are_different_strings(value, &wanted))
            }
            _ => false,
        },
        Expr::Nested(inner) => contradicts(backend, row, inner),
        _ => false,
    }
}

/// Ignores case and trailing spaces, as a collation may.
fn are_different_strings(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::SingleQuotedString(value), Value::SingleQuotedString(wanted)) => {
            value.is_ascii() && wanted.is_ascii() && !value.trim_end().eq_ignore_ascii_case(wanted.trim_end())
        }
        _ => false,
    }
}

fn literal(expression: &Expr) -> Option<Value> {
    if let Expr::Value(value) = expression { Some(value.value.clone()) } else { None }
}
