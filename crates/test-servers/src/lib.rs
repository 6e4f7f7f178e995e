//! Real servers for the tests, and a database of its own for each test.
//!
//! A server named in `TEST_POSTGRES_URL` or `TEST_MYSQL_URL` is used as it is; otherwise the one that is installed is
//! started on a free port of the loopback interface, and ends with this program, however that ends. A server that is
//! not there fails the test where `CI` is set, and skips it with a loud line elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod galera;
mod own;
mod query;
mod seed;
pub mod start;

pub use galera::{Galera, NODES};
pub use own::{own_mariadb, pgbouncer, pgbouncer_with, replicated_postgres};
pub use query::{all, one};
pub use seed::seed;
pub use start::find;

use std::{
    io::Write,
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait, DbConn};
use sea_orm_connect::{Access, DatabaseUrl, PoolOptions, PoolerSafe};
use tempfile::TempDir;

/// Longer than any disk takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where nobody listens: no service has this port, and only root could take it.
pub const NOWHERE: &str = "127.0.0.1:1";

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Postgres,
    MySqlOrMariaDb,
    Sqlite,
}

/// A database that one test has to itself; dropped with this value.
#[derive(Debug)]
pub struct Database {
    pub server: Server,
    /// What `DATABASE_URL` is set to.
    pub url: String,
    name: String,
    /// Holds the SQLite file.
    folder: Option<TempDir>,
}

impl Server {
    /// The one that a connection leads to.
    pub fn of(db: &DbConn) -> Self {
        match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => Self::Postgres,
            sea_orm::DbBackend::MySql => Self::MySqlOrMariaDb,
            _ => Self::Sqlite,
        }
    }

    /// An empty database, or `None` if the server is not installed and need not be.
    pub async fn empty_database(self) -> Option<Database> {
        let name = unused_name();
        if self == Self::Sqlite {
            let folder = TempDir::new().unwrap();
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("calls.db").display());
            return Some(Database { server: self, url, name, folder: Some(folder) });
        }
        let base = self.url()?;
        run(&format!("{base}/{}", self.maintenance_database()), &format!("CREATE DATABASE {name}")).await;
        Some(Database { server: self, url: format!("{base}/{name}"), name, folder: None })
    }

    /// The server's URL without a database, or `None` if the test is to be skipped.
    pub fn url(self) -> Option<&'static str> {
        static POSTGRES: OnceLock<Option<String>> = OnceLock::new();
        static MYSQL: OnceLock<Option<String>> = OnceLock::new();
        let (url, name, variable): (_, _, fn() -> Option<String>) = match self {
            Self::Postgres => (&POSTGRES, "PostgreSQL", start::postgres),
            Self::MySqlOrMariaDb => (&MYSQL, "MariaDB or MySQL", start::mariadb),
            Self::Sqlite => unreachable!("SQLite is not a server"),
        };
        let found = url.get_or_init(variable).as_deref();
        if found.is_none() {
            skip(name);
        }
        found
    }

    fn maintenance_database(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySqlOrMariaDb | Self::Sqlite => "mysql",
        }
    }
}

fn unused_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Says on the real standard error, which the test harness does not capture, that a test did not run.
pub fn skip(what: &str) {
    assert!(!start::is_ci(), "{what} is not installed, and CI is set: nothing may be skipped");
    not_applicable(&format!("{what} is not installed"));
}

/// The same for a test that this server cannot run, whatever is installed: it is skipped in CI, too.
pub fn not_applicable(reason: &str) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let mut stderr = std::io::stderr();
    writeln!(stderr, "SKIPPED {test}: {reason}").unwrap();
}

impl Database {
    /// Another database with all that is in this one, to which nobody may be connected (PostgreSQL).
    pub async fn copy(&self) -> Self {
        let name = unused_name();
        let (base, _) = self.url.rsplit_once('/').expect("ends with the database");
        let maintenance = format!("{base}/{}", self.server.maintenance_database());
        run(&maintenance, &format!("CREATE DATABASE {name} TEMPLATE {}", self.name)).await;
        Self { server: self.server, url: format!("{base}/{name}"), name, folder: None }
    }

    /// Its name, which nothing else on the server has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection as another user, whose password is `s3cret`.
    pub async fn connect_as(&self, user: &str) -> DbConn {
        open(&self.url_as(user, "s3cret")).await
    }

    /// A connection as the program itself would open it.
    pub async fn connect(&self) -> DbConn {
        open(&self.url).await
    }

    /// A connection that waits for other writers as long as it takes: how fast a disk is, is not what is tested.
    pub async fn connect_patiently(&self) -> DbConn {
        let mut options = ConnectOptions::new(self.url.as_str());
        options.sqlx_logging(false);
        if self.server == Server::Sqlite {
            options.max_connections(1).acquire_timeout(PATIENCE);
            options.map_sqlx_sqlite_opts(|options| options.busy_timeout(PATIENCE));
        }
        sea_orm::Database::connect(options).await.unwrap()
    }

    /// The URL as the programs show it.
    pub fn shown_url(&self) -> String {
        self.url.parse::<DatabaseUrl>().unwrap().to_string()
    }

    /// The same database under another user, with a password.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        let address = self.url.rsplit_once('@').expect("servers are named with a user").1;
        let scheme = self.url.split_once("://").expect("a URL").0;
        format!("{scheme}://{user}:{password}@{address}")
    }

    /// Where the SQLite file is.
    pub fn file(&self) -> PathBuf {
        self.folder.as_ref().expect("only SQLite has a file").path().join("calls.db")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.folder.is_some() {
            return;
        }
        let (base, _) = self.url.rsplit_once('/').expect("ends with the database");
        let maintenance = format!("{base}/{}", self.server.maintenance_database());
        let force = if self.server == Server::Postgres { " WITH (FORCE)" } else { "" };
        let sql = format!("DROP DATABASE {}{force}", self.name);
        // A runtime of its own: the test's may be single-threaded, or unwinding.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(&maintenance, &sql));
        });
        dropped.join().ok();
    }
}

/// One statement on a connection of its own.
pub async fn run(url: &str, sql: &str) {
    let db = open(url).await;
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// As the program opens it, but it waits longer: a busy server may be silent for the five seconds that the program waits.
async fn open(url: &str) -> DbConn {
    let url: DatabaseUrl = url.parse().unwrap();
    let acquire_timeout = (!url.is_sqlite()).then_some(PATIENCE);
    let pool = PoolOptions { acquire_timeout, ..PoolOptions::default() };
    PoolerSafe::connect_with(&url, None, Access::ReadWrite, pool).await.unwrap().pool().clone()
}
