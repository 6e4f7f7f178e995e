//! Connections to MySQL and MariaDB.

use sea_orm::{ConnectOptions, sqlx};

use super::{
    pool_options::{Access, PoolOptions},
    renewal::Renewal,
    url::DatabaseUrl,
};

/// How many statements a connection that migrates keeps prepared. Where the driver's 100 are full, it closes one for each new one, and
/// the network stack keeps back what follows until the server has acknowledged that: 40 ms for each statement of a long migration
/// (`findings/sqlx_mysql_slow_after_100_statements.sh`).
const STATEMENTS: usize = 2000;

/// The server may begin sessions with `autocommit = 0`: what was acknowledged would be rolled back with the session. And nobody's
/// `LOCK TABLES` keeps a check waiting for a day, the default.
pub(super) fn prepare(
    options: &mut ConnectOptions,
    url: &DatabaseUrl,
    access: Access,
    pool: &PoolOptions,
    renewal: &Renewal,
) {
    if access == Access::ReadWrite && !url.sets_statement_cache() {
        options.map_sqlx_mysql_opts(|options| options.statement_cache_capacity(STATEMENTS));
    }
    let settings = format!("SET SESSION autocommit = 1, lock_wait_timeout = 5{}", pool.mysql_statement_timeout());
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
