//! The three kinds of database, each as it is installed, and databases on them.

use test_servers::start;

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr};
use tempfile::TempDir;

use super::Result;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Postgres,
    MariaDb,
    Sqlite,
}

/// A running server, or the folder of SQLite's files.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) backend: Backend,
    base: String,
    /// Holds the files of SQLite.
    folder: Option<TempDir>,
}

/// A database of its own.
#[derive(Debug)]
pub(crate) struct Database {
    backend: Backend,
    pub(crate) url: String,
}

impl Backend {
    pub(crate) const ALL: [Self; 3] = [Self::Postgres, Self::MariaDb, Self::Sqlite];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::Sqlite => "SQLite",
        }
    }

    /// Starts what is installed; `None`, with a loud line, where nothing is. With `CI` set, nothing may be absent.
    pub(crate) fn start(self) -> Result<Option<Server>> {
        let (base, folder) = match self {
            Self::Postgres => (start::postgres(), None),
            Self::MariaDb => (start::mariadb(), None),
            Self::Sqlite => {
                let folder = TempDir::new()?;
                (Some(format!("sqlite://{}", folder.path().display())), Some(folder))
            }
        };
        if base.is_none() && start::is_ci() {
            return Err(format!("{} is not installed, and CI is set: nothing may be skipped", self.name()).into());
        }
        if base.is_none() {
            eprintln!("SKIPPED {}: it is not installed", self.name());
        }
        Ok(base.map(|base| Server { backend: self, base, folder }))
    }
}

impl Server {
    /// A new and empty database.
    pub(crate) async fn create_database(&self, purpose: &str) -> Result<Database> {
        let name = format!("bench_{}_{purpose}", std::process::id());
        let mut url = format!("{}/{name}", self.base);
        if self.folder.is_some() {
            url.push_str(".db?mode=rwc");
        } else {
            self.execute(&format!("CREATE DATABASE {name}")).await?;
        }
        Ok(Database { backend: self.backend, url })
    }

    /// Takes it away again, for servers that were there before.
    pub(crate) async fn drop_database(&self, database: Database) -> Result<()> {
        match (&self.folder, database.url.rsplit_once('/')) {
            (None, Some((_, name))) => self.execute(&format!("DROP DATABASE {name}")).await,
            _ => Ok(()),
        }
    }

    async fn execute(&self, sql: &str) -> Result<()> {
        let maintenance = if self.backend == Backend::Postgres { "postgres" } else { "mysql" };
        let db = connect(format!("{}/{maintenance}", self.base)).await?;
        db.execute_unprepared(sql).await?;
        Ok(db.close().await?)
    }
}

impl Database {
    /// A new connection, one and always the same.
    pub(crate) async fn connect(&self) -> std::result::Result<DatabaseConnection, DbErr> {
        connect(self.url.clone()).await
    }

    /// Does at once what autovacuum would do in the middle of a measurement.
    pub(crate) async fn settle(&self, db: &DatabaseConnection) -> std::result::Result<(), DbErr> {
        if self.backend == Backend::Postgres {
            db.execute_unprepared("VACUUM ANALYZE").await?;
            db.execute_unprepared("CHECKPOINT").await?;
        }
        Ok(())
    }
}

async fn connect(url: String) -> std::result::Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await
}
