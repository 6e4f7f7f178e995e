//! Finds which of the names that a repair would choose are taken: one statement, and only where an index, a foreign key or a table is
//! missing. The name of an index is unique in its schema on PostgreSQL and SQLite, that of a foreign key on MySQL and MariaDB. A table
//! cannot share its name with a type on PostgreSQL, or with an index on SQLite.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::answer::rows;
use crate::{
    model::{Dialect, Schema, Table},
    repair::{foreign_key_name, index_name},
};

#[derive(FromQueryResult)]
struct Row {
    name: String,
}

pub(super) async fn find(db: &impl ConnectionTrait, declared: &[Table], live: &Schema) -> Result<Vec<String>, DbErr> {
    let found = live.by_name();
    let names = declared.iter().flat_map(|table| wanted_names(table, found.get(&table.name).copied(), live.dialect));
    let wanted: BTreeSet<String> = names.flat_map(numbered).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let json = serde_json::json!(wanted).to_string();
    let (backend, sql) = match live.dialect {
        Dialect::Postgres => (
            DbBackend::Postgres,
            "SELECT relname::text AS name FROM pg_catalog.pg_class \
             WHERE relname::text IN (SELECT jsonb_array_elements_text($1::jsonb)) \
             UNION SELECT typname::text FROM pg_catalog.pg_type \
             WHERE typname::text IN (SELECT jsonb_array_elements_text($1::jsonb)) \
             AND typrelid = 0 AND typnamespace <> 'pg_catalog'::regnamespace ORDER BY name",
        ),
        Dialect::Sqlite => {
            (DbBackend::Sqlite, "SELECT name FROM sqlite_schema WHERE name IN (SELECT value FROM json_each(?1))")
        }
        Dialect::MySql | Dialect::MariaDb => (
            DbBackend::MySql,
            "SELECT CAST(CONSTRAINT_NAME AS CHAR) AS name FROM information_schema.REFERENTIAL_CONSTRAINTS \
             WHERE CONSTRAINT_SCHEMA = DATABASE() AND JSON_CONTAINS(?, JSON_QUOTE(CONSTRAINT_NAME))",
        ),
    };
    let found = rows::<Row>(db, Statement::from_sql_and_values(backend, sql, [json.into()])).await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}

/// The names that the repair of a table would begin with.
fn wanted_names(declared: &Table, found: Option<&Table>, dialect: Dialect) -> Vec<String> {
    if dialect == Dialect::Postgres || dialect == Dialect::Sqlite {
        let is_there = |columns: &[String]| {
            found.is_some_and(|table| {
                table.primary_key == columns || table.indexes.iter().any(|index| index.columns == columns)
            })
        };
        let missing = declared.indexes.iter().filter(|index| !is_there(&index.columns));
        let of_indexes = missing.map(|index| index_name(index, &declared.name, &[]));
        return of_indexes.chain(found.is_none().then(|| declared.name.name.clone())).collect();
    }
    let is_there =
        |columns: &[String]| found.is_some_and(|table| table.foreign_keys.iter().any(|key| key.columns == columns));
    let missing = declared.foreign_keys.iter().filter(|key| !is_there(&key.columns));
    missing.map(|key| foreign_key_name(key, &declared.name, &[])).collect()
}

/// The name, and those that a repair tries if it is taken.
fn numbered(name: String) -> impl Iterator<Item = String> {
    (2..5)
        .map({
            let name = name.clone();
            move |number| format!("{name}-{number}")
        })
        .chain([name])
}
