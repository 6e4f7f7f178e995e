//! From a database URL to a connection, and from a failure to a sentence. Never prints a password.

use std::{fmt, str::FromStr, time::Duration};

use sea_orm_migration::sea_orm::{
    ConnectOptions, Database, DbConn, DbErr, RuntimeErr, SqlxError, SqlxMySqlError, SqlxSqliteError,
    sqlx::{self, Row},
};
use url::Url;

/// How long a server may take to answer before it counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(5);

/// What sessions call themselves, unless the URL says otherwise.
const APPLICATION: &str = "call-log";

/// A database URL that shows its password as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Box<Url>);

/// Whether a connection may change the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A SQLite file is opened read-only. Servers are asked nothing but `SELECT`s.
    ReadOnly,
    /// Migrations may run.
    ReadWrite,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No URL at all.
    #[error(
        "no database is named: set `DATABASE_URL`, or give `--database-url postgres://user:password@host/database`"
    )]
    NotNamed,
    /// Text that is not a URL. The text itself may hold a password and is not shown.
    #[error(
        "the database URL cannot be read ({0}): it should look like postgres://user:password@host:5432/database, \
         with special characters in the password percent-encoded"
    )]
    Malformed(String),
    /// A URL of a server without the name of a database, which only PostgreSQL can guess.
    #[error("the database URL names no database: it should end with /database")]
    NoDatabaseNamed,
    /// A URL of some other service.
    #[error("`{0}` databases are not supported: the URL should begin with postgres://, mysql:// or sqlite://")]
    UnknownScheme(String),
    /// A `.env` that is not a list of settings. Its lines may hold a password and are not shown.
    #[error("the file `.env` cannot be read: each of its lines must be KEY=value or a # comment")]
    EnvFile,
    /// Nobody listens, or nobody answers in time.
    #[error("no database server answers at {url}: {reason}")]
    Unreachable {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// What was seen.
        reason: String,
    },
    /// The server knows the database, and does not let this user in.
    #[error("the server refuses the login of {url}: {reason}")]
    LoginRefused {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The server's words.
        reason: String,
    },
    /// The server answers, and cannot be talked to as the URL asks.
    #[error("no connection to {url}: {reason}")]
    Refused {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// What was seen.
        reason: String,
    },
    /// The table to adopt is in one schema on the path, and what migrations make would go into another.
    #[error(
        "`{table}` is in the schema `{found}` of {url}, and migrations would work in `{current}`: \
         set `DATABASE_SCHEMA={found}` to migrate that table"
    )]
    OtherSchema {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The table.
        table: &'static str,
        /// Where it is.
        found: String,
        /// Where new tables go.
        current: String,
    },
    /// A pooler stands in between and does not pass on which schema to work in.
    #[error(
        "`DATABASE_SCHEMA` does not reach the server of {url}, because of a pooler in between: name the server itself in \
         `MIGRATION_DATABASE_URL`, or let the role choose: ALTER ROLE ... SET search_path"
    )]
    SchemaIgnored {
        /// The URL, masked when shown.
        url: DatabaseUrl,
    },
    /// The database is there, the schema is not.
    #[error(
        "there is no schema `{schema}` in {url}, or none that this role may use; create it, or correct `DATABASE_SCHEMA`"
    )]
    NoSuchSchema {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// As it was given.
        schema: String,
    },
    /// The server is there, the database is not.
    #[error("there is no such database at {url}: {reason}; create it first, or correct the URL")]
    NoSuchDatabase {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The server's words.
        reason: String,
    },
}

impl ConnectError {
    /// 69 where trying again later may help, 78 where only other settings will. Source: `sysexits.h`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreachable { .. } => 69,
            Self::NotNamed
            | Self::Malformed(_)
            | Self::UnknownScheme(_)
            | Self::NoDatabaseNamed
            | Self::Refused { .. }
            | Self::OtherSchema { .. }
            | Self::EnvFile
            | Self::SchemaIgnored { .. }
            | Self::LoginRefused { .. }
            | Self::NoSuchSchema { .. }
            | Self::NoSuchDatabase { .. } => 78,
        }
    }
}

/// Adds the settings in `.env`, here or in a folder above, to those in the environment, which win.
pub fn read_env_file() -> Result<(), ConnectError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(_) => Err(ConnectError::EnvFile),
    }
}

