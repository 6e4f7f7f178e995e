//! How one attempt at a migration ends.

use std::time::Duration;

use sea_orm_migration::sea_orm::DbErr;

use crate::{error::Error, session::Session};

/// How an attempt ended without an error.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Committed, and the history updated.
    Done {
        /// The migration.
        migration: String,
        /// Without the waits.
        took: Duration,
    },
    /// Another run did it meanwhile.
    Moved,
    /// A statement found done what it should do, on a Galera cluster: look again. The error if it stays so.
    Overtaken(Error),
    /// Another run holds the migration lock.
    Busy(Vec<Session>),
    /// A table was in use, and everything is rolled back.
    Blocked {
        /// The migration.
        migration: String,
        /// The sessions that used the table.
        by: Vec<Session>,
    },
}

/// Why an attempt failed.
pub(crate) enum ExecuteError {
    Driver(DbErr),
    Run(Error),
}

impl From<DbErr> for ExecuteError {
    fn from(error: DbErr) -> Self {
        Self::Driver(error)
    }
}

impl From<Error> for ExecuteError {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}
