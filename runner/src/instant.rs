//! Changing a table without copying it, or not at all.

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, SqlxError, SqlxMySqlError, Statement},
};

/// Changes a table. On MySQL and MariaDB only the description of the table may change: where they would have to copy the
/// rows, and keep everybody from writing meanwhile, they refuse. Elsewhere it is what [`SchemaManager::alter_table`] does.
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
    altered.map(drop).map_err(|error| refusal(&error, &sql).map_or(error, DbErr::Migration))
}

/// Why it cannot be done at once, and what to do, where that is what the error means.
fn refusal(error: &DbErr, sql: &str) -> Option<String> {
    let DbErr::Exec(RuntimeErr::SqlxError(cause)) = error else { return None };
    let SqlxError::Database(cause) = cause.as_ref() else { return None };
    let remedy = match cause.try_downcast_ref::<SqlxMySqlError>()?.number() {
        // `ER_UNKNOWN_ALTER_ALGORITHM` (too old to know the word), `ER_ALTER_OPERATION_NOT_SUPPORTED`, and with a reason.
        1800 | 1845 | 1846 => {
            format!(
                "it would have to copy the table, which keeps others from writing: run this yourself at a quiet time, or \
                 with pt-online-schema-change or gh-ost, and then `up` again, which finds it done: {sql}"
            )
        }
        // `ER_TOO_BIG_ROWSIZE`, where MariaDB keeps the place of columns that were dropped at once;
        // `ER_INNODB_MAX_ROW_VERSION`, where MySQL has counted too many changes.
        1118 | 4092 => "the table has been changed at once so often that it has to be rebuilt first, at a quiet time: \
                        OPTIMIZE TABLE, and then `up` again"
            .to_owned(),
        _ => return None,
    };
    Some(format!("the server refuses ({}): {remedy}", cause.message()))
}
