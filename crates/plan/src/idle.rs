//! Statements with an `IF`: whether they do anything.

use sea_orm_migration::sea_orm::{DbBackend, DbErr, Statement as Question};
use sqlparser::ast::{ObjectName, ObjectType, Statement};

use super::{
    foreseen::{Foreseen, Sight},
    live::Live,
    sql,
};

/// Why this statement does nothing, where it is sure not to.
pub(crate) fn reason(statement: &Statement, live: &Live, foreseen: &Foreseen) -> Result<Option<&'static str>, DbErr> {
    let backend = live.backend();
    let is_there = |sight, kind, name: &ObjectName, of: &str| match sight {
        Sight::There => Ok(true),
        Sight::Gone => Ok(false),
        Sight::Untouched | Sight::Unclear => exists(live, kind, name, of),
    };
    Ok(match statement {
        Statement::CreateTable(create) if create.if_not_exists => {
            let sight = foreseen.table(&sql::table(backend, &create.name));
            is_there(sight, ObjectType::Table, &create.name, "")?.then_some("the table is there already")
        }
        Statement::CreateIndex(create) if create.if_not_exists => {
            let Some(name) = &create.name else { return Ok(None) };
            let table = sql::table(backend, &create.table_name);
            let sight = foreseen.index(&table, &sql::table(backend, name));
            is_there(sight, ObjectType::Index, name, &table)?.then_some("the index is there already")
        }
        Statement::Drop { object_type: ObjectType::Table, if_exists: true, names, .. } => {
            for name in names {
                if is_there(foreseen.table(&sql::table(backend, name)), ObjectType::Table, name, "")? {
                    return Ok(None);
                }
            }
            Some("there is no such table")
        }
        Statement::Drop { object_type: ObjectType::Index, if_exists: true, names, table, .. } => {
            let table = table.as_ref().map(|table| sql::table(backend, table)).unwrap_or_default();
            for name in names {
                if is_there(foreseen.index(&table, &sql::table(backend, name)), ObjectType::Index, name, &table)? {
                    return Ok(None);
                }
            }
            Some("there is no such index")
        }
        _ => None,
    })
}

fn exists(live: &Live, kind: ObjectType, name: &ObjectName, of: &str) -> Result<bool, DbErr> {
    let backend = live.backend();
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
    let question = Question::from_sql_and_values(backend, sql, values.into_iter().map(Into::into));
    live.ask(question).map(|rows| !rows.is_empty())
}
