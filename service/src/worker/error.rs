//! Database errors, without the data that servers quote.

use std::{borrow::Cow, fmt};

use sea_orm::{DbErr, SqlxError, SqlxMySqlError, SqlxSqliteError};
use sea_orm_connect::{ErrorKind, driver_error};

/// A database error that ended a pass. Does not show the server's message, which may quote a transcript.
#[derive(thiserror::Error)]
pub struct DatabaseError(pub(super) DbErr);

impl DatabaseError {
    /// Whether the database was unreachable, as opposed to rejecting a statement.
    pub fn is_unreachable(&self) -> bool {
        ErrorKind::of(&self.0) == ErrorKind::Connection
    }

    /// Whether the database rejected the data, so a retry would fail again.
    ///
    /// The SQLSTATE classes of data, constraints and triggers:
    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>, which MySQL and MariaDB share;
    /// on SQLite TOOBIG, CONSTRAINT and MISMATCH, ignoring the extended bits: <https://www.sqlite.org/rescode.html>.
    pub(super) fn is_data_error(&self) -> bool {
        let Some(SqlxError::Database(cause)) = driver_error(&self.0) else { return false };
        let code = cause.code().unwrap_or_default();
        if cause.try_downcast_ref::<SqlxSqliteError>().is_some() {
            return code.parse::<u32>().is_ok_and(|code| [18, 19, 20].contains(&(code & 0xff)));
        }
        // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD (characters outside the column's set), ER_CHECK_CONSTRAINT_VIOLATED
        let is_mysqls_own = |cause: &SqlxMySqlError| [1366, 3819].contains(&cause.number());
        ["22", "23", "45", "P0"].iter().any(|class| code.starts_with(class))
            || cause.try_downcast_ref().is_some_and(is_mysqls_own)
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        driver_error(&self.0)?.as_database_error()?.code()
    }
}

impl From<DbErr> for DatabaseError {
    fn from(error: DbErr) -> Self {
        Self(error)
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code() {
            _ if self.is_unreachable() => f.write_str("the database is unreachable"),
            Some(code) => write!(f, "the database rejected a statement ({code})"),
            None => f.write_str("cannot decode the database's response"),
        }
    }
}

impl fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
