//! What the database had against it, in words that quote nothing.

use std::{borrow::Cow, fmt};

use sea_orm::{DbErr, SqlxError, SqlxMySqlError, SqlxSqliteError};
use sea_orm_connect::{ErrorKind, driver_error};

/// Why a pass ended early. The database's own words may quote what was written, so they are not shown.
#[derive(thiserror::Error)]
pub struct DatabaseError(pub(super) DbErr);

impl DatabaseError {
    /// Whether nobody answered, and not the statement is to blame.
    pub fn is_unreachable(&self) -> bool {
        ErrorKind::of(&self.0) == ErrorKind::Connection
    }

    /// Whether it is about what was to be written, so that the same is refused again.
    ///
    /// The classes of data and of constraints, and of what a trigger says, in
    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>, which MySQL and MariaDB share;
    /// <https://www.sqlite.org/rescode.html>: TOOBIG, CONSTRAINT and MISMATCH, whatever stands in the upper bits.
    pub(super) fn is_about_data(&self) -> bool {
        let Some(SqlxError::Database(cause)) = driver_error(&self.0) else { return false };
        let code = cause.code().unwrap_or_default();
        if cause.try_downcast_ref::<SqlxSqliteError>().is_some() {
            return code.parse::<u32>().is_ok_and(|code| [18, 19, 20].contains(&(code & 0xff)));
        }
        // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD (letters that a column does not know), ER_CHECK_CONSTRAINT_VIOLATED
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
            _ if self.is_unreachable() => f.write_str("the database does not answer the finaliser"),
            Some(code) => write!(f, "the database refuses a statement of the finaliser ({code})"),
            None => f.write_str("what the database answers the finaliser cannot be read"),
        }
    }
}

impl fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
