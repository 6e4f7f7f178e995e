//! What the benchmarks measure on: real databases, with as many tables of twenty columns as wanted.

mod selection;
mod server;
mod table;

pub(crate) use selection::Selection;
pub(crate) use server::{Backend, Database, Server};
pub(crate) use table::Entity;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Schema, TransactionTrait};
use sea_orm_drift::Entities;

/// How it all may end early.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Numbers of tables that are compared.
pub(crate) const SIZES: [usize; 3] = [10, 100, 1_000];

/// The first `count` tables, as a program lists its entities.
pub(crate) fn entities(count: usize) -> Entities {
    (0..count).fold(Entities::new(), |entities, number| entities.add(Entity::numbered(number)))
}

/// Creates the first `count` tables from their entities.
pub(crate) async fn create(database: &Database, count: usize) -> Result<()> {
    let db = database.connect().await?;
    create_tables(&db, count).await?;
    database.settle(&db).await?;
    Ok(db.close().await?)
}

/// The same on a connection.
pub(crate) async fn create_tables(db: &DatabaseConnection, count: usize) -> Result<()> {
    let schema = Schema::new(db.get_database_backend());
    let transaction = db.begin().await?;
    for number in 0..count {
        let entity = Entity::numbered(number);
        transaction.execute(&schema.create_table_from_entity(entity)).await?;
        for index in schema.create_index_from_entity(entity) {
            transaction.execute(&index).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// Fails unless the check finds nothing: a fast wrong answer is worth nothing.
pub(crate) async fn assert_in_sync(db: &impl ConnectionTrait, entities: &Entities) -> Result<()> {
    let report = entities.check(db).await?;
    if report.is_in_sync() {
        Ok(())
    } else {
        Err(format!("the database is not what the entities say\n\n{report}").into())
    }
}

/// What the server calls itself: `PostgreSQL 15.14`.
pub(crate) async fn version(db: &impl ConnectionTrait, backend: Backend) -> std::result::Result<String, DbErr> {
    let ask = match backend {
        Backend::Postgres => "SELECT current_setting('server_version')",
        Backend::MariaDb => "SELECT VERSION()",
        Backend::Sqlite => "SELECT sqlite_version()",
    };
    let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), ask)).await?;
    let version: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    let number = version.split([' ', '-']).next().unwrap_or_default();
    Ok(format!("{} {number}", backend.name()))
}
