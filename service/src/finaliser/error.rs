//! What the database had against it, in words that quote nothing.

use std::{borrow::Cow, fmt};

use sea_orm::{DbErr, RuntimeErr};

/// Why a pass ended early. The database's own words may quote what was written, so they are not shown.
#[derive(thiserror::Error)]
pub struct DatabaseError(pub(super) DbErr);

impl DatabaseError {
    /// Whether nobody answered, and not the statement is to blame.
    pub fn is_unreachable(&self) -> bool {
        self.code().is_none()
    }

    fn code(&self) -> Option<String> {
        match &self.0 {
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause.as_database_error()?.code().map(Cow::into_owned),
            _ => None,
        }
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
            Some(code) => write!(f, "the database refuses a statement of the finaliser ({code})"),
            None => f.write_str("the database does not answer the finaliser"),
        }
    }
}

impl fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
