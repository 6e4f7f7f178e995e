//! Statements with `IF EXISTS` or `IF NOT EXISTS` that do nothing.

use sea_orm_migration::sea_orm::{DbBackend, DbErr, Statement as Query};
use sqlparser::ast::{ObjectName, ObjectType, Statement};

use crate::{
    catalog::Catalog,
    shadow_schema::{Presence, ShadowSchema},
    sql,
};

/// Why this statement does nothing; `None` if it may do something.
pub(crate) fn reason(
    statement: &Statement,
    catalog: &Catalog,
    shadow: &ShadowSchema,
) -> Result<Option<&'static str>, DbErr> {
    let backend = catalog.backend();
    let exists_then = |presence, kind, name: &ObjectName, of: &str| match presence {
        Presence::Exists => Ok(true),
        Presence::Missing => Ok(false),
        Presence::AsInCatalog | Presence::Unknown => exists(catalog, kind, name, of),
    };
    Ok(match statement {
        Statement::CreateTable(create) if create.if_not_exists => {
            let presence = shadow.table(&sql::table(backend, &create.name));
            exists_then(presence, ObjectType::Table, &create.name, "")?.then_some("the table already exists")
        }
        Statement::CreateIndex(create) if create.if_not_exists => {
            let Some(name) = &create.name else { return Ok(None) };
            let table = sql::table(backend, &create.table_name);
            let presence = shadow.index(&table, &sql::table(backend, name));
            exists_then(presence, ObjectType::Index, name, &table)?.then_some("the index already exists")
        }
        Statement::Drop { object_type: ObjectType::Table, if_exists: true, names, .. } => {
            for name in names {
                if exists_then(shadow.table(&sql::table(backend, name)), ObjectType::Table, name, "")? {
                    return Ok(None);
                }
            }
            Some("the table does not exist")
        }
        Statement::Drop { object_type: ObjectType::Index, if_exists: true, names, table, .. } => {
            let table = table.as_ref().map(|table| sql::table(backend, table)).unwrap_or_default();
            for name in names {
                if exists_then(shadow.index(&table, &sql::table(backend, name)), ObjectType::Index, name, &table)? {
                    return Ok(None);
                }
            }
            Some("the index does not exist")
        }
        _ => None,
    })
}

fn exists(catalog: &Catalog, kind: ObjectType, name: &ObjectName, of: &str) -> Result<bool, DbErr> {
    let backend = catalog.backend();
    let own = name.0.last().and_then(|part| part.as_ident()).map(|name| name.value.clone()).unwrap_or_default();
    let (sql, values) = match (backend, kind) {
        (DbBackend::Postgres, _) => ("SELECT 1 WHERE to_regclass($1) IS NOT NULL", vec![name.to_string()]),
        (DbBackend::MySql, ObjectType::Index) => (
            "SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME = ? AND \
             TABLE_NAME = ?",
            vec![own, of.to_owned()],
        ),
        (DbBackend::MySql, _) => {
            ("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", vec![own])
        }
        _ => ("SELECT 1 FROM sqlite_master WHERE lower(name) = lower(?)", vec![own]),
    };
    let query = Query::from_sql_and_values(backend, sql, values.into_iter().map(Into::into));
    catalog.query(query).map(|rows| !rows.is_empty())
}
