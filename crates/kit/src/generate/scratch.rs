//! The scratch database: SQLite in memory, or a database of random name on a server, which is dropped again.

use std::hash::{BuildHasher, RandomState};

use sea_orm_connect::{Access, DatabaseUrl, ErrorKind, connect, in_memory, message_of};
use sea_orm_drift::{
    ColumnTypes, Entities,
    model::{Dialect, Generation, Schema, TableName},
};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, sea_query::ColumnType,
};

use super::{error::GenerateError, spec::of_generated};

/// A database that nobody else uses.
#[derive(Debug)]
pub struct Scratch {
    db: DatabaseConnection,
    /// The server, and the name of the database to drop.
    server: Option<(DatabaseConnection, String)>,
}

impl Scratch {
    /// SQLite in memory.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn in_memory() -> Result<Self, GenerateError> {
        Ok(Self { db: in_memory().await.map_err(GenerateError::ScratchDatabase)?, server: None })
    }

    /// A new database on the server that `url` names, with the privileges of its role.
    ///
    /// # Errors
    /// If there is no connection; if the URL names a database that somebody uses; if the role may not create databases.
    pub async fn at_url(url: &DatabaseUrl) -> Result<Self, GenerateError> {
        if url.is_in_memory() {
            return Self::in_memory().await;
        }
        if url.is_sqlite() {
            let why = "a scratch database on SQLite is in memory: use `--scratch-url sqlite::memory:`, or a server";
            return Err(GenerateError::ScratchUrl(why.to_owned()));
        }
        let server = connect(url, None, Access::ReadWrite).await?;
        let count = count_tables(&server).await.map_err(GenerateError::ScratchDatabase)?;
        if count > 0 {
            return Err(GenerateError::ScratchUrl(format!(
                "the scratch URL {url} names a database with {count} tables: name an empty one, or the server's own \
                 (`postgres`, `mysql`), beside which a scratch database is created and dropped again"
            )));
        }
        let name = format!("scratch_{:016x}", RandomState::new().hash_one(std::process::id()));
        // Otherwise each column would have a collation of its own where the server's default is `latin1`, as MariaDB's was.
        let is_mysql = server.get_database_backend() == DbBackend::MySql;
        let charset = if is_mysql { " CHARACTER SET utf8mb4" } else { "" };
        let created = server.execute_unprepared(&format!("CREATE DATABASE {name}{charset}")).await;
        created.map_err(|error| match ErrorKind::of(&error) {
            ErrorKind::Statement | ErrorKind::ReadOnly => GenerateError::ScratchUrl(format!(
                "no scratch database can be created at {url}: {}; name a server and a role that may create databases",
                message_of(&error)
            )),
            ErrorKind::Connection | ErrorKind::Lock => GenerateError::ScratchDatabase(error),
        })?;
        match configure_and_connect(url, &server, &name).await {
            Ok(db) => Ok(Self { db, server: Some((server, name)) }),
            Err(error) => {
                drop_database(&server, &name).await.map_err(GenerateError::ScratchDatabase)?;
                Err(error)
            }
        }
    }

    /// The connection.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Drops it. Whoever made it must call this, also after an error: the server does not drop it when this program ends.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn remove(self) -> Result<(), GenerateError> {
        // Not closed before: after a signal a statement of it may still run.
        match self.server {
            Some((server, name)) => drop_database(&server, &name).await.map_err(GenerateError::ScratchDatabase),
            None => Ok(()),
        }
    }
}

/// Sets `synchronous_commit` off, because nothing has to survive, and `jit`, because it takes longer than the statements that read the
/// catalogue.
async fn configure_and_connect(
    url: &DatabaseUrl,
    server: &DatabaseConnection,
    name: &str,
) -> Result<DatabaseConnection, GenerateError> {
    if server.get_database_backend() == DbBackend::Postgres {
        for setting in ["synchronous_commit", "jit"] {
            let sql = format!("ALTER DATABASE {name} SET {setting} = off");
            server.execute_unprepared(&sql).await.map_err(GenerateError::ScratchDatabase)?;
        }
    }
    Ok(connect(&url.with_database(name), None, Access::ReadWrite).await?)
}

async fn drop_database(server: &DatabaseConnection, name: &str) -> Result<(), DbErr> {
    // A session of a statement that was cut off may still be there.
    let force = if server.get_database_backend() == DbBackend::Postgres { " WITH (FORCE)" } else { "" };
    server.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}{force}")).await.map(drop)
}

/// How many tables somebody made there.
async fn count_tables(db: &DatabaseConnection) -> Result<i64, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        }
        _ => {
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() \
             AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')"
        }
    };
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}

/// A table in a schema where that is a database of its own, which is not the scratch database.
pub(super) fn table_elsewhere(db: &DatabaseConnection, entities: &Entities) -> Option<TableName> {
    if db.get_database_backend() != DbBackend::MySql {
        return None;
    }
    let tables = entities.declared(Dialect::MySql).tables.into_iter().map(|table| table.name);
    tables.into_iter().find(|table| table.schema.is_some())
}

/// Why SQLite cannot stand in for a server, if it cannot.
pub(super) fn why_not_sqlite(declared: &Schema, types: &[ColumnTypes]) -> Option<String> {
    let table_in_schema = declared.tables.iter().find(|table| table.name.schema.is_some());
    if let Some(table) = table_in_schema {
        return Some(format!("{} is in a schema", table.name));
    }
    let is_counted = |table: &TableName, name: &str| {
        let table = declared.tables.iter().find(|other| other.name == *table);
        let column = table.and_then(|table| table.columns.iter().find(|column| column.name == name));
        column.is_some_and(|column| column.generation == Generation::AutoIncrement)
    };
    types.iter().flat_map(|types| types.columns.iter().map(move |(name, ty)| (&types.table, name, ty))).find_map(
        |(table, name, ty)| {
            let what = match ty {
                ColumnType::Enum { .. } => "a native enum",
                ColumnType::Array(_) => "an array",
                ColumnType::Vector(_) => "a vector",
                ColumnType::Cidr | ColumnType::Inet | ColumnType::MacAddr => "a network address",
                ColumnType::LTree => "an ltree",
                ColumnType::Interval(..) => "an interval",
                ColumnType::Year => "a year",
                ColumnType::Bit(_) | ColumnType::VarBit(_) => "a bit string",
                ty if is_counted(table, name) && of_generated(ty.clone(), Dialect::Sqlite) != *ty => {
                    "a counted key of another size or sign than SQLite has"
                }
                _ => return None,
            };
            Some(format!("{table}.{name} is {what}"))
        },
    )
}
