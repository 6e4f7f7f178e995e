//! `CONCURRENTLY`, as PostgreSQL builds and drops an index beside those who write: in several transactions of its own, so that
//! what is interrupted leaves an index behind that is not valid.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{self, ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, Statement},
};

use super::{followed, sqlstate};
use crate::patience::Patience;

/// Milliseconds, as PostgreSQL counts them.
const LONGEST: u128 = i32::MAX as u128;

/// The `lock_timeout` has passed.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// An index that is there.
#[derive(FromQueryResult)]
struct Found {
    /// Its table's.
    schema: String,
    /// Whether reads use it.
    is_valid: bool,
}

pub(super) async fn build(
    db: &DatabaseExecutor<'_>,
    table: &str,
    name: &str,
    mut index: IndexCreateStatement,
    patience: &mut Patience,
) -> Result<(), DbErr> {
    outside_a_transaction(db)?;
    match find(db, table, name).await? {
        Some(found) if found.is_valid => return Ok(()),
        Some(left) => drop_index(db, &left, table, name, patience).await?,
        None => {}
    }
    let plain = index.to_string(PostgresQueryBuilder);
    let built = patiently(db, patience, index.concurrently()).await;
    if built.is_err()
        && !patience.is_over()
        && let Ok(Some(left)) = find(db, table, name).await
        && !left.is_valid
    {
        // It is of no use, and if it cannot be had now, the next run does it; why the build failed is what is told.
        let _ = db.execute(dropping(&left, table, name).concurrently()).await;
    }
    built.map_err(|error| refusal(&error, &plain).unwrap_or(error))
}

pub(super) async fn remove(
    db: &DatabaseExecutor<'_>,
    table: &str,
    name: &str,
    patience: &mut Patience,
) -> Result<(), DbErr> {
    outside_a_transaction(db)?;
    match find(db, table, name).await? {
        Some(found) => drop_index(db, &found, table, name, patience).await,
        None => Ok(()),
    }
}

async fn drop_index(
    db: &DatabaseExecutor<'_>,
    found: &Found,
    table: &str,
    name: &str,
    patience: &mut Patience,
) -> Result<(), DbErr> {
    let mut drop = dropping(found, table, name);
    let plain = drop.to_string(PostgresQueryBuilder);
    let dropped = patiently(db, patience, drop.concurrently()).await;
    dropped.map_err(|error| refusal(&error, &plain).unwrap_or(error))
}

/// Named with its schema: the next one of the path may have another of that name.
fn dropping(found: &Found, table: &str, name: &str) -> IndexDropStatement {
    let of = (Alias::new(&found.schema), Alias::new(table));
    Index::drop().name(name).table(of).if_exists().to_owned()
}

/// Lets it wait for older transactions, which holds nobody up: what it has done until then would be lost.
async fn patiently(
    db: &DatabaseExecutor<'_>,
    patience: &mut Patience,
    statement: &impl sea_orm::StatementBuilder,
) -> Result<(), DbErr> {
    let left = patience.left();
    let Some(run) = &patience.run else { return db.execute(statement).await.map(drop) };
    db.execute_unprepared(&format!("SET lock_timeout = {}", left.as_millis().clamp(1, LONGEST))).await?;
    let done = followed::run(db, statement, run, &mut patience.blockers).await;
    if patience.is_over() {
        return done;
    }
    if done.as_ref().is_err_and(|error| sqlstate(error).is_some_and(|(code, _)| code == LOCK_NOT_AVAILABLE)) {
        patience.longest = Some(left);
    }
    // Where this fails the connection is gone, and with it the setting.
    let _ = db.execute_unprepared("RESET lock_timeout").await;
    done
}

fn outside_a_transaction(db: &DatabaseExecutor<'_>) -> Result<(), DbErr> {
    if matches!(db, DatabaseExecutor::Connection(_)) {
        return Ok(());
    }
    let advice =
        "an index is built and dropped concurrently outside a transaction: let `use_transaction` return `Some(false)`";
    Err(DbErr::Migration(advice.to_owned()))
}

/// The index of this name of a table, wherever the path finds that.
/// <https://www.postgresql.org/docs/current/catalog-pg-index.html>
async fn find(db: &impl ConnectionTrait, table: &str, name: &str) -> Result<Option<Found>, DbErr> {
    let about = |sql: &str| Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into(), name.into()]);
    // Asked first, and under the name that `SchemaManager` gives the answer, because a plan can foresee it.
    let has = db.query_one_raw(about(include_str!("has_index.sql"))).await?;
    if !has.map_or(Ok(false), |row| row.try_get("", "has_index"))? {
        return Ok(None);
    }
    let found = db.query_one_raw(about(include_str!("found_index.sql"))).await?;
    found.map(|row| Found::from_query_result(&row, "")).transpose()
}

/// `feature_not_supported`: a table in partitions.
fn refusal(error: &DbErr, sql: &str) -> Option<DbErr> {
    let (code, message) = sqlstate(error)?;
    (code == "0A000").then(|| {
        DbErr::Migration(format!(
            "the server refuses ({message}): run this yourself at a quiet time, and then the same \
             again, which finds it done: {sql}"
        ))
    })
}
