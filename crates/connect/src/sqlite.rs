//! Connections to a SQLite file, or to memory.

use sea_orm::{ConnectOptions, Database, DbConn, DbErr, SqlxError, SqlxSqliteError, sqlx::Connection};

use super::{
    error_kind::driver_error,
    pool_options::{Access, PoolOptions, keep_one_connection},
    url::DatabaseUrl,
};

pub(super) async fn open(
    url: &DatabaseUrl,
    access: Access,
    mut options: ConnectOptions,
    pool: &PoolOptions,
) -> Result<DbConn, DbErr> {
    if pool.max_connections.is_none() || url.is_in_memory() {
        keep_one_connection(&mut options);
    }
    // SQLite ends a transaction by itself where it is out of space, which the driver does not notice: it takes the next one for a
    // part of it, and what is then written outside a transaction may never be committed. Memory goes with its connection.
    if !url.is_in_memory() {
        options.map_sqlx_sqlite_before_acquire(|connection, _| {
            let is_clean = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_clean) })
        });
    }
    if access == Access::ReadWrite {
        return Database::connect(options).await;
    }
    let mut read_only = options.clone();
    read_only.map_sqlx_sqlite_opts(|options| options.read_only(true).create_if_missing(false));
    match Database::connect(read_only).await {
        Err(error) if is_left_half_done(&error) => {
            // May take back what was left, and write nothing itself.
            options.map_sqlx_sqlite_opts(|options| options.create_if_missing(false).pragma("query_only", "ON"));
            Database::connect(options).await
        }
        connected => connected,
    }
}

/// Whether a program was killed while it wrote to a SQLite file: the next one that opens it has to take that back, which one
/// that may not write cannot. `SQLITE_READONLY` of <https://www.sqlite.org/rescode.html>, whatever stands in the upper bits.
fn is_left_half_done(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    let code = cause.code().and_then(|code| code.parse::<u32>().ok());
    cause.try_downcast_ref::<SqlxSqliteError>().is_some() && code.is_some_and(|code| code & 0xff == 8)
}
