//! Creates and drops indexes while others write to the table.

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use super::{
    concurrent,
    refusal::{is_needed_by_a_foreign_key, refusal},
};
use crate::{lock::AwaitedLock, retry::StatementRetry};

/// Creates an index, unless it exists: with `CONCURRENTLY` on PostgreSQL, where the migration must run outside a transaction
/// (`use_transaction` returns `Some(false)`), and with `LOCK=NONE` on MySQL and MariaDB, which reject it if they cannot build it
/// that way. SQLite locks the whole file, so there it is a plain CREATE INDEX. The index needs a name.
///
/// ```
/// # use sea_orm_migration::prelude::*;
/// # async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
/// let index = Index::create().name("ix_call_created_at").col("created_at").take();
/// sea_orm_runner::online::create_index(manager, "call", index).await
/// # }
/// ```
///
/// On PostgreSQL a build that was killed leaves an invalid index, which costs every write and helps no read. It is dropped and
/// built again. The build waits for all older transactions, blocking nobody, as long as the [`Settings`](crate::Settings) let it
/// wait for a lock. On a partitioned table an index is built for each partition, one after the other, and attached.
///
/// An existing index is recognised by its name and its table, not by its columns.
///
/// A statement that waits too long for the table is tried again, as often and as long as the settings allow.
///
/// # Errors
/// [`DbErr::Migration`] if the index has no name, or if the server cannot build it in this way; that one says what to do instead.
/// Otherwise the error of the statement.
pub async fn create_index(
    manager: &SchemaManager<'_>,
    table: impl IntoIden,
    mut index: IndexCreateStatement,
) -> Result<(), DbErr> {
    let table = table.into_iden();
    index.table(table.clone());
    let Some(name) = index.get_index_spec().get_name().map(ToOwned::to_owned) else {
        return Err(DbErr::Migration("an index that is built online needs a name".to_owned()));
    };
    let mut retry = StatementRetry::new();
    loop {
        let began = Instant::now();
        match build(manager, &table.to_string(), &name, index.clone(), &mut retry).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                retry
                    .wait_after(manager.get_connection(), error, AwaitedLock::Table(Some(&table.to_string())), began)
                    .await?;
            }
        }
    }
}

/// Drops the index of this name on this table, if it exists: with `CONCURRENTLY` on PostgreSQL, where the migration must run
/// outside a transaction, and with `LOCK=NONE` on MySQL and MariaDB. On MySQL and MariaDB a foreign key that
/// has no other index gets a plain one in the same statement, since it needs one.
///
/// # Errors
/// [`DbErr::Migration`] if the server cannot drop it in this way; it says what to do instead. Otherwise the error of the statement.
pub async fn drop_index(manager: &SchemaManager<'_>, table: impl IntoIden, name: &str) -> Result<(), DbErr> {
    let table = table.into_iden().to_string();
    let mut retry = StatementRetry::new();
    loop {
        let began = Instant::now();
        match remove(manager, &table, name, &mut retry).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                retry.wait_after(manager.get_connection(), error, AwaitedLock::Table(Some(&table)), began).await?;
            }
        }
    }
}

async fn build(
    manager: &SchemaManager<'_>,
    table: &str,
    name: &str,
    mut index: IndexCreateStatement,
    retry: &mut StatementRetry,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => concurrent::build(db, table, name, index, retry).await,
        DbBackend::MySql if manager.has_index(table, name).await? => Ok(()),
        DbBackend::MySql => {
            let sql = index.to_string(MysqlQueryBuilder);
            run_online(db, &sql, &format!("{sql} ALGORITHM=INPLACE LOCK=NONE")).await
        }
        _ => manager.create_index(index.if_not_exists().take()).await,
    }
}

async fn remove(manager: &SchemaManager<'_>, table: &str, name: &str, retry: &mut StatementRetry) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => concurrent::remove(db, table, name, retry).await,
        DbBackend::MySql if !manager.has_index(table, name).await? => Ok(()),
        DbBackend::MySql => {
            // MariaDB's `DROP INDEX` takes no algorithm. <https://mariadb.com/kb/en/drop-index/>
            let sql = format!("ALTER TABLE {} DROP INDEX {}", quoted(table), quoted(name));
            let online = |sql: &str| format!("{sql}, ALGORITHM=INPLACE, LOCK=NONE");
            match run_online(db, &sql, &online(&sql)).await {
                Err(error) if is_needed_by_a_foreign_key(&error) => {
                    let sql = sql + &replacements(db, table, name).await?;
                    run_online(db, &sql, &online(&sql)).await
                }
                done => done,
            }
        }
        _ => db.execute(Index::drop().name(name).if_exists()).await.map(drop),
    }
}

/// On MySQL and MariaDB.
async fn run_online(db: &impl ConnectionTrait, sql: &str, online: &str) -> Result<(), DbErr> {
    let done = db.execute_raw(Statement::from_string(DbBackend::MySql, online)).await;
    done.map(drop).map_err(|error| refusal(&error, sql).unwrap_or(error))
}

/// Indexes for the foreign keys that have no other one. The server creates such an index itself, and drops it as soon as another
/// index begins with the same columns. <https://dev.mysql.com/doc/refman/8.0/en/create-table-foreign-keys.html>
async fn replacements(db: &impl ConnectionTrait, table: &str, name: &str) -> Result<String, DbErr> {
    let sql = include_str!("foreign_keys_of_index.sql");
    let ask = Statement::from_sql_and_values(DbBackend::MySql, sql, [table.into(), table.into(), name.into()]);
    let rows = db.query_all_raw(ask).await?;
    let columns = rows.iter().map(|row| row.try_get_by_index::<String>(0));
    columns.map(|columns| columns.map(|columns| format!(", ADD INDEX ({columns})"))).collect()
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