/// Opens a pool, waiting at most five seconds for the server.
///
/// `schema` replaces the role's own `search_path` on PostgreSQL and means nothing elsewhere; it may be several, separated
/// by commas.
pub async fn connect(url: &DatabaseUrl, schema: Option<&str>, access: Access) -> Result<DbConn, ConnectError> {
    let mut options = ConnectOptions::new(url.0.as_str());
    options.connect_timeout(PATIENCE).acquire_timeout(PATIENCE).sqlx_logging(false);
    if url.is_sqlite() {
        keep_one_connection(&mut options);
    }
    options.map_sqlx_sqlite_opts(move |options| match access {
        Access::ReadOnly => options.read_only(true).create_if_missing(false),
        // Migrating waits for a lock by itself, and says for whose.
        Access::ReadWrite => options.busy_timeout(Duration::from_secs(1)),
    });
    let schema = schema.filter(|schema| !schema.trim().is_empty());
    let path = schema.map(search_path);
    let is_named = url.0.query_pairs().any(|(key, _)| key == "application_name");
    options.map_sqlx_postgres_opts(move |mut options| {
        // Behind a pooler that lends a session for a transaction only, a statement prepared in one is unknown in the next.
        options = options.statement_cache_capacity(0);
        if !is_named {
            options = options.application_name(APPLICATION);
        }
        // Not `SET`, which such a pooler would leave behind for others: it refuses this, or drops it, which is noticed.
        path.iter().fold(options, |options, path| options.options([("search_path", path)]))
    });
    let db = Database::connect(options).await.map_err(|error| explain_refusal(url, &error))?;
    if url.is_postgres() {
        examine_search_path(&db, url, schema, access).await?;
    }
    Ok(db)
}

fn search_path(schemas: &str) -> String {
    let quoted = schemas.split(',').map(|schema| format!("\"{}\"", schema.trim().replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",")
}

/// PostgreSQL takes any name into the path; and a table on the path need not be where new tables are made.
async fn examine_search_path(
    db: &DbConn,
    url: &DatabaseUrl,
    schema: Option<&str>,
    access: Access,
) -> Result<(), ConnectError> {
    // Unprepared, because what others prepared may be in the way behind a pooler.
    let ask = sqlx::raw_sql(
        "SELECT current_setting('search_path'), current_schema()::text, \
         (SELECT schema.nspname::text FROM pg_catalog.pg_namespace AS schema \
         JOIN pg_catalog.pg_class AS relation ON relation.relnamespace = schema.oid \
         WHERE relation.oid = to_regclass('call_log'))",
    );
    let row = ask.fetch_one(db.get_postgres_connection_pool()).await.map_err(|error| explain(url, &error))?;
    let read = |index: usize| row.try_get::<Option<String>, _>(index).ok().flatten();
    if let Some(schema) = schema
        && read(0).is_none_or(|path| path != search_path(schema))
    {
        return Err(ConnectError::SchemaIgnored { url: url.clone() });
    }
    match (read(1), read(2)) {
        (None, _) if schema.is_some() => {
            let schema = schema.unwrap_or_default().to_owned();
            Err(ConnectError::NoSuchSchema { url: url.clone(), schema })
        }
        (Some(current), Some(found)) if access == Access::ReadWrite && current != found => {
            Err(ConnectError::OtherSchema { url: url.clone(), table: "call_log", found, current })
        }
        _ => Ok(()),
    }
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

fn explain_refusal(url: &DatabaseUrl, error: &DbErr) -> ConnectError {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => explain(url, cause),
        other => ConnectError::Refused { url: url.clone(), reason: other.to_string() },
    }
}

fn explain(url: &DatabaseUrl, error: &SqlxError) -> ConnectError {
    let url = url.clone();
    match error {
        SqlxError::Configuration(cause) => ConnectError::Malformed(cause.to_string()),
        SqlxError::PoolTimedOut => {
            ConnectError::Unreachable { url, reason: format!("no connection within {} s", PATIENCE.as_secs()) }
        }
        SqlxError::Io(cause) => ConnectError::Unreachable { url, reason: cause.to_string() },
        SqlxError::Database(cause) if cause.try_downcast_ref::<SqlxSqliteError>().is_some() => {
            let reason = cause.message().to_owned();
            // The primary result codes of <https://www.sqlite.org/rescode.html>: BUSY, LOCKED; CANTOPEN.
            match cause.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
                Some(5 | 6) => ConnectError::Unreachable { url, reason },
                Some(14) => ConnectError::NoSuchDatabase { url, reason },
                _ => ConnectError::Refused { url, reason },
            }
        }
        SqlxError::Database(cause) => {
            let reason = cause.message().to_owned();
            let mysql = cause.try_downcast_ref::<SqlxMySqlError>().map(SqlxMySqlError::number);
            match (cause.code().as_deref(), mysql) {
                // MySQL: ER_BAD_DB_ERROR; ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR; ER_CON_COUNT_ERROR
                (_, Some(1049)) => ConnectError::NoSuchDatabase { url, reason },
                (_, Some(1044 | 1045)) => ConnectError::LoginRefused { url, reason },
                (_, Some(1040)) => ConnectError::Unreachable { url, reason },
                // PostgreSQL: invalid_catalog_name; invalid_password, invalid_authorization_specification,
                // insufficient_privilege; too_many_connections, cannot_connect_now
                (Some("3D000"), None) => ConnectError::NoSuchDatabase { url, reason },
                (Some("28P01" | "28000" | "42501"), None) => ConnectError::LoginRefused { url, reason },
                (Some("53300" | "57P03"), None) => ConnectError::Unreachable { url, reason },
                // protocol_violation, with which PgBouncer refuses a search path
                (Some("08P01"), None) if reason.contains("startup parameter") => ConnectError::SchemaIgnored { url },
                _ => ConnectError::Refused { url, reason },
            }
        }
        other => ConnectError::Refused { url, reason: other.to_string() },
    }
}

