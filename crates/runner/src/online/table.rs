//! Altering a table without copying it, or not at all.

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use super::refusal;
use crate::{patience::Patience, server::Wanted};

/// Changes a table. On MySQL and MariaDB only the description of the table may change (`ALGORITHM=INSTANT`): where they
/// would have to copy the rows, and keep everybody from writing meanwhile, they refuse; and where the table is in use, it is
/// this statement that is tried again, not the migration. Elsewhere it is what [`SchemaManager::alter_table`] does.
///
/// # Errors
/// What SeaORM says; a refusal says what to do instead.
pub async fn alter_table(manager: &SchemaManager<'_>, statement: TableAlterStatement) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::MySql {
        return manager.alter_table(statement).await;
    }
    let (db, sql) = (manager.get_connection(), statement.to_string(MysqlQueryBuilder));
    let at_once = Statement::from_string(DbBackend::MySql, format!("{sql}, ALGORITHM=INSTANT"));
    let mut patience = Patience::new();
    loop {
        let began = Instant::now();
        match db.execute_raw(at_once.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) => {
                let error = refusal(&error, &sql).unwrap_or(error);
                patience.after(db, error, Wanted::Table(Some(&sql)), began).await?;
            }
        }
    }
}
