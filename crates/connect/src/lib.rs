#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "some is of use only where all drivers are compiled in"
    )
)]

mod driver_url;
mod engine;
mod error;
mod error_kind;
pub mod galera;
#[cfg(feature = "postgres")]
mod lent;
#[cfg(test)]
mod messages;
#[cfg(feature = "mysql")]
mod mysql;
mod pool_options;
mod pooler_safe;
#[cfg(feature = "postgres")]
mod postgres;
mod probe;
mod renewal;
#[cfg(feature = "postgres")]
mod retried;
pub mod snapshot;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;
mod url_error;

use std::time::Duration;

#[cfg(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")))]
compile_error!("switch on a feature for each kind of database: `mysql`, `postgres`, `sqlite`");

use sea_orm::{ConnectOptions, Database, DatabaseExecutor, DbConn, DbErr};

pub use engine::{Engine, Support};
pub use error::ConnectError;
use error::explain_refusal;
pub use error_kind::{ErrorKind, driver_error, message_of, mysql_error_number};
pub use pool_options::PoolOptions;
pub use pooler_safe::PoolerSafe;
use renewal::Renewal;
pub use url::DatabaseUrl;
pub use url_error::UrlError;

/// How long a server may take to answer before it counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a connection may change the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A SQLite file is opened read-only. Servers are asked nothing but `SELECT`s.
    ReadOnly,
    /// Migrations may run.
    ReadWrite,
}

/// Adds the settings in `.env`, here or in a folder above, to those in the environment, which win.
pub fn read_env_file() -> Result<(), ConnectError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(_) => Err(ConnectError::EnvFile),
    }
}

/// Opens a pool, waiting at most five seconds for the server; its connections wait as long for a SQLite file that is locked,
/// which is the driver's own choice.
///
/// `schema` replaces the role's own `search_path` on PostgreSQL and means nothing elsewhere; it may be several, separated
/// by commas.
///
/// Where PostgreSQL is reached through a pooler that does not pass on the settings of a session, the connections have
/// `statement-cache-capacity=0`, and so they do where the URL says it: [`PoolerSafe`] and `sea-orm-runner` then rely on
/// nothing that was prepared before.
pub async fn connect(url: &DatabaseUrl, schema: Option<&str>, access: Access) -> Result<DbConn, ConnectError> {
    open(url, schema, access, &PoolOptions::default(), &Renewal::default()).await
}

async fn open(
    url: &DatabaseUrl,
    schema: Option<&str>,
    access: Access,
    pool: &PoolOptions,
    renewal: &Renewal,
) -> Result<DbConn, ConnectError> {
    let schema = schema.filter(|schema| !schema.trim().is_empty()).or(url.schema());
    if let Some(reason) = probe::refused_at_once(url) {
        return Err(ConnectError::Unreachable { url: url.clone(), reason });
    }
    let mut options = ConnectOptions::new(url.secret());
    options.connect_timeout(PATIENCE).acquire_timeout(PATIENCE).sqlx_logging(false);
    pool.apply(&mut options);
    #[cfg(feature = "postgres")]
    if url.is_postgres() {
        return Box::pin(postgres::open(url, schema, options, pool, renewal)).await;
    }
    #[cfg(feature = "sqlite")]
    if url.is_sqlite() {
        return sqlite::open(url, access, options, pool).await.map_err(|error| explain_refusal(url, &error));
    }
    #[cfg(feature = "mysql")]
    mysql::prepare(&mut options, pool, renewal);
    Database::connect(options).await.map_err(|error| explain_refusal(url, &error))
}

/// Refuses to migrate an engine that migrations would damage, a table whose rows are on other servers, and what
/// [`refuse_other_schema`] refuses.
///
/// # Errors
/// [`ConnectError::OtherEngine`], [`ConnectError::Elsewhere`], [`ConnectError::OtherSchema`], or where the server cannot be
/// asked.
pub async fn refuse_to_migrate(db: &DbConn, url: &DatabaseUrl, tables: &[String]) -> Result<(), ConnectError> {
    // A server that cannot be asked may still be migrated, or says itself what is wrong.
    if let Ok(transaction) = snapshot::begin(&DatabaseExecutor::Connection(db)).await {
        let (engine, elsewhere) = (Engine::of(&transaction).await, engine::table_elsewhere(&transaction, tables).await);
        transaction.rollback().await.ok();
        if let Ok(Some(Engine { name, support: Support::Refused { reason } })) = engine {
            return Err(ConnectError::OtherEngine { url: url.clone(), name, reason });
        }
        if let Ok(Some((table, by))) = elsewhere {
            return Err(ConnectError::Elsewhere { url: url.clone(), table, by });
        }
    }
    refuse_other_schema(db, url, tables).await
}

/// Refuses to migrate where one of `tables` is in a schema on the search path, and new tables would go into another one:
/// migrations would make a second table beside it. PostgreSQL only.
///
/// # Errors
/// [`ConnectError::OtherSchema`], or where the server cannot be asked.
pub async fn refuse_other_schema(db: &DbConn, url: &DatabaseUrl, tables: &[String]) -> Result<(), ConnectError> {
    #[cfg(feature = "postgres")]
    if url.is_postgres() && !tables.is_empty() {
        return postgres::refuse_other_schema(db, url, tables).await;
    }
    Ok(())
}

/// An empty SQLite database that is gone with its connection.
///
/// # Errors
/// Where the feature `sqlite` is off.
pub async fn in_memory() -> Result<DbConn, DbErr> {
    let url: DatabaseUrl = "sqlite::memory:".parse().map_err(|error: UrlError| DbErr::Custom(error.to_string()))?;
    let mut options = ConnectOptions::new(url.secret());
    keep_one_connection(&mut options);
    options.sqlx_logging(false);
    Database::connect(options).await
}

/// Each connection to `:memory:` is a database of its own, so there must be one and it must stay.
fn keep_one_connection(options: &mut ConnectOptions) {
    options.min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
}