impl DatabaseUrl {
    fn is_postgres(&self) -> bool {
        self.0.scheme().starts_with("postgres")
    }

    fn is_sqlite(&self) -> bool {
        self.0.scheme() == "sqlite"
    }
}

impl FromStr for DatabaseUrl {
    type Err = ConnectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(ConnectError::NotNamed);
        }
        let malformed = |error: url::ParseError| ConnectError::Malformed(error.to_string());
        let url = Url::parse(text.trim()).map_err(malformed)?;
        match url.scheme() {
            "sqlite" => return Ok(Self(Box::new(url))),
            "postgres" | "postgresql" | "mysql" | "mariadb" => {}
            other => return Err(ConnectError::UnknownScheme(other.to_owned())),
        }
        // `postgres://app:12/secret@host/db` is a URL too, of the host `app`, and would show the password as a path.
        let behind_host = [Some(url.path()), url.query(), url.fragment()];
        if url.fragment().is_some() || behind_host.into_iter().flatten().any(|part| part.contains('@')) {
            return Err(ConnectError::Malformed("what stands before the @ holds a character that ends it".to_owned()));
        }
        if url.scheme().starts_with('m') && url.path().trim_matches('/').is_empty() {
            return Err(ConnectError::NoDatabaseNamed);
        }
        let url = match url.as_str().strip_prefix("mariadb:") {
            Some(rest) => Url::parse(&format!("mysql:{rest}")).map_err(malformed)?,
            None => url,
        };
        Ok(Self(Box::new(url)))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        if url.password().is_some() {
            // Refused only for URLs that cannot have a password.
            let _ = url.set_password(Some("***"));
        }
        if url.query().is_some() {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let shown = pairs.iter().map(|(key, value)| {
                let secret = key.to_lowercase().contains("password");
                if secret { format!("{key}=***") } else { format!("{key}={value}") }
            });
            let shown = shown.collect::<Vec<_>>().join("&");
            url.set_query(Some(&shown));
        }
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        url.parse::<DatabaseUrl>().unwrap().to_string()
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        assert_eq!(shown("postgres://app:s3cret@db:5432/calls"), "postgres://app:***@db:5432/calls");
        assert_eq!(shown("postgres://db/calls?user=app&password=s3cret"), "postgres://db/calls?user=app&password=***");
        assert!(!format!("{:?}", "mysql://a:s3cret@h/d".parse::<DatabaseUrl>().unwrap()).contains("s3cret"));
    }

    #[test]
    fn text_that_is_not_a_url_is_never_repeated() {
        let error = "postgres://app:s3cret/x@db/calls".parse::<DatabaseUrl>().unwrap_err();
        assert_eq!(error.exit_code(), 78);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn a_password_that_looks_like_a_port_is_never_repeated() {
        for url in [
            "postgres://app:12/s3cret@db/calls",
            "postgres://app:12#s3cret@db/calls",
            "postgres://app:12?s3cret@db/calls",
            "mysql://app:/s3cret@db/calls",
        ] {
            let error = url.parse::<DatabaseUrl>().unwrap_err();
            assert!(matches!(error, ConnectError::Malformed(_)) && !error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_schema_is_a_name_and_never_a_statement() {
        assert_eq!(
            search_path(r#"app, public"; DROP TABLE call_log; --"#),
            r#""app","public""; DROP TABLE call_log; --""#
        );
    }

    #[test]
    fn sqlite_urls_are_left_as_they_are() {
        for url in ["sqlite::memory:", "sqlite://calls.db?mode=rwc", "sqlite:///var/lib/calls.db"] {
            assert_eq!(shown(url), url);
        }
    }

    #[test]
    fn other_services_are_refused_by_name() {
        let error = "redis://localhost".parse::<DatabaseUrl>().unwrap_err();
        assert!(matches!(&error, ConnectError::UnknownScheme(scheme) if scheme == "redis"));
    }
}
