#![doc = include_str!("../README.md")]

mod driver_url;
mod engine;
mod error;
mod error_kind;
pub mod galera;
#[cfg(test)]
mod messages;
mod pool_options;
mod pooler_safe;
mod probe;
mod renewal;
mod retried;
pub mod snapshot;
mod url;
mod url_error;

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseExecutor, DbConn, DbErr, RuntimeErr, SqlxError, SqlxSqliteError,
    sqlx::{self, Connection, Row},
};

pub use engine::{Engine, Support};
pub use error::ConnectError;
use error::{explain, explain_refusal};
pub use error_kind::{ErrorKind, driver_error, message_of};
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
    let options = |statements: &Statements| options(url, schema, statements, pool, renewal);
    if url.is_postgres() {
        let db = match open_postgres(url, options).await {
            Err(error) => {
                let refusal = retried::refusal(url, &error).await;
                return Err(refusal.map_or_else(|| explain_refusal(url, &error), |refusal| explain(url, &refusal)));
            }
            Ok(db) => db,
        };
        examine_search_path(&db, url, schema).await?;
        return Ok(db);
    }
    let mut options = options(&Statements::AsTheUrlSays);
    if access == Access::ReadOnly {
        options.map_sqlx_sqlite_opts(|options| options.read_only(true).create_if_missing(false));
    }
    let db = match Database::connect(options).await {
        Err(error) if access == Access::ReadOnly && is_left_half_done(&error) => reader_of_half_done(url).await,
        connected => connected,
    };
    db.map_err(|error| explain_refusal(url, &error))
}

/// What is done with prepared statements on PostgreSQL.
enum Statements {
    /// The URL sets `statement-cache-capacity`, or it is about no PostgreSQL.
    AsTheUrlSays,
    /// They are kept, if a setting of this value arrives at the server.
    KeptIf(String),
    /// They are not kept.
    NotKept,
}

/// A setting of a session, of no use but to tell whether the session is this connection's own.
const PROBE: &str = "sea_orm_connect.probe";

/// A pooler that lends sessions has opened them before, and without the settings of this connection: it refuses them, or
/// drops them.
async fn open_postgres(url: &DatabaseUrl, options: impl Fn(&Statements) -> ConnectOptions) -> Result<DbConn, DbErr> {
    if url.sets_statement_cache() {
        return Database::connect(options(&Statements::AsTheUrlSays)).await;
    }
    let probe = fastrand::u64(..).to_string();
    match Database::connect(options(&Statements::KeptIf(probe.clone()))).await {
        Ok(db) => {
            let arrived = sqlx::raw_sql("SELECT current_setting('sea_orm_connect.probe', true)")
                .fetch_one(db.get_postgres_connection_pool())
                .await
                .and_then(|row| row.try_get::<Option<String>, _>(0));
            if arrived.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))? == Some(probe) {
                return Ok(db);
            }
            db.close().await?;
        }
        Err(error) if refuses_settings(&error) => {}
        Err(error) => return Err(error),
    }
    tracing::info!("the server is reached through a pooler: statements are prepared for one transaction each");
    Database::connect(options(&Statements::NotKept)).await
}

/// `protocol_violation` is the answer of PgBouncer, `feature_not_supported` that of others.
fn refuses_settings(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    matches!(cause.code().as_deref(), Some("08P01" | "0A000"))
}

fn options(
    url: &DatabaseUrl,
    schema: Option<&str>,
    statements: &Statements,
    pool: &PoolOptions,
    renewal: &Renewal,
) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.secret());
    options.connect_timeout(PATIENCE).acquire_timeout(PATIENCE).sqlx_logging(false);
    pool.apply(&mut options);
    if url.is_sqlite() && (pool.max_connections.is_none() || url.is_in_memory()) {
        keep_one_connection(&mut options);
    }
    // The server may begin sessions with `autocommit = 0`: what was acknowledged would be rolled back with the session. And
    // nobody's `LOCK TABLES` keeps a check waiting for a day, the default on MySQL and MariaDB.
    let settings = format!("SET SESSION autocommit = 1, lock_wait_timeout = 5{}", pool.mysql_statement_timeout());
    options.map_sqlx_mysql_pool_opts(move |options| {
        let settings = settings.clone();
        options.after_connect(move |db, _| {
            let settings = sqlx::AssertSqlSafe(settings.clone());
            Box::pin(async move { sqlx::Executor::execute(db, settings).await.map(drop) })
        })
    });
    let (of_postgres, of_mysql) = (renewal.clone(), renewal.clone());
    options.map_sqlx_postgres_before_acquire(move |_, connection| {
        let is_admitted = of_postgres.admits(connection.age);
        Box::pin(async move { Ok(is_admitted) })
    });
    options.map_sqlx_mysql_before_acquire(move |_, connection| {
        let is_admitted = of_mysql.admits(connection.age);
        Box::pin(async move { Ok(is_admitted) })
    });
    // SQLite ends a transaction by itself where it finds no room, which the driver does not notice: it takes the next one for a
    // part of it, and what is then written outside a transaction may never be committed. Memory goes with its connection.
    if !url.is_in_memory() {
        options.map_sqlx_sqlite_before_acquire(|connection, _| {
            let is_clean = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_clean) })
        });
    }
    let mut settings: Vec<(&str, String)> = Vec::new();
    // Not `SET`, which a pooler would leave behind for others: it refuses this, or drops it, which is noticed.
    settings.extend(schema.map(|schema| ("search_path", search_path(schema))));
    let keeps = match statements {
        Statements::AsTheUrlSays => true,
        Statements::KeptIf(probe) => {
            settings.push((PROBE, probe.clone()));
            // Through a pooler that refuses or drops settings, each transaction sets it.
            settings.extend(pool.postgres_statement_timeout());
            true
        }
        Statements::NotKept => false,
    };
    let is_named = url.names_application();
    options.map_sqlx_postgres_opts(move |mut options| {
        if !keeps {
            options = options.statement_cache_capacity(0);
        }
        if !is_named && let Some(program) = program_name() {
            options = options.application_name(&program);
        }
        settings.iter().fold(options, |options, (name, value)| options.options([(name, value)]))
    });
    options
}

