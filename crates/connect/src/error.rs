//! From a failure to a sentence and an exit code.

use std::path::Path;

use sea_orm::{DbErr, SqlxError};

use super::{
    error_kind::{driver_error, is_of_sqlite, message_of, number_of_mysql},
    reachability::{CONNECT_TIMEOUT, refusal_of},
    url::DatabaseUrl,
    url_error::UrlError,
};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum ConnectError {
    /// A setting that does not name a database.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Two settings name one each, and what was typed may be either.
    #[error(
        "`DATABASE_URL` names {url}, `MIGRATION_DATABASE_URL` {to_migrate}: unset one of them, or let both name the same database"
    )]
    TwoDatabases {
        /// The one, masked when shown.
        url: DatabaseUrl,
        /// The other, masked when shown.
        to_migrate: DatabaseUrl,
    },
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
    /// The server answers, and has no connection left, or still starts.
    #[error("the server takes no connection to {url} now: {reason}")]
    NotNow {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The server's words.
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
    #[error("cannot connect to {url}: {reason}")]
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
    TableInOtherSchema {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The table.
        table: String,
        /// Where it is.
        found: String,
        /// Where new tables go.
        current: String,
    },
    /// Migrations would damage this engine.
    #[error("{url} is {name}, which is not supported: {reason}")]
    UnsupportedEngine {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The engine.
        name: &'static str,
        /// What would happen.
        reason: &'static str,
    },
    /// The rows of a table are on other servers.
    #[error(
        "rows of `{table}` in {url} are on other servers, through {by}: a migration would be recorded here and not reach them. \
         Migrate each of those servers first, then change this table by hand and record the migrations in its history"
    )]
    StoredElsewhere {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The table.
        table: String,
        /// How they are reached.
        by: String,
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
    #[error("there is no such database at {url}: {reason}; {}", how_to_create(url))]
    NoSuchDatabase {
        /// The URL, masked when shown.
        url: DatabaseUrl,
        /// The server's words.
        reason: String,
    },
}

fn how_to_create(url: &DatabaseUrl) -> &'static str {
    if url.file().is_some_and(|file| Path::new(file).is_dir()) {
        "it is a folder: name a file in it"
    } else if url.may_create() && url.file().is_some_and(has_its_folder) {
        "a command that only reads does not create it; `up` does, if this user may write to its folder"
    } else if url.may_create() {
        "its folder must exist, and this user must be able to write there"
    } else if url.is_sqlite() {
        "correct the path, or let it be created: ?mode=rwc at the end of the URL"
    } else {
        "create it first, or correct the URL"
    }
}

/// A name alone is in the current folder.
fn has_its_folder(file: &str) -> bool {
    Path::new(file).parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}

impl ConnectError {
    /// 69 where trying again later may help, 78 where only other settings will. Source: `sysexits.h`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreachable { .. } | Self::NotNow { .. } => 69,
            Self::Url(_)
            | Self::TwoDatabases { .. }
            | Self::Refused { .. }
            | Self::TableInOtherSchema { .. }
            | Self::UnsupportedEngine { .. }
            | Self::StoredElsewhere { .. }
            | Self::EnvFile
            | Self::SchemaIgnored { .. }
            | Self::LoginRefused { .. }
            | Self::NoSuchSchema { .. }
            | Self::NoSuchDatabase { .. } => 78,
        }
    }
}

pub(crate) fn explain_refusal(url: &DatabaseUrl, error: &DbErr) -> ConnectError {
    match driver_error(error) {
        Some(cause) => explain(url, cause),
        None => ConnectError::Refused { url: url.clone(), reason: message_of(error) },
    }
}

pub(crate) fn explain(url: &DatabaseUrl, error: &SqlxError) -> ConnectError {
    let url = url.clone();
    match error {
        SqlxError::Configuration(cause) => UrlError::Malformed(cause.to_string()).into(),
        SqlxError::PoolTimedOut => ConnectError::Unreachable {
            reason: refusal_of(&url).unwrap_or_else(|| {
                format!("no connection within {} s; does it run, and listen there?", CONNECT_TIMEOUT.as_secs())
            }),
            url,
        },
        SqlxError::Io(cause) => ConnectError::Unreachable { url, reason: cause.to_string() },
        // What sqlx makes of a stream that ends before the first byte.
        SqlxError::Protocol(reason) if reason.contains("SSLRequest: 0x00") => {
            ConnectError::Unreachable { url, reason: "it closed the connection without an answer".to_owned() }
        }
        SqlxError::Database(cause) if is_of_sqlite(&**cause) => {
            let reason = cause.message().to_owned();
            // The primary result codes of <https://www.sqlite.org/rescode.html>: BUSY, LOCKED; CANTOPEN; IOERR.
            match cause.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
                Some(5 | 6) => ConnectError::Unreachable { url, reason },
                Some(14) => ConnectError::NoSuchDatabase { url, reason },
                Some(10) if url.file().is_some_and(|file| Path::new(file).is_dir()) => {
                    ConnectError::NoSuchDatabase { url, reason }
                }
                Some(10) => ConnectError::Refused { url, reason: format!("{reason}; is it a file?") },
                _ => ConnectError::Refused { url, reason },
            }
        }
        SqlxError::Database(cause) => {
            let reason = cause.message().to_owned();
            let mysql = number_of_mysql(&**cause);
            match (cause.code().as_deref(), mysql) {
                // MySQL: ER_BAD_DB_ERROR; ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR; ER_CON_COUNT_ERROR;
                // ER_UNKNOWN_COM_ERROR of a Galera node without its cluster
                (_, Some(1049)) => ConnectError::NoSuchDatabase { url, reason },
                (_, Some(1044 | 1045)) => ConnectError::LoginRefused { url, reason },
                (_, Some(1040)) => ConnectError::NotNow { url, reason },
                (_, Some(1047)) if reason.contains("WSREP") => ConnectError::Unreachable {
                    url,
                    reason: format!("{reason}; has this Galera node lost its cluster? see `wsrep_cluster_status`"),
                },
                // PostgreSQL: invalid_catalog_name; invalid_password, invalid_authorization_specification,
                // insufficient_privilege; too_many_connections, cannot_connect_now
                (Some("3D000"), None) => ConnectError::NoSuchDatabase { url, reason },
                (Some("28P01" | "28000" | "42501"), None) => ConnectError::LoginRefused { url, reason },
                (Some("57014"), None) => ConnectError::Refused {
                    url,
                    reason: format!("{reason}; the `statement_timeout` of this role, database or server is too short"),
                },
                (Some("53300" | "57P03"), None) => ConnectError::NotNow { url, reason },
                // protocol_violation, with which PgBouncer refuses a search path
                (Some("08P01"), None) if reason.contains("startup parameter") => ConnectError::SchemaIgnored { url },
                _ => ConnectError::Refused { url, reason },
            }
        }
        other => ConnectError::Refused { url, reason: other.to_string() },
    }
}
