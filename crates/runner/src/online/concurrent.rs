//! `CONCURRENTLY`: PostgreSQL builds or drops an index while others write, in several transactions of its own. An interrupted
//! build leaves an invalid index.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{self, ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, Statement},
};

use super::{long_timeout::with_long_timeout, partitioned, refusal::sqlstate};
use crate::retry::StatementRetry;

/// An existing index.
#[derive(FromQueryResult)]
struct Found {
    /// The schema of its table.
    schema: String,
    /// Whether reads use it.
    is_valid: bool,
}

pub(super) async fn build(
    db: &DatabaseExecutor<'_>,
    table: &str,
    name: &str,
    mut index: IndexCreateStatement,
    retry: &mut StatementRetry,
) -> Result<(), DbErr> {
    ensure_outside_transaction(db)?;
    if partitioned::is_partitioned(db, table).await? {
        let plain = index.to_string(PostgresQueryBuilder);
        let built = partitioned::build(db, table, name, &index, retry).await;
        return built.map_err(|error| refusal(&error, &plain).unwrap_or(error));
    }
    match find(db, table, name).await? {
        Some(found) if found.is_valid => return Ok(()),
        Some(left) => drop_index(db, &left, table, name, retry).await?,
        None => {}
    }
    let plain = index.to_string(PostgresQueryBuilder);
    let built = with_long_timeout(db, retry, DbBackend::Postgres.build(index.concurrently())).await;
    if built.is_err()
        && !retry.is_stopped()
        && let Ok(Some(left)) = find(db, table, name).await
        && !left.is_valid
    {
        // The invalid index is useless. If it cannot be dropped now, the next run drops it; the error is that of the build.
        let _ = db.execute(drop_statement(&left, table, name).concurrently()).await;
    }
    built.map_err(|error| refusal(&error, &plain).unwrap_or(error))
}

pub(super) async fn remove(
    db: &DatabaseExecutor<'_>,
    table: &str,
    name: &str,
    retry: &mut StatementRetry,
) -> Result<(), DbErr> {
    ensure_outside_transaction(db)?;
    if partitioned::is_partitioned(db, table).await? {
        return partitioned::remove(db, table, name, retry).await;
    }
    match find(db, table, name).await? {
        Some(found) => drop_index(db, &found, table, name, retry).await,
        None => Ok(()),
    }
}

async fn drop_index(
    db: &DatabaseExecutor<'_>,
    found: &Found,
    table: &str,
    name: &str,
    retry: &mut StatementRetry,
) -> Result<(), DbErr> {
    let mut drop = drop_statement(found, table, name);
    let plain = drop.to_string(PostgresQueryBuilder);
    let dropped = with_long_timeout(db, retry, DbBackend::Postgres.build(drop.concurrently())).await;
    dropped.map_err(|error| refusal(&error, &plain).unwrap_or(error))
}

/// With its schema, because another schema of the path may have an index of the same name.
fn drop_statement(found: &Found, table: &str, name: &str) -> IndexDropStatement {
    let of = (Alias::new(&found.schema), Alias::new(table));
    Index::drop().name(name).table(of).if_exists().to_owned()
}

fn ensure_outside_transaction(db: &DatabaseExecutor<'_>) -> Result<(), DbErr> {
    if matches!(db, DatabaseExecutor::Connection(_)) {
        return Ok(());
    }
    let advice = "an index can be built or dropped concurrently only outside a transaction: let `use_transaction` return `Some(false)`";
    Err(DbErr::Migration(advice.to_owned()))
}

/// The index of this name on a table of the search path.
/// <https://www.postgresql.org/docs/current/catalog-pg-index.html>
async fn find(db: &impl ConnectionTrait, table: &str, name: &str) -> Result<Option<Found>, DbErr> {
    let about = |sql: &str| Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into(), name.into()]);
    // Asked first, with the alias that `SchemaManager` uses, because a plan recognises it.
    let has = db.query_one_raw(about(include_str!("has_index.sql"))).await?;
    if !has.map_or(Ok(false), |row| row.try_get("", "has_index"))? {
        return Ok(None);
    }
    let found = db.query_one_raw(about(include_str!("found_index.sql"))).await?;
    found.map(|row| Found::from_query_result(&row, "")).transpose()
}

/// `feature_not_supported`, such as a unique index on a partitioned table that lacks a column of its partition key.
fn refusal(error: &DbErr, sql: &str) -> Option<DbErr> {
    let (code, message) = sqlstate(error)?;
    (code == "0A000").then(|| {
        DbErr::Migration(format!(
            "the server refuses ({message}): run this yourself at a quiet time, then run `up` again, which finds it done: {sql}"
        ))
    })
}
