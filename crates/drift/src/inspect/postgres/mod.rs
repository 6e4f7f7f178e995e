//! PostgreSQL's catalogue: one round trip, and one more each if there are domains, sequences, or partitions.

mod column;
mod facts;
mod foreign_keys;
mod index;
mod partitions;
mod sequence_probe;
mod statement;
mod table;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use self::{
    facts::{ColumnFacts, DomainRow, Domains, RelationFacts},
    statement::ask,
    table::table,
};
use super::{
    answer::{as_json, each_row, parsed, rows},
    facts::Found,
};
use crate::model::{Column, ReadOnly, Schema, Table, TableName, by_name};

#[derive(FromQueryResult)]
struct Row {
    ordinal: i32,
    /// Other schemas that have it, if it is missing; or else those of the search path.
    other_schemas: Option<String>,
    relation: Option<String>,
    role: String,
    /// `replica` or `setting`.
    read_only: Option<String>,
    encoding: Option<String>,
}

#[derive(FromQueryResult)]
struct TypeRow {
    name: String,
}

pub(super) async fn tables(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Found, DbErr> {
    let mut other_schemas = BTreeMap::new();
    let mut tables = Vec::new();
    let mut probes = Vec::new();
    let mut partitioned = BTreeMap::new();
    // Others of the same name, which the search path finds later.
    let mut hidden = Vec::new();
    // Tables that wait for their domains.
    let mut waiting = Vec::new();
    let mut role = None;
    let mut read_only = None;
    let mut encoding = None;
    for row in each_row::<Row>(db, ask(include_str!("tables.sql"), as_json(wanted))).await? {
        let row = row?;
        let Some(name) = usize::try_from(row.ordinal).ok().and_then(|ordinal| wanted.get(ordinal)) else { continue };
        role = Some(row.role);
        read_only = row.read_only.map(|why| if why == "replica" { ReadOnly::Server } else { ReadOnly::Setting });
        encoding = row.encoding;
        if let Some(relation) = row.relation {
            let facts: RelationFacts = parsed(&relation)?;
            probes.extend(sequence_probe::probes(tables.len(), &facts));
            let shadows = row.other_schemas.as_deref().map_or_else(|| Ok(Vec::new()), parsed)?;
            hidden.extend((!shadows.is_empty()).then_some((tables.len(), shadows)));
            partitioned.extend(facts.partitions.iter().map(|partitions| (partitions.number, tables.len())));
            if facts.columns.iter().flatten().any(|column| column.domain().is_some()) {
                waiting.push((tables.len(), facts));
                tables.push(Table::new(name.clone()));
            } else {
                tables.push(table(name.clone(), facts, &Domains::new())?);
            }
        } else if let Some(schemas) = row.other_schemas {
            other_schemas.insert(name.clone(), parsed(&schemas)?);
        }
    }
    let domains = domains(db, waiting.iter().map(|(_, facts)| facts)).await?;
    for (position, facts) in waiting {
        tables[position] = table(tables[position].name.clone(), facts, &domains)?;
    }
    for (position, shadows) in hidden {
        tables[position].shadows = shadows;
    }
    sequence_probe::ask(db, &probes, &mut tables).await?;
    partitions::ask(db, &partitioned, &mut tables).await?;
    Ok(Found { tables, other_schemas, role, read_only, encoding })
}

/// Those of the declared types of missing columns that a migration would find; one statement, if there are any.
pub(super) async fn types(db: &impl ConnectionTrait, declared: &[Table], live: &Schema) -> Result<Vec<String>, DbErr> {
    let live = live.by_name();
    let mut names: Vec<&str> = Vec::new();
    for table in declared {
        let live = live.get(&table.name);
        let is_missing =
            |column: &&Column| !live.is_some_and(|live| live.columns.iter().any(|found| found.name == column.name));
        let enums = table.columns.iter().filter_map(|column| Some((column, column.ty.enum_name()?)));
        names.extend(enums.filter(|(column, _)| is_missing(column)).map(|(_, name)| name));
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT type.typname::text AS name FROM pg_catalog.pg_type AS type \
               WHERE type.typname::text IN (SELECT jsonb_array_elements_text($1::jsonb)) \
                   AND pg_catalog.pg_type_is_visible(type.oid)";
    let found = rows::<TypeRow>(db, ask(sql, serde_json::json!(names).to_string())).await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}

/// Notes which columns cannot change their types, in the tables that have others than declared; one statement, if there are any.
pub(super) async fn hold(db: &impl ConnectionTrait, declared: &[Table], live: &mut Schema) -> Result<(), DbErr> {
    let declared = by_name(declared);
    let differs = |table: &Table| {
        let declared = declared.get(&table.name);
        let of = |name: &str| declared?.columns.iter().find(|column| column.name == name);
        table.columns.iter().any(|column| of(&column.name).is_some_and(|declared| declared.ty.kind != column.ty.kind))
    };
    let names: Vec<TableName> =
        live.tables.iter().filter(|table| differs(table)).map(|table| table.name.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    for row in rows::<HeldRow>(db, ask(include_str!("held.sql"), as_json(&names))).await? {
        let name = usize::try_from(row.ordinal).ok().and_then(|ordinal| names.get(ordinal));
        if let Some(table) = live.tables.iter_mut().find(|table| Some(&table.name) == name) {
            table.held_columns.push(row.name);
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct HeldRow {
    ordinal: i32,
    name: String,
}

async fn domains(db: &impl ConnectionTrait, relations: impl Iterator<Item = &RelationFacts>) -> Result<Domains, DbErr> {
    let numbers: Vec<i64> =
        relations.flat_map(|facts| facts.columns.iter().flatten()).filter_map(ColumnFacts::domain).collect();
    let mut domains = Domains::new();
    if !numbers.is_empty() {
        let json = serde_json::Value::from(numbers).to_string();
        for row in rows::<DomainRow>(db, ask(include_str!("domains.sql"), json)).await? {
            domains.entry(row.domain).or_default().push(row);
        }
    }
    Ok(domains)
}
