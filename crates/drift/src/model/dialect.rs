//! Kinds of databases.

use sea_orm::DbBackend;
use serde::Serialize;

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// PostgreSQL 13 or newer.
    Postgres,
    /// MySQL 8.
    MySql,
    /// MariaDB, which speaks MySQL's protocol and keeps a different catalogue.
    MariaDb,
    /// SQLite 3.38 or newer.
    Sqlite,
}

impl Dialect {
    /// The backend SeaORM uses for it.
    pub fn backend(self) -> DbBackend {
        match self {
            Self::Postgres => DbBackend::Postgres,
            Self::MySql | Self::MariaDb => DbBackend::MySql,
            Self::Sqlite => DbBackend::Sqlite,
        }
    }

    /// Whether the database takes both names for the same column. PostgreSQL compares them as they are stored, SQLite
    /// folds ASCII letters only (`sqlite3StrICmp`), and MySQL and MariaDB fold the case of all letters.
    pub fn same_name(self, one: &str, other: &str) -> bool {
        match self {
            Self::Postgres => one == other,
            Self::Sqlite => one.eq_ignore_ascii_case(other),
            Self::MySql | Self::MariaDb => one == other || one.to_lowercase() == other.to_lowercase(),
        }
    }
}
