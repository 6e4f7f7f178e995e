//! Alters a table without copying it.

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use super::refusal::refusal;
use crate::{lock::AwaitedLock, retry::StatementRetry};

/// Alters a table. On MySQL and MariaDB with `ALGORITHM=INSTANT`, which changes metadata only: the server rejects a change that
/// would copy the rows and block writes. If the table is in use, only this statement is retried, not the migration. On other
/// databases it is [`SchemaManager::alter_table`].
///
/// # Errors
/// Those of SeaORM. If the server rejects the statement, the error says what to do instead.
pub async fn alter_table(manager: &SchemaManager<'_>, statement: TableAlterStatement) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::MySql {
        return manager.alter_table(statement).await;
    }
    let (db, sql) = (manager.get_connection(), statement.to_string(MysqlQueryBuilder));
    let at_once = Statement::from_string(DbBackend::MySql, format!("{sql}, ALGORITHM=INSTANT"));
    let mut retry = StatementRetry::new();
    loop {
        let began = Instant::now();
        match db.execute_raw(at_once.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) => {
                let error = refusal(&error, &sql).unwrap_or(error);
                retry.wait_after(db, error, AwaitedLock::Table(Some(&sql)), began).await?;
            }
        }
    }
}
