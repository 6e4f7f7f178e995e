//! The rows that the plan itself adds to tables that it makes, as far as a question about them can be answered by them.

use std::collections::BTreeMap;

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{BinaryOperator, Expr, Insert, SetExpr, Value};

use super::sql;

/// The rows of one table.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    /// These, by the names of their columns.
    Known(Vec<BTreeMap<String, Value>>),
    /// Some.
    Unknown,
}

impl Rows {
    pub(crate) fn none() -> Self {
        Self::Known(Vec::new())
    }

    /// Adds what an `INSERT` adds.
    pub(crate) fn add(&mut self, backend: DbBackend, insert: &Insert) {
        match (&mut *self, added(backend, insert)) {
            (Self::Known(rows), Some(added)) => rows.extend(added),
            (rows, _) => *rows = Self::Unknown,
        }
    }

    /// Whether it is certain that none of them fulfils this.
    pub(crate) fn none_is(&self, backend: DbBackend, condition: Option<&Expr>) -> bool {
        match (self, condition) {
            (Self::Known(rows), None) => rows.is_empty(),
            (Self::Known(rows), Some(condition)) => rows.iter().all(|row| contradicts(backend, row, condition)),
            (Self::Unknown, _) => false,
        }
    }
}

fn added(backend: DbBackend, insert: &Insert) -> Option<Vec<BTreeMap<String, Value>>> {
    let SetExpr::Values(values) = insert.source.as_ref()?.body.as_ref() else { return None };
    let columns: Vec<String> = insert.columns.iter().map(|column| sql::table(backend, column)).collect();
    let row = |row: &[Expr]| -> Option<BTreeMap<String, Value>> {
        let literals: Vec<Value> = row.iter().map(literal).collect::<Option<_>>()?;
        (literals.len() == columns.len()).then(|| columns.iter().cloned().zip(literals).collect())
    };
    values.rows.iter().map(|values| row(&values.content)).collect()
}

/// Whether a column that the condition wants to be one text is another one in this row.
fn contradicts(backend: DbBackend, row: &BTreeMap<String, Value>, condition: &Expr) -> bool {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            contradicts(backend, row, left) || contradicts(backend, row, right)
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (left.as_ref(), literal(right)) {
            (Expr::Identifier(column), Some(wanted @ Value::SingleQuotedString(_))) => {
                row.get(&sql::name(backend, column)).is_some_and(|value| is_another_text(value, &wanted))
            }
            _ => false,
        },
        Expr::Nested(inner) => contradicts(backend, row, inner),
        _ => false,
    }
}

/// In any case of its letters: a collation may take them for the same.
fn is_another_text(value: &Value, wanted: &Value) -> bool {
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
