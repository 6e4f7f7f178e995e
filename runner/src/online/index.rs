//! Building an index while the table is written.

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, Statement},
};

use super::refusal;
use crate::{patience::Patience, server::Wanted};

/// Milliseconds, as PostgreSQL counts them.
const LONGEST: u128 = i32::MAX as u128;

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
/// [`Settings`](crate::Settings) let it wait for a lock.
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
        match build(manager, &table.to_string(), &name, index.clone(), &patience).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                patience.after(manager.get_connection(), error, Wanted::Table(Some(&table.to_string())), began).await?;
            }
        }
    }
}

/// Drops an index, unless it is gone: `CONCURRENTLY` on PostgreSQL, where the migration must run outside a transaction, with
/// `LOCK=NONE` on MySQL and MariaDB.
///
/// # Errors
/// What SeaORM says; a refusal says what to do instead.
pub async fn drop_index(manager: &SchemaManager<'_>, table: impl IntoIden, name: &str) -> Result<(), DbErr> {
    let table = table.into_iden().to_string();
    let mut patience = Patience::new();
    loop {
        let began = Instant::now();
        match remove(manager, &table, name).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                patience.after(manager.get_connection(), error, Wanted::Table(Some(&table)), began).await?;
            }
        }
    }
}

async fn remove(manager: &SchemaManager<'_>, table: &str, name: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => {
            outside_a_transaction(db)?;
            drop_concurrently(db, name).await
        }
        DbBackend::MySql if !manager.has_index(table, name).await? => Ok(()),
        DbBackend::MySql => {
            let sql = Index::drop().table(Alias::new(table)).name(name).to_string(MysqlQueryBuilder);
            let online = Statement::from_string(DbBackend::MySql, format!("{sql} ALGORITHM=INPLACE LOCK=NONE"));
            db.execute_raw(online).await.map(drop).map_err(|error| refusal(&error, &sql).unwrap_or(error))
        }
        _ => db.execute(Index::drop().name(name).if_exists()).await.map(drop),
    }
}

async fn build(
    manager: &SchemaManager<'_>,
    table: &str,
    name: &str,
    mut index: IndexCreateStatement,
    patience: &Patience,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => concurrently(db, name, index, patience).await,
        DbBackend::MySql if manager.has_index(table, name).await? => Ok(()),
        DbBackend::MySql => {
            let sql = index.to_string(MysqlQueryBuilder);
            let online = Statement::from_string(DbBackend::MySql, format!("{sql} ALGORITHM=INPLACE LOCK=NONE"));
            db.execute_raw(online).await.map(drop).map_err(|error| refusal(&error, &sql).unwrap_or(error))
        }
        _ => manager.create_index(index.if_not_exists().take()).await,
    }
}

async fn concurrently(
    db: &DatabaseExecutor<'_>,
    name: &str,
    mut index: IndexCreateStatement,
    patience: &Patience,
) -> Result<(), DbErr> {
    outside_a_transaction(db)?;
    match is_valid(db, name).await? {
        Some(true) => return Ok(()),
        Some(false) => drop_concurrently(db, name).await?,
        None => {}
    }
    let left = patience.left();
    if let Some(left) = left {
        // Who waits for older transactions holds nobody up, and what it has built would be lost.
        let left = left.as_millis().clamp(1, LONGEST);
        db.execute_unprepared(&format!("SET lock_timeout = {left}")).await?;
    }
    let built = db.execute(index.concurrently()).await;
    if left.is_some() {
        // Where this fails the connection is gone, and with it the setting.
        let _ = db.execute_unprepared("RESET lock_timeout").await;
    }
    if built.is_err() {
        // What is left of it is of no use, and if it cannot be had now, the next run does it; why it failed is what is told.
        let _ = drop_concurrently(db, name).await;
    }
    built.map(drop)
}

fn outside_a_transaction(db: &DatabaseExecutor<'_>) -> Result<(), DbErr> {
    if matches!(db, DatabaseExecutor::Connection(_)) {
        return Ok(());
    }
    let advice = "an index is built and dropped outside a transaction here: let `use_transaction` return `Some(false)`";
    Err(DbErr::Migration(advice.to_owned()))
}

/// Whether writes and reads use it, or `None` where there is none of this name.
async fn is_valid(db: &impl ConnectionTrait, name: &str) -> Result<Option<bool>, DbErr> {
    let sql = "SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass(quote_ident($1))";
    let ask = Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()]);
    db.query_one_raw(ask).await?.map(|row| row.try_get_by_index(0)).transpose()
}

async fn drop_concurrently(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    db.execute(Index::drop().name(name).if_exists().concurrently()).await.map(drop)
}