/// Whether a program was killed while it wrote to a SQLite file: the next one that opens it has to take that back, which one
/// that may not write cannot. `SQLITE_READONLY` of <https://www.sqlite.org/rescode.html>, whatever stands in the upper bits.
fn is_left_half_done(error: &DbErr) -> bool {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
    let code = cause.code().and_then(|code| code.parse::<u32>().ok());
    cause.try_downcast_ref::<SqlxSqliteError>().is_some() && code.is_some_and(|code| code & 0xff == 8)
}

/// May take back what was left, and write nothing itself.
async fn reader_of_half_done(url: &DatabaseUrl) -> Result<DbConn, DbErr> {
    let mut options = options(url, None, &Statements::AsTheUrlSays, &PoolOptions::default(), &Renewal::default());
    options.map_sqlx_sqlite_opts(|options| options.create_if_missing(false).pragma("query_only", "ON"));
    Database::connect(options).await
}

fn search_path(schemas: &str) -> String {
    let quoted = schemas.split(',').map(|schema| format!("\"{}\"", schema.trim().replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",")
}

/// What sessions call themselves on PostgreSQL, unless the URL says otherwise.
fn program_name() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    Some(program.file_stem()?.to_string_lossy().into_owned())
}

/// PostgreSQL takes any name into the path, whether or not there is such a schema.
async fn examine_search_path(db: &DbConn, url: &DatabaseUrl, schema: Option<&str>) -> Result<(), ConnectError> {
    let Some(schema) = schema else { return Ok(()) };
    // Unprepared, because what others prepared may be in the way behind a pooler.
    let ask = sqlx::raw_sql("SELECT current_setting('search_path'), current_schema()::text");
    let row = ask.fetch_one(db.get_postgres_connection_pool()).await.map_err(|error| explain(url, &error))?;
    let read = |index: usize| row.try_get::<Option<String>, _>(index).ok().flatten();
    if read(0).is_none_or(|path| path != search_path(schema)) {
        return Err(ConnectError::SchemaIgnored { url: url.clone() });
    }
    if read(1).is_none() {
        return Err(ConnectError::NoSuchSchema { url: url.clone(), schema: schema.to_owned() });
    }
    Ok(())
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
    if !url.is_postgres() || tables.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = tables.iter().map(|table| format!("('{}')", table.replace('\'', "''"))).collect();
    // Unprepared, because what others prepared may be in the way behind a pooler.
    let sql = format!(
        "SELECT wanted.name, schema.nspname::text, current_schema()::text \
         FROM (VALUES {}) AS wanted (name) \
         JOIN pg_catalog.pg_class AS relation ON relation.oid = to_regclass(quote_ident(wanted.name)) \
         JOIN pg_catalog.pg_namespace AS schema ON schema.oid = relation.relnamespace \
         WHERE schema.nspname <> current_schema() ORDER BY wanted.name LIMIT 1",
        names.join(", ")
    );
    let pool = db.get_postgres_connection_pool();
    let row = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_optional(pool).await;
    let Some(row) = row.map_err(|error| explain(url, &error))? else { return Ok(()) };
    let text = |index: usize| row.try_get::<String, _>(index).unwrap_or_default();
    Err(ConnectError::OtherSchema { url: url.clone(), table: text(0), found: text(1), current: text(2) })
}

/// An empty SQLite database that is gone with its connection.
pub async fn in_memory() -> Result<DbConn, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    keep_one_connection(&mut options);
    options.sqlx_logging(false);
    Database::connect(options).await
}

/// Each connection to `:memory:` is a database of its own, so there must be one and it must stay.
fn keep_one_connection(options: &mut ConnectOptions) {
    options.min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_name_and_never_a_statement() {
        assert_eq!(
            search_path(r#"app, public"; DROP TABLE call_log; --"#),
            r#""app","public""; DROP TABLE call_log; --""#
        );
    }
}
