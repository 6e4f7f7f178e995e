//! The live side: a fixed number of catalogue `SELECT`s about the tables that entities name. Never writes, and reads the
//! tables themselves only by the index of a generated key: whether they have its next value, and how fast it grows.

mod answer;
mod facts;
mod mysql;
mod postgres;
mod rename_candidates;
mod sqlite;
mod taken_names;
mod usage;

use sea_orm::{ConnectionTrait, DbBackend};

pub(crate) use facts::Found;

use crate::{
    error::Error,
    model::{Dialect, Schema, Table, TableName},
};

/// The kind of database that `db` is connected to.
pub(crate) async fn dialect(db: &impl ConnectionTrait) -> Result<Dialect, Error> {
    match db.get_database_backend() {
        DbBackend::Postgres => Ok(Dialect::Postgres),
        DbBackend::MySql => mysql::dialect(db).await.map_err(|source| Error::Catalogue { source }),
        DbBackend::Sqlite => Ok(Dialect::Sqlite),
        other => Err(Error::UnsupportedBackend(format!("{other:?}"))),
    }
}

/// Those of the tables that exist, and how fast their keys are used.
pub(crate) async fn tables(db: &impl ConnectionTrait, dialect: Dialect, wanted: &[TableName]) -> Result<Found, Error> {
    let found = match dialect {
        Dialect::Postgres => postgres::tables(db, wanted).await,
        Dialect::MySql | Dialect::MariaDb => mysql::tables(db, dialect, wanted).await,
        Dialect::Sqlite => sqlite::tables(db, wanted).await,
    };
    let mut found = found.map_err(|source| Error::Catalogue { source })?;
    usage::ask(db, dialect, &mut found.tables).await.map_err(|source| Error::Catalogue { source })?;
    Ok(found)
}

/// What was found, with what else of the database concerns the declared tables.
pub(crate) async fn schema(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    found: Found,
    declared: &[Table],
) -> Result<Schema, Error> {
    let Found { tables, other_schemas, role, read_only, encoding } = found;
    let mut schema = Schema { other_schemas, role, read_only, encoding, ..Schema::new(dialect, tables) };
    if dialect == Dialect::Postgres {
        postgres::hold(db, declared, &mut schema).await.map_err(|source| Error::Catalogue { source })?;
        schema.types = postgres::types(db, declared, &schema).await.map_err(|source| Error::Catalogue { source })?;
    }
    schema.taken = taken_names::find(db, declared, &schema).await.map_err(|source| Error::Catalogue { source })?;
    schema.rename_candidates =
        rename_candidates::tables(db, declared, &schema).await.map_err(|source| Error::Catalogue { source })?;
    Ok(schema)
}
