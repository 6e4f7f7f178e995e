//! Altering a table without copying it, or not at all.

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use super::refusal;

/// Changes a table. On MySQL and MariaDB only the description of the table may change (`ALGORITHM=INSTANT`): where they
/// would have to copy the rows, and keep everybody from writing meanwhile, they refuse. Elsewhere it is what
/// [`SchemaManager::alter_table`] does.
///
/// # Errors
/// What SeaORM says; a refusal says what to do instead.
pub async fn alter_table(manager: &SchemaManager<'_>, statement: TableAlterStatement) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::MySql {
        return manager.alter_table(statement).await;
    }
    let sql = statement.to_string(MysqlQueryBuilder);
    let at_once = Statement::from_string(DbBackend::MySql, format!("{sql}, ALGORITHM=INSTANT"));
    let altered = manager.get_connection().execute_raw(at_once).await;
    altered.map(drop).map_err(|error| refusal(&error, &sql).unwrap_or(error))
}
