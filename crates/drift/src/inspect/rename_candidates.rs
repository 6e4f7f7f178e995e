//! Tables that may be missing ones under another name: one statement, and only where a table is missing.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use super::answer::rows;
use crate::model::{Dialect, Schema, Table, TableName};

/// A column of some table.
#[derive(FromQueryResult)]
struct ColumnRow {
    /// NULL for that of the connection.
    in_schema: Option<String>,
    of_table: String,
    name: String,
}

/// Other tables in the same schema that have all columns of a missing one, by its name.
pub(super) async fn tables(
    db: &impl ConnectionTrait,
    declared: &[Table],
    live: &Schema,
) -> Result<BTreeMap<TableName, Vec<String>>, DbErr> {
    let found: BTreeSet<&TableName> = live.tables.iter().map(|table| &table.name).collect();
    let is_there = |table: &&Table| found.contains(&table.name);
    let missing: Vec<&Table> = declared
        .iter()
        .filter(|table| !is_there(table) && !live.other_schemas.contains_key(&table.name))
        .filter(|table| !table.columns.is_empty())
        .collect();
    if missing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let dialect = live.dialect;
    let mut others: BTreeMap<(Option<String>, String), Vec<String>> = BTreeMap::new();
    for row in rows::<ColumnRow>(db, ask(dialect, &missing)).await? {
        others.entry((row.in_schema, row.of_table)).or_default().push(row.name);
    }
    others.retain(|(schema, name), _| {
        let mut declared = declared.iter().map(|table| &table.name);
        // The history of the migrations.
        name != "seaql_migrations"
            && !declared.any(|declared| declared.schema == *schema && dialect.same_name(&declared.name, name))
    });
    let mut found = BTreeMap::new();
    for table in missing {
        let has_all = |columns: &[String]| {
            let has = |name: &str| columns.iter().any(|column| dialect.same_name(column, name));
            table.columns.iter().all(|column| has(&column.name))
        };
        // Many tables have an id and a name.
        let is_telling = |name: &str| table.columns.len() > 3 || strsim::jaro_winkler(name, &table.name.name) > 0.8;
        let names: Vec<String> = others
            .iter()
            .filter(|((schema, name), columns)| *schema == table.name.schema && has_all(columns) && is_telling(name))
            .map(|((_, name), _)| name.clone())
            .collect();
        if !names.is_empty() {
            found.insert(table.name.clone(), names);
        }
    }
    Ok(found)
}

/// All columns of all tables in their schemas that have a name in common with them.
fn ask(dialect: Dialect, missing: &[&Table]) -> Statement {
    let schemas: BTreeSet<Option<&String>> = missing.iter().map(|table| table.name.schema.as_ref()).collect();
    let names: BTreeSet<&String> = missing.iter().flat_map(|table| &table.columns).map(|column| &column.name).collect();
    let json = |items: serde_json::Value| Value::from(items.to_string());
    match dialect {
        Dialect::Postgres => Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT wanted.in_schema, class.relname::text AS of_table, attribute.attname::text AS name \
             FROM jsonb_array_elements_text($1::jsonb) AS wanted (in_schema) \
             JOIN pg_catalog.pg_namespace AS namespace \
                 ON namespace.nspname = COALESCE(wanted.in_schema::name, current_schema()) \
             JOIN pg_catalog.pg_class AS class \
                 ON class.relnamespace = namespace.oid AND class.relkind IN ('r', 'p') AND NOT class.relispartition \
             JOIN pg_catalog.pg_attribute AS attribute \
                 ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped \
             WHERE attribute.attname::text IN (SELECT jsonb_array_elements_text($2::jsonb))",
            [json(serde_json::json!(schemas)), json(serde_json::json!(names))],
        ),
        Dialect::MySql | Dialect::MariaDb => {
            let of_schema = "SELECT CAST(? AS CHAR) AS in_schema, CAST(part.TABLE_NAME AS CHAR) AS of_table, \
                             CAST(part.COLUMN_NAME AS CHAR) AS name \
                             FROM information_schema.COLUMNS AS part \
                             JOIN information_schema.TABLES AS owner \
                                 ON owner.TABLE_SCHEMA = part.TABLE_SCHEMA AND owner.TABLE_NAME = part.TABLE_NAME \
                             WHERE part.TABLE_SCHEMA = COALESCE(?, DATABASE()) \
                                 AND owner.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND owner.TABLE_TYPE = 'BASE TABLE'";
            let sql = vec![of_schema; schemas.len()].join(" UNION ALL ");
            let values = schemas.iter().flat_map(|schema| vec![Value::from(schema.cloned()); 3]);
            Statement::from_sql_and_values(DbBackend::MySql, sql, values.collect::<Vec<_>>())
        }
        Dialect::Sqlite => Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "SELECT NULL AS in_schema, master.name AS of_table, part.name AS name \
             FROM sqlite_schema AS master, pragma_table_xinfo(master.name) AS part \
             WHERE master.type = 'table' AND master.name NOT LIKE 'sqlite_%' \
                 AND part.name COLLATE NOCASE IN (SELECT value FROM json_each(?1))",
            [json(serde_json::json!(names))],
        ),
    }
}
