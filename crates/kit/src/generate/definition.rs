//! Columns and tables as sea-query's builders take them.

use sea_orm_drift::model::{Nullability, TableName};
use sea_orm_migration::sea_orm::sea_query::{Alias, ColumnDef, Expr, TableRef};

use super::spec::ColumnSpec;

pub(super) fn definition(column: &ColumnSpec) -> ColumnDef {
    let mut definition = ColumnDef::new_with_type(Alias::new(column.name.clone()), column.ty.clone());
    match column.nullability {
        Nullability::NotNull => definition.not_null(),
        Nullability::Nullable => definition.null(),
    };
    if let Some(default) = &column.default {
        definition.default(Expr::from(default));
    }
    if column.is_generated {
        definition.auto_increment();
    }
    if let Some(extra) = &column.extra {
        definition.extra(extra.clone());
    }
    definition
}

pub(super) fn reference(table: &TableName) -> TableRef {
    match &table.schema {
        Some(schema) => (Alias::new(schema.clone()), Alias::new(table.name.clone())).into(),
        None => Alias::new(table.name.clone()).into(),
    }
}
