//! Building an index while the table is written.

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use super::{concurrent, is_needed_by_a_foreign_key, refusal};
use crate::{patience::Patience, server::Wanted};

/// Builds an index that has a name, unless it is there: `CONCURRENTLY` on PostgreSQL, where the migration must run outside a
/// transaction (`use_transaction` returns `Some(false)`), with `LOCK=NONE` on MySQL and MariaDB, which refuse where they
/// cannot. SQLite has one lock for all.
///
/// ```
/// # use sea_orm_migration::prelude::*;
/// # async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
/// let index = Index::create().name("ix_call_created_at").col("created_at").take();
/// sea_orm_runner::online::create_index(manager, "call", index).await
/// # }
/// ```
///
/// On PostgreSQL a build that was killed leaves an index that is not valid: it costs every write and helps no read. It is
/// dropped and built again. The build waits for all transactions that are older, in nobody's way, as long as the
/// [`Settings`](crate::Settings) let it wait for a lock. A table in partitions is refused.
///
/// What is there is known by its name and its table, not by its columns.
///
/// # Errors
/// What SeaORM says; where the index has no name; a refusal says what to do instead.
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
    let mut patience = Patience::new();
    loop {
        let began = Instant::now();
        match build(manager, &table.to_string(), &name, index.clone(), &mut patience).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                patience.after(manager.get_connection(), error, Wanted::Table(Some(&table.to_string())), began).await?;
            }
        }
    }
}

/// Drops an index, unless it is gone: `CONCURRENTLY` on PostgreSQL, where the migration must run outside a transaction, with
/// `LOCK=NONE` on MySQL and MariaDB. What goes is the index of that name of that table, whoever made it. A foreign key that
/// has no other index on MySQL or MariaDB gets one of its own.
///
/// # Errors
/// What SeaORM says; a refusal says what to do instead.
pub async fn drop_index(manager: &SchemaManager<'_>, table: impl IntoIden, name: &str) -> Result<(), DbErr> {
    let table = table.into_iden().to_string();
    let mut patience = Patience::new();
    loop {
        let began = Instant::now();
        match remove(manager, &table, name, &mut patience).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                patience.after(manager.get_connection(), error, Wanted::Table(Some(&table)), began).await?;
            }
        }
    }
}

async fn build(
    manager: &SchemaManager<'_>,
    table: &str,
    name: &str,
    mut index: IndexCreateStatement,
    patience: &mut Patience,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => concurrent::build(db, table, name, index, patience).await,
        DbBackend::MySql if manager.has_index(table, name).await? => Ok(()),
        DbBackend::MySql => {
            let sql = index.to_string(MysqlQueryBuilder);
            run_online(db, &sql, &format!("{sql} ALGORITHM=INPLACE LOCK=NONE")).await
        }
        _ => manager.create_index(index.if_not_exists().take()).await,
    }
}

async fn remove(manager: &SchemaManager<'_>, table: &str, name: &str, patience: &mut Patience) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => concurrent::remove(db, table, name, patience).await,
        DbBackend::MySql if !manager.has_index(table, name).await? => Ok(()),
        DbBackend::MySql => {
            // MariaDB's `DROP INDEX` takes no algorithm. <https://mariadb.com/kb/en/drop-index/>
            let sql = format!("ALTER TABLE {} DROP INDEX {}", quoted(table), quoted(name));
            let online = |sql: &str| format!("{sql}, ALGORITHM=INPLACE, LOCK=NONE");
            match run_online(db, &sql, &online(&sql)).await {
                Err(error) if is_needed_by_a_foreign_key(&error) => {
                    let sql = sql + &instead(db, table, name).await?;
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

/// What the foreign keys get that have no other index. The server makes one for each that has none, and drops it unasked as
/// soon as another begins with its columns. <https://dev.mysql.com/doc/refman/8.0/en/create-table-foreign-keys.html>
async fn instead(db: &impl ConnectionTrait, table: &str, name: &str) -> Result<String, DbErr> {
    let sql = include_str!("foreign_keys_of_index.sql");
    let ask = Statement::from_sql_and_values(DbBackend::MySql, sql, [table.into(), table.into(), name.into()]);
    let rows = db.query_all_raw(ask).await?;
    let columns = rows.iter().map(|row| row.try_get_by_index::<String>(0));
    columns.map(|columns| columns.map(|columns| format!(", ADD INDEX ({columns})"))).collect()
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
