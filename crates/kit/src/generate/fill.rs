//! The values of existing rows in a column that becomes NOT NULL.

use sea_orm_drift::{
    DefaultExpr,
    model::{Sides, Uniqueness},
};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::{
    decisions::typed,
    drafting::{Draft, Drafting},
    error::GenerateError,
    operation::{Fill, Operation, Value},
    spec::{ColumnSpec, TableSpec, is_integer, zero},
};

impl Drafting<'_> {
    /// The value of existing rows.
    pub(super) fn fill(
        &self,
        tables: &Sides<&TableSpec>,
        column: &ColumnSpec,
        draft: &mut Draft,
    ) -> Result<(), GenerateError> {
        let Sides { declared, live: before } = *tables;
        let table = &declared.name;
        let object = format!("{table}.{}", column.name);
        let names = |columns: &[String]| columns.contains(&column.name);
        let is_unique = declared.uniques.iter().any(|unique| names(&unique.columns))
            || declared
                .indexes
                .iter()
                .any(|index| index.uniqueness == Uniqueness::Unique && index.columns == [column.name.clone()]);
        let refers = declared.foreign_keys.iter().any(|key| names(&key.columns));
        let harmless = || if is_unique || refers { None } else { column.default.clone().or_else(|| zero(&column.ty)) };
        let value = match self.decisions.fills.get(&object) {
            Some(sql) => Value::Sql(sql.clone()),
            None => match harmless() {
                Some(value) => {
                    if column.default.is_none() {
                        draft.remarks.push(format!(
                            "existing rows get {} in {object}: choose another value with --fill {}, or in the migration",
                            shown(&value),
                            typed(&format!("{object}=SQL"))
                        ));
                    }
                    bindable(value, &column.ty)
                }
                None => {
                    return Err(GenerateError::Usage(format!(
                        "{object} becomes NOT NULL, and existing rows need a value that only you know: give it as SQL with \
                         --fill {}",
                        typed(&format!("{object}=SQL"))
                    )));
                }
            },
        };
        let key = match before.primary_key.as_slice() {
            [key] => before.column(key).filter(|key| is_integer(&key.ty)).map(|key| key.name.clone()),
            _ => None,
        };
        let is_placeholder = column.default.is_none() && !self.decisions.fills.contains_key(&object);
        let column = column.name.clone();
        draft.fill.push(Operation::Fill(Fill { table: table.clone(), key, column, value, is_placeholder }));
        Ok(())
    }
}

pub(super) fn is_text(ty: &ColumnType) -> bool {
    matches!(ty, ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text)
}

/// A bound parameter has a type, which PostgreSQL compares with the column's; a constant in the statement has none.
fn bindable(value: DefaultExpr, ty: &ColumnType) -> Value {
    match value {
        DefaultExpr::Text(text) if !is_text(ty) => Value::Sql(format!("'{}'", text.replace('\'', "''"))),
        DefaultExpr::Integer(number) if !is_integer(ty) => Value::Sql(number.to_string()),
        DefaultExpr::Float(number) => Value::Sql(number.to_string()),
        DefaultExpr::Now => Value::Sql("CURRENT_TIMESTAMP".to_owned()),
        DefaultExpr::Expression(sql) => Value::Sql(sql),
        value => Value::Constant(value),
    }
}

fn shown(value: &DefaultExpr) -> String {
    match value {
        DefaultExpr::Text(text) => format!("'{text}'"),
        DefaultExpr::Integer(number) => number.to_string(),
        DefaultExpr::Float(number) => number.to_string(),
        DefaultExpr::Boolean(truth) => truth.to_string(),
        DefaultExpr::Now => "the current time".to_owned(),
        DefaultExpr::Expression(sql) => sql.clone(),
    }
}
