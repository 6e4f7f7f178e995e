//! Gives a generated key more values while others read and write.

mod facts;
mod mysql;
mod postgres;
mod swap;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{DbBackend, DbErr},
};

/// Makes an `integer` key a `bigint`.
///
/// ```
/// # use sea_orm_migration::prelude::*;
/// # async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
/// sea_orm_runner::online::widen_key(manager, "call", "id").await
/// # }
/// ```
///
/// On PostgreSQL the migration must run outside a transaction (`use_transaction` returns `Some(false)`) and by a
/// [`Runner`](crate::Runner). A `bigint` column is added, which a trigger and a [`Backfill`](crate::Backfill) fill; indexes and
/// foreign keys that hold the key are made for it, too; then one statement gives it the key's name. It locks the table, as the
/// one that adds the column does, but neither reads a row.
///
/// Primary and unique keys, plain indexes, sequences, identities, defaults, the comment, and foreign keys from and to the key are kept;
/// the sequence of an identity gets another name. The key comes to stand last in `SELECT *`. After a stop or a kill the next run
/// continues.
///
/// Programs meanwhile must be able to read both types: PostgreSQL's driver decodes a `bigint` into an `i64` only, and an `integer` into an
/// `i32` only. A prepared statement that returns the key fails once ("cached plan must not change result type") on each connection that
/// was open before. A table that is replicated logically needs the new column on the subscriber first.
///
/// MySQL and MariaDB change the type of a column online only from MariaDB 11.2; the server refuses otherwise, and the error says what to do
/// instead. SQLite's keys have 64 bits in any case.
///
/// There is nothing to undo: `down` may leave it.
///
/// # Errors
/// [`DbErr::Migration`] if the key is not an integer, if the table is partitioned, or if the server cannot change it in this way. The same if
/// a view, a CHECK, a generated column, column privileges or the like depend on the key; the error lists them. Otherwise the error of the
/// statement.
pub async fn widen_key(manager: &SchemaManager<'_>, table: impl IntoIden, key: impl IntoIden) -> Result<(), DbErr> {
    let (table, key) = (table.into_iden().to_string(), key.into_iden().to_string());
    match manager.get_database_backend() {
        DbBackend::Postgres => Box::pin(postgres::widen(manager, &table, &key)).await,
        DbBackend::MySql => mysql::widen(manager, &table, &key).await,
        _ => Ok(()),
    }
}
