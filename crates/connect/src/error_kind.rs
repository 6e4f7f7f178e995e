//! What an error of the driver means: whether a retry may help.

use std::error::Error;

#[cfg(feature = "mysql")]
use sea_orm::SqlxMySqlError;
#[cfg(feature = "postgres")]
use sea_orm::SqlxPostgresError;
#[cfg(feature = "sqlite")]
use sea_orm::SqlxSqliteError;
use sea_orm::{DbErr, RuntimeErr, SqlxError, sqlx::error::DatabaseError};

/// What the driver said, where an error comes from it.
pub fn driver_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// The number of an error of MySQL or MariaDB.
pub fn mysql_error_number(error: &DbErr) -> Option<u16> {
    let Some(SqlxError::Database(cause)) = driver_error(error) else { return None };
    number_of_mysql(&**cause)
}

/// The text of an error, without the line of PostgreSQL's own source code that sqlx appends to it as `at line 3793`: readers
/// take it for a line of their statement.
pub fn message_of(error: &(dyn Error + 'static)) -> String {
    let text = error.to_string();
    let of_driver = |error: &SqlxError| line_of_postgres(error.as_database_error()?);
    let line = if let Some(error) = error.downcast_ref::<DbErr>() {
        driver_error(error).and_then(of_driver)
    } else if let Some(RuntimeErr::SqlxError(error)) = error.downcast_ref::<RuntimeErr>() {
        of_driver(error)
    } else if let Some(error) = error.downcast_ref::<SqlxError>() {
        of_driver(error)
    } else {
        bare_line_of_postgres(error)
    };
    match line {
        Some(line) => text.replace(&format!(" at line {line}"), ""),
        None => text,
    }
}

/// The line of PostgreSQL's own source code.
fn line_of_postgres(error: &dyn DatabaseError) -> Option<usize> {
    #[cfg(feature = "postgres")]
    return error.try_downcast_ref::<SqlxPostgresError>()?.line();
    #[cfg(not(feature = "postgres"))]
    None
}

fn bare_line_of_postgres(error: &(dyn Error + 'static)) -> Option<usize> {
    #[cfg(feature = "postgres")]
    return error.downcast_ref::<SqlxPostgresError>()?.line();
    #[cfg(not(feature = "postgres"))]
    None
}

pub(crate) fn number_of_mysql(error: &dyn DatabaseError) -> Option<u16> {
    #[cfg(feature = "mysql")]
    return error.try_downcast_ref().map(SqlxMySqlError::number);
    #[cfg(not(feature = "mysql"))]
    None
}

pub(crate) fn is_of_sqlite(error: &dyn DatabaseError) -> bool {
    #[cfg(feature = "sqlite")]
    return error.try_downcast_ref::<SqlxSqliteError>().is_some();
    #[cfg(not(feature = "sqlite"))]
    false
}

/// What kind of failure an error is, which decides whether trying again helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Somebody else's lock: trying again may help.
    Lock,
    /// The connection is gone, and with it all that was not committed.
    Connection,
    /// The server takes no writes now: a replica, or a primary that was made read-only.
    ReadOnly,
    /// The statement itself.
    Statement,
}

impl ErrorKind {
    /// What this error means.
    pub fn of(error: &DbErr) -> Self {
        match driver_error(error) {
            Some(SqlxError::Io(_) | SqlxError::PoolClosed | SqlxError::PoolTimedOut | SqlxError::WorkerCrashed) => {
                Self::Connection
            }
            // What comes behind an end of the stream in the middle of a message.
            Some(SqlxError::Protocol(_)) => Self::Connection,
            Some(SqlxError::Database(cause)) => {
                if let Some(number) = number_of_mysql(&**cause) {
                    return Self::of_mysql(number, cause.message());
                }
                let code = cause.code().unwrap_or_default();
                if is_of_sqlite(&**cause) { Self::of_sqlite(&code) } else { Self::of_postgres(&code) }
            }
            None if matches!(error, DbErr::ConnectionAcquire(_)) => Self::Connection,
            _ => Self::Statement,
        }
    }

    /// Whether a statement was ended because it took too long, or because somebody wanted it to end: `query_canceled`;
    /// `ER_STATEMENT_TIMEOUT` of MariaDB, `ER_QUERY_TIMEOUT` of MySQL.
    pub fn is_time_out(error: &DbErr) -> bool {
        let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
        match number_of_mysql(&**cause) {
            Some(number) => [1969, 3024].contains(&number),
            None => cause.code().as_deref() == Some("57014"),
        }
    }

    /// Whether the server is out of space, or its disk fails: class 53 (`disk_full`) and 58 (`io_error`) of PostgreSQL;
    /// `ER_DISK_FULL`, `ER_GET_ERRNO` and `ER_RECORD_FILE_FULL`; `SQLITE_FULL` and `SQLITE_IOERR`.
    pub fn is_out_of_space(error: &DbErr) -> bool {
        let Some(SqlxError::Database(cause)) = driver_error(error) else { return false };
        if let Some(number) = number_of_mysql(&**cause) {
            return [1021, 1030, 1114].contains(&number);
        }
        let code = cause.code().unwrap_or_default();
        if is_of_sqlite(&**cause) {
            return matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(10 | 13));
        }
        code.starts_with("53") || code.starts_with("58")
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>: `lock_not_available`, `deadlock_detected`;
    /// `read_only_sql_transaction`; connection exceptions, `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`, sessions and transactions
    /// that took too long.
    fn of_postgres(code: &str) -> Self {
        match code {
            "55P03" | "40P01" => Self::Lock,
            "25006" => Self::ReadOnly,
            // protocol_violation, with which a pooler refuses what it does not know
            "08P01" => Self::Statement,
            "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" => Self::Connection,
            code if code.starts_with("08") => Self::Connection,
            _ => Self::Statement,
        }
    }

    /// `ER_LOCK_WAIT_TIMEOUT`, `ER_LOCK_DEADLOCK`; `ER_SERVER_SHUTDOWN`, `ER_NEW_ABORTING_CONNECTION`, `ER_CONNECTION_KILLED`;
    /// `ER_OPTION_PREVENTS_STATEMENT`, of several options, and `ER_READ_ONLY_MODE`; `ER_UNKNOWN_COM_ERROR` of a Galera node that
    /// has lost its cluster, and answers nothing until it is back.
    fn of_mysql(number: u16, message: &str) -> Self {
        match number {
            1290 if message.contains("read-only") => Self::ReadOnly,
            1836 => Self::ReadOnly,
            1205 | 1213 => Self::Lock,
            1053 | 1184 | 1927 => Self::Connection,
            1047 if message.contains("WSREP") => Self::Connection,
            _ => Self::Statement,
        }
    }

    /// <https://www.sqlite.org/rescode.html>: BUSY and LOCKED, whatever stands in the upper bits.
    fn of_sqlite(code: &str) -> Self {
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Self::Lock,
            _ => Self::Statement,
        }
    }
}
