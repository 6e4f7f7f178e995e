//! Indexes of a partitioned table (PostgreSQL), which cannot be built concurrently as a whole: an index without content on the
//! table itself, then one for each partition, built concurrently and attached. With the last one the whole becomes valid.
//! <https://www.postgresql.org/docs/current/ddl-partitioning.html>

use sea_orm_migration::{
    prelude::*,
    sea_orm::{self, ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, Statement},
};

use super::long_timeout::with_long_timeout;
use crate::retry::StatementRetry;

/// The table or one of its partitions.
#[derive(Debug, FromQueryResult)]
struct Part {
    number: i64,
    parent: Option<i64>,
    schema: String,
    name: String,
    is_partitioned: bool,
    index_name: String,
    /// `None` without the index.
    is_valid: Option<bool>,
    is_attached: bool,
}

/// Whether the table is partitioned.
pub(super) async fn is_partitioned(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let ask = about(include_str!("is_partitioned.sql"), [table.into()]);
    db.query_one_raw(ask).await?.map_or(Ok(false), |row| row.try_get("", "is_partitioned"))
}

/// Continues where an interrupted build has ended.
pub(super) async fn build(
    db: &DatabaseExecutor<'_>,
    table: &str,
    name: &str,
    index: &IndexCreateStatement,
    retry: &mut StatementRetry,
) -> Result<(), DbErr> {
    let parts = parts(db, table, name).await?;
    if parts.first().is_some_and(|whole| whole.is_valid == Some(true)) {
        return Ok(());
    }
    for part in &parts {
        let mut own = index.clone();
        own.name(&part.index_name).table((Alias::new(&part.schema), Alias::new(&part.name)));
        match (part.is_partitioned, part.is_valid) {
            (true, None) => {
                db.execute_unprepared(&without_partitions(&own, &part.index_name)).await?;
            }
            (false, Some(false)) => {
                with_long_timeout(db, retry, DbBackend::Postgres.build(drop_statement(part).concurrently())).await?;
                with_long_timeout(db, retry, DbBackend::Postgres.build(own.concurrently())).await?;
            }
            (false, None) => with_long_timeout(db, retry, DbBackend::Postgres.build(own.concurrently())).await?,
            (true, Some(_)) | (false, Some(true)) => {}
        }
        if let Some(parent) = parts.iter().find(|parent| Some(parent.number) == part.parent)
            && !part.is_attached
        {
            let (whole, own) =
                (qualified(&parent.schema, &parent.index_name), qualified(&part.schema, &part.index_name));
            db.execute_unprepared(&format!("ALTER INDEX {whole} ATTACH PARTITION {own}")).await?;
        }
    }
    Ok(())
}

/// Drops the index with those that are attached to it, and those that an interrupted build has not attached.
pub(super) async fn remove(
    db: &DatabaseExecutor<'_>,
    table: &str,
    name: &str,
    retry: &mut StatementRetry,
) -> Result<(), DbErr> {
    for part in parts(db, table, name).await?.iter().filter(|part| part.is_valid.is_some()) {
        if part.parent.is_none() {
            // A partitioned index cannot be dropped concurrently.
            db.execute(&drop_statement(part)).await?;
        } else if !part.is_attached {
            with_long_timeout(db, retry, DbBackend::Postgres.build(drop_statement(part).concurrently())).await?;
        }
    }
    Ok(())
}

async fn parts(db: &impl ConnectionTrait, table: &str, name: &str) -> Result<Vec<Part>, DbErr> {
    let rows = db.query_all_raw(about(include_str!("partitions.sql"), [table.into(), name.into()])).await?;
    rows.iter().map(|row| Part::from_query_result(row, "")).collect()
}

/// `ON ONLY`, which sea-query cannot write.
fn without_partitions(index: &IndexCreateStatement, name: &str) -> String {
    let named = format!("{} ON ", quoted(name));
    index.to_string(PostgresQueryBuilder).replacen(&named, &format!("{named}ONLY "), 1)
}

fn drop_statement(part: &Part) -> IndexDropStatement {
    let of = (Alias::new(&part.schema), Alias::new(&part.name));
    Index::drop().name(&part.index_name).table(of).if_exists().to_owned()
}

fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn about<const N: usize>(sql: &str, values: [sea_orm::Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
