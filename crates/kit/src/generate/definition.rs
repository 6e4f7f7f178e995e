//! Columns and tables as sea-query's builders take them.

use sea_orm_drift::model::{Nullability, TableName};
use sea_orm_migration::sea_orm::sea_query::{Alias, ColumnDef, ColumnType, Expr, IntoIden, RcOrArc, TableRef};

use super::spec::ColumnSpec;

pub(super) fn definition(column: &ColumnSpec) -> ColumnDef {
    let mut definition = ColumnDef::new_with_type(Alias::new(column.name.clone()), spelt(&column.ty));
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

/// The type with the name of its enum as [`enum_name`] has it.
pub(super) fn spelt(ty: &ColumnType) -> ColumnType {
    match ty {
        ColumnType::Enum { name, variants } => {
            let name = Alias::new(enum_name(&name.to_string())).into_iden();
            ColumnType::Enum { name, variants: variants.clone() }
        }
        ColumnType::Array(element) => ColumnType::Array(RcOrArc::new(spelt(element))),
        other => other.clone(),
    }
}

/// The name of a native enum as the type of a column. sea-query writes it without quotes (PostgreSQL), and creates the type with them.
pub(super) fn enum_name(name: &str) -> String {
    /// Reserved words of PostgreSQL that are not types: <https://www.postgresql.org/docs/current/sql-keywords-appendix.html>.
    const RESERVED: [&str; 24] = [
        "all",
        "any",
        "array",
        "case",
        "check",
        "collate",
        "column",
        "constraint",
        "default",
        "desc",
        "end",
        "fetch",
        "for",
        "foreign",
        "from",
        "grant",
        "group",
        "limit",
        "order",
        "primary",
        "references",
        "table",
        "to",
        "user",
    ];
    let is_plain = |(position, character): (usize, char)| {
        character.is_ascii_lowercase() || character == '_' || (position > 0 && character.is_ascii_digit())
    };
    if name.char_indices().all(is_plain) && !RESERVED.contains(&name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}
