//! The rules of each server: which locks a statement takes, and how much of a table it reads or rewrites.

mod mysql;
mod postgres;
mod sqlite;

use sea_orm_migration::sea_orm::{DbBackend, DbErr};
use sqlparser::ast::Statement;

pub(crate) use sqlite::ForeignKeys;

use crate::{catalog::Catalog, impact::Impact, server::Server, shadow_schema::ShadowSchema};

/// What `statement`, whose text is `sql`, would do on this server.
pub(crate) fn analyse(
    sql: &str,
    statement: &Statement,
    server: &Server,
    catalog: &Catalog,
    shadow: &ShadowSchema,
) -> Result<Impact, DbErr> {
    Ok(match catalog.backend() {
        DbBackend::Postgres => {
            let facts = postgres::Facts::gather(statement, catalog, shadow)?;
            postgres::analyse(sql, statement, server.version, &facts)
        }
        DbBackend::MySql => {
            let facts = mysql::Facts::gather(statement, catalog, shadow)?;
            mysql::analyse(statement, server, &facts)
        }
        _ => sqlite::analyse(statement),
    })
}

/// A note on each privilege that the connected role lacks for the statement (PostgreSQL).
pub(crate) fn missing_privileges(statement: &Statement, catalog: &Catalog, shadow: &ShadowSchema) -> Vec<String> {
    if catalog.backend() == DbBackend::Postgres {
        postgres::missing_privileges(statement, catalog, shadow)
    } else {
        Vec::new()
    }
}

/// The estimated number of rows of a table; `None` if the server has no estimate.
pub(crate) fn estimated_rows(catalog: &Catalog, table: &str) -> Result<Option<u64>, DbErr> {
    match catalog.backend() {
        DbBackend::Postgres => postgres::estimated_rows(catalog, table),
        DbBackend::MySql => mysql::estimated_rows(catalog, table),
        _ => Ok(None),
    }
}
