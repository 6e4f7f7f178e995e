//! A statement with one parameter, as JSON.

use sea_orm::{DbBackend, Statement};

pub(super) fn ask(sql: &str, json: String) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [json.into()])
}
