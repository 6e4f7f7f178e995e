//! A whole table, and what a new column has in common with it.

use super::{
    column::Definition,
    names::{foreign_key_name, index_name},
    operation::Operation,
    plan::Plan,
    quote::{literal, quoted},
};
use crate::model::{Column, Dialect, ForeignKey, Index, LogicalType, Table, TableName};

/// The table with its keys and CHECKs, then its indexes.
pub(super) fn create_table(declared: &Table, types: &[String], others: &[String], dialect: Dialect) -> Option<Plan> {
    if is_out_of_reach(&declared.name, dialect) {
        return None;
    }
    let mut columns = Vec::new();
    for column in &declared.columns {
        let mut definition = Definition::whole(column, dialect)?;
        definition.is_key = declared.primary_key == [column.name.clone()];
        definition.extra.extend(checks_of(declared, column));
        columns.push(definition);
    }
    let composite = if declared.primary_key.len() > 1 { declared.primary_key.clone() } else { Vec::new() };
    let mut taken = others.to_vec();
    let mut foreign_keys = Vec::new();
    for key in &declared.foreign_keys {
        let name = foreign_key_name(key, &declared.name, &taken);
        taken.push(name.clone());
        foreign_keys.push(ForeignKey { name, ..key.clone() });
    }
    let mut targets: Vec<String> = foreign_keys.iter().map(|key| key.target.to_string()).collect();
    targets.retain(|target| *target != declared.name.to_string());
    targets.dedup();
    let create = Operation::CreateTable { table: declared.name.clone(), columns, primary_key: composite, foreign_keys };
    let mut taken = others.to_vec();
    let mut operations = created_types(declared.columns.iter(), types, dialect);
    operations.push(create);
    for index in &declared.indexes {
        let name = index_name(index, &declared.name, &taken);
        taken.push(name.clone());
        let index = Index { name, ..index.clone() };
        operations.push(Operation::CreateIndex { table: declared.name.clone(), index });
    }
    let plan = Plan { operations, remarks: Vec::new() };
    let named = |column: &&Column| dialect == Dialect::Postgres && matches!(column.ty.kind, LogicalType::Named(_));
    let types: Vec<&str> = declared.columns.iter().filter(named).map(|column| column.ty.text.as_str()).collect();
    let plan = if types.is_empty() { plan } else { plan.with(must_exist("type", &types.join(", "))) };
    Some(if targets.is_empty() { plan } else { plan.with(must_exist("table", &targets.join(", "))) })
}

/// The native enums of these columns that do not exist yet. Another repair may have created one in the meantime.
pub(super) fn created_types<'a>(
    columns: impl Iterator<Item = &'a Column>,
    existing: &[String],
    dialect: Dialect,
) -> Vec<Operation> {
    let mut created: Vec<Operation> = Vec::new();
    for column in columns.filter(|_| dialect == Dialect::Postgres) {
        let (Some(name), Some(labels)) = (column.ty.enum_name(), column.ty.kind.labels()) else { continue };
        let labels = labels.iter().map(|label| literal(label, dialect)).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "DO $do$ BEGIN CREATE TYPE {} AS ENUM ({labels}); EXCEPTION WHEN duplicate_object THEN NULL; END $do$",
            quoted(name, dialect)
        );
        let create = Operation::Raw(sql);
        if !existing.iter().any(|existing| existing == name) && !created.contains(&create) {
            created.push(create);
        }
    }
    created
}

/// The CHECKs of one column, as part of its definition.
pub(super) fn checks_of(table: &Table, column: &Column) -> Vec<String> {
    let of_column = table.checks.iter().filter(|check| check.columns == [column.name.clone()]);
    of_column.filter_map(|check| Some(format!("CHECK {}", condition(&check.text)?))).collect()
}

/// sea-query writes the schema of an index and of a foreign key for PostgreSQL only.
pub(super) fn is_out_of_reach(table: &TableName, dialect: Dialect) -> bool {
    table.schema.is_some() && dialect != Dialect::Postgres
}

pub(super) fn must_exist(noun: &str, names: &str) -> String {
    format!("create the {noun} {names} first")
}

/// The parenthesised condition that `text` begins with.
pub(super) fn condition(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut is_quoted = false;
    for (position, character) in text.char_indices() {
        is_quoted ^= character == '\'';
        match character {
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return text[..=position].starts_with('(').then(|| &text[..=position]);
        }
    }
    None
}
