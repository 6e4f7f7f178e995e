//! Connections to MySQL and MariaDB.

use sea_orm::{ConnectOptions, sqlx};

use super::{
    pool_options::{Access, PoolOptions},
    pool_renewal::PoolRenewal,
    url::DatabaseUrl,
};

/// How many statements a connection that may migrate keeps prepared. Beyond its default of 100, the driver closes one for each new one,
/// and the network stack keeps back what follows until the server has acknowledged that: 40 ms for each statement of a long migration
/// (`findings/sqlx_mysql_slow_after_100_statements.sh`).
const STATEMENT_CACHE_CAPACITY: usize = 2000;

/// Sets up each connection: `autocommit` on, because a server may switch it off and would then roll back what was acknowledged; and a wait
/// of five seconds for a lock instead of a day, so that another session's `LOCK TABLES` blocks no check for long.
pub(super) fn configure(
    options: &mut ConnectOptions,
    url: &DatabaseUrl,
    access: Access,
    pool_options: &PoolOptions,
    renewal: &PoolRenewal,
) {
    if access == Access::ReadWrite && !url.sets_statement_cache() {
        options.map_sqlx_mysql_opts(|options| options.statement_cache_capacity(STATEMENT_CACHE_CAPACITY));
    }
    let settings =
        format!("SET SESSION autocommit = 1, lock_wait_timeout = 5{}", pool_options.mysql_timeout_assignment());
    options.map_sqlx_mysql_pool_opts(move |options| {
        let settings = settings.clone();
        options.after_connect(move |db, _| {
            let settings = sqlx::AssertSqlSafe(settings.clone());
            Box::pin(async move { sqlx::Executor::execute(db, settings).await.map(drop) })
        })
    });
    let renewal = renewal.clone();
    options.map_sqlx_mysql_before_acquire(move |_, connection| {
        let is_admitted = renewal.admits(connection.age);
        Box::pin(async move { Ok(is_admitted) })
    });
}
