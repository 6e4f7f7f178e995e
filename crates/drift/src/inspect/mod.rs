//! The live side: a fixed number of catalogue `SELECT`s about the tables that entities name. Never writes, and reads the
//! tables themselves only by the index of a generated key: whether they have its next value, and how fast it grows.

mod mysql;
mod postgres;
mod similar;
mod sqlite;
mod taken;
mod usage;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use serde::de::DeserializeOwned;

use crate::{
    error::Error,
    model::{Action, Dialect, IndexRestriction, ReadOnly, Schema, Table, TableName, Uniqueness},
    normalise::{Token, tokens},
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

/// Those of the tables that exist.
pub(crate) async fn schema(db: &impl ConnectionTrait, dialect: Dialect, declared: &[Table]) -> Result<Schema, Error> {
    let wanted: Vec<TableName> = declared.iter().map(|table| table.name.clone()).collect();
    let wanted = wanted.as_slice();
    let found = match dialect {
        Dialect::Postgres => postgres::tables(db, wanted).await,
        Dialect::MySql | Dialect::MariaDb => mysql::tables(db, dialect, wanted).await,
        Dialect::Sqlite => sqlite::tables(db, wanted).await,
    };
    let Found { mut tables, elsewhere, role, read_only, encoding } =
        found.map_err(|source| Error::Catalogue { source })?;
    usage::ask(db, dialect, &mut tables).await.map_err(|source| Error::Catalogue { source })?;
    let mut schema = Schema { elsewhere, role, read_only, encoding, ..Schema::new(dialect, tables) };
    if dialect == Dialect::Postgres {
        postgres::hold(db, declared, &mut schema).await.map_err(|source| Error::Catalogue { source })?;
        schema.types = postgres::types(db, declared, &schema).await.map_err(|source| Error::Catalogue { source })?;
    }
    schema.taken = taken::names(db, declared, &schema).await.map_err(|source| Error::Catalogue { source })?;
    schema.similar = similar::tables(db, declared, &schema).await.map_err(|source| Error::Catalogue { source })?;
    Ok(schema)
}

/// The answer of the catalogue.
#[derive(Default)]
struct Found {
    tables: Vec<Table>,
    /// Other schemas that have a table that is not where it was looked for.
    elsewhere: BTreeMap<TableName, Vec<String>>,
    /// The connected role.
    role: Option<String>,
    /// Whether its transactions cannot write.
    read_only: Option<ReadOnly>,
    /// The encoding of the database, if it cannot hold all characters.
    encoding: Option<String>,
}

/// The rows of one catalogue query.
async fn rows<R: FromQueryResult>(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<R>, DbErr> {
    each_row(db, statement).await?.collect()
}

/// The same, each freed as soon as it is read: all of them may be megabytes.
async fn each_row<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    statement: Statement,
) -> Result<impl Iterator<Item = Result<R, DbErr>>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    Ok(rows.into_iter().map(|row| R::from_query_result(&row, "")))
}

/// The tables asked for, as JSON: `[{"ordinal": 0, "schema_name": null, "table_name": "call_log"}]`.
fn as_json(wanted: &[TableName]) -> String {
    let wanted = wanted.iter().enumerate().map(|(ordinal, table)| {
        serde_json::json!({ "ordinal": ordinal, "schema_name": table.schema, "table_name": table.name })
    });
    wanted.collect::<serde_json::Value>().to_string()
}

/// Parses the JSON of a catalogue query.
fn parsed<T: DeserializeOwned>(json: &str) -> Result<T, DbErr> {
    serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
}

fn uniqueness(unique: bool) -> Uniqueness {
    if unique { Uniqueness::Unique } else { Uniqueness::Plain }
}

/// The restrictions that apply.
fn restrictions<const N: usize>(conditions: [(bool, IndexRestriction); N]) -> Vec<IndexRestriction> {
    conditions.into_iter().filter_map(|(holds, limit)| holds.then_some(limit)).collect()
}

/// What the `WHERE` of an index leaves out. A search by all its columns has no NULL in any of them; a search by the first
/// may have one in the others. Source: <https://www.sqlite.org/partialindex.html>,
/// <https://www.postgresql.org/docs/current/indexes-partial.html>.
fn partial(condition: &str, columns: &[String], uniqueness: Uniqueness, dialect: Dialect) -> IndexRestriction {
    let tokens = tokens(condition);
    let words: Vec<&Token<'_>> = tokens.iter().filter(|token| !["(", ")"].contains(&token.text)).collect();
    let searched = if uniqueness == Uniqueness::Unique { columns } else { &columns[..columns.len().min(1)] };
    let is_not_null = |term: &[&Token<'_>]| match term {
        [column, is, not, null] => {
            let is_searched = searched.iter().any(|name| dialect.same_name(name, &column.name()));
            is_searched && is.is("IS") && not.is("NOT") && null.is("NULL")
        }
        [column, not_null] => {
            searched.iter().any(|name| dialect.same_name(name, &column.name())) && not_null.is("NOTNULL")
        }
        _ => false,
    };
    let mut terms = words.split(|token| token.is("AND"));
    if terms.all(is_not_null) { IndexRestriction::LeavesOutNulls } else { IndexRestriction::Partial }
}

/// The action of a foreign key, as the SQL standard spells it.
fn action(words: &str) -> Action {
    match words {
        "CASCADE" => Action::Cascade,
        "SET NULL" => Action::SetNull,
        "SET DEFAULT" => Action::SetDefault,
        _ => Action::Refuse,
    }
}
