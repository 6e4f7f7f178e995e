//! Opens a pool, as the kind of database needs it.

use sea_orm::{ConnectOptions, Database, DbConn, DbErr};

#[cfg(feature = "mysql")]
use super::mysql;
#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "sqlite")]
use super::sqlite;
use super::{
    error::{ConnectError, explain_refusal},
    pool_options::{Access, PoolOptions, keep_one_connection},
    pool_renewal::PoolRenewal,
    reachability::{self, CONNECT_TIMEOUT},
    url::DatabaseUrl,
    url_error::UrlError,
};

/// Opens a pool, waiting at most five seconds for the server; its connections wait as long for a SQLite file that is locked,
/// which is the driver's own choice.
///
/// `schema` replaces the role's own `search_path` on PostgreSQL and means nothing elsewhere; it may be several, separated
/// by commas.
///
/// Where PostgreSQL is reached through a pooler that does not pass on the settings of a session, the connections have
/// `statement-cache-capacity=0`, and so they do where the URL says it: [`PoolerSafe`](crate::PoolerSafe) and `sea-orm-runner` then rely on
/// nothing that was prepared before.
pub async fn connect(url: &DatabaseUrl, schema: Option<&str>, access: Access) -> Result<DbConn, ConnectError> {
    open(url, schema, access, &PoolOptions::default(), &PoolRenewal::default()).await
}

pub(super) async fn open(
    url: &DatabaseUrl,
    schema: Option<&str>,
    access: Access,
    pool: &PoolOptions,
    renewal: &PoolRenewal,
) -> Result<DbConn, ConnectError> {
    let schema = schema.filter(|schema| !schema.trim().is_empty()).or(url.schema());
    if let Some(reason) = reachability::refused_at_once(url) {
        return Err(ConnectError::Unreachable { url: url.clone(), reason });
    }
    let mut options = ConnectOptions::new(url.secret());
    options.connect_timeout(CONNECT_TIMEOUT).acquire_timeout(CONNECT_TIMEOUT).sqlx_logging(false);
    pool.apply_to_pool(&mut options);
    #[cfg(feature = "postgres")]
    if url.is_postgres() {
        return Box::pin(postgres::open(url, schema, options, pool, renewal)).await;
    }
    #[cfg(feature = "sqlite")]
    if url.is_sqlite() {
        return sqlite::open(url, access, options, pool).await.map_err(|error| explain_refusal(url, &error));
    }
    #[cfg(feature = "mysql")]
    mysql::configure(&mut options, url, access, pool, renewal);
    Database::connect(options).await.map_err(|error| explain_refusal(url, &error))
}

/// An empty SQLite database that is gone with its connection.
///
/// # Errors
/// If the feature `sqlite` is off.
pub async fn in_memory() -> Result<DbConn, DbErr> {
    let url: DatabaseUrl = "sqlite::memory:".parse().map_err(|error: UrlError| DbErr::Custom(error.to_string()))?;
    let mut options = ConnectOptions::new(url.secret());
    keep_one_connection(&mut options);
    options.sqlx_logging(false);
    Database::connect(options).await
}
