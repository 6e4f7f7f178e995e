//! The live side: a fixed number of catalogue `SELECT`s about the tables that entities name, and nothing else.
//! Never writes, never reads a row of a table.

mod mysql;
mod postgres;
mod sqlite;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use crate::{
    error::Error,
    model::{Dialect, Index, Limit, Schema, Table, TableName, Uniqueness},
};

/// What kind of database is at the other end.
pub(crate) async fn dialect(db: &impl ConnectionTrait) -> Result<Dialect, Error> {
    match db.get_database_backend() {
        DbBackend::Postgres => Ok(Dialect::Postgres),
        DbBackend::MySql => mysql::dialect(db).await.map_err(|source| Error::Catalogue { source }),
        DbBackend::Sqlite => Ok(Dialect::Sqlite),
        other => Err(Error::UnsupportedBackend(format!("{other:?}"))),
    }
}

/// Those of the tables that exist.
pub(crate) async fn schema(db: &impl ConnectionTrait, dialect: Dialect, wanted: &[TableName]) -> Result<Schema, Error> {
    let tables = match dialect {
        Dialect::Postgres => postgres::tables(db, wanted).await,
        Dialect::MySql | Dialect::MariaDb => mysql::tables(db, dialect, wanted).await,
        Dialect::Sqlite => sqlite::tables(db, wanted).await,
    };
    Ok(Schema { dialect, tables: tables.map_err(|source| Error::Catalogue { source })? })
}

/// The rows of one catalogue query.
async fn rows<R: FromQueryResult>(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<R>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| R::from_query_result(row, "")).collect()
}

/// The tables asked for, as JSON: `[{"ordinal": 0, "schema_name": null, "table_name": "call_log"}]`.
fn as_json(wanted: &[TableName]) -> String {
    let wanted = wanted.iter().enumerate().map(|(ordinal, table)| {
        serde_json::json!({ "ordinal": ordinal, "schema_name": table.schema, "table_name": table.name })
    });
    wanted.collect::<serde_json::Value>().to_string()
}

/// One column of one index, whatever the catalogue. A table's rows come in the order of index and position.
struct IndexPart {
    ordinal: usize,
    index: String,
    uniqueness: Uniqueness,
    column: String,
    limits: Vec<Limit>,
}

/// Gives each table its indexes.
fn add_indexes(tables: &mut [Option<Table>], parts: impl IntoIterator<Item = IndexPart>) {
    for part in parts {
        let Some(table) = tables.get_mut(part.ordinal).and_then(Option::as_mut) else { continue };
        match table.indexes.last_mut().filter(|index| index.name == part.index) {
            Some(index) => {
                index.columns.push(part.column);
                let new = part.limits.into_iter().filter(|limit| !index.limits.contains(limit)).collect::<Vec<_>>();
                index.limits.extend(new);
            }
            None => table.indexes.push(Index {
                name: part.index,
                columns: vec![part.column],
                uniqueness: part.uniqueness,
                limits: part.limits,
            }),
        }
    }
}

fn uniqueness(unique: bool) -> Uniqueness {
    if unique { Uniqueness::Unique } else { Uniqueness::Plain }
}

/// The limits whose condition holds.
fn limits<const N: usize>(conditions: [(bool, Limit); N]) -> Vec<Limit> {
    conditions.into_iter().filter_map(|(holds, limit)| holds.then_some(limit)).collect()
}
