//! What the catalogue of PostgreSQL says of a key and of all that holds it. Names are quoted, those of tables with their schema.

use sea_orm_migration::sea_orm::{self, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

/// The column, and what is there already of its way to `bigint`.
#[derive(Debug, FromQueryResult)]
pub(super) struct Key {
    pub(super) table: String,
    /// `integer`, as the server calls it.
    pub(super) r#type: String,
    /// Whether it is neither partitioned nor part of an inheritance.
    pub(super) is_plain_table: bool,
    /// `a`, `d`, or nothing: `ALWAYS` or `BY DEFAULT AS IDENTITY`.
    pub(super) identity: String,
    pub(super) default: Option<String>,
    pub(super) sequence: Option<String>,
    /// How the sequence counts, as the options of an identity say it.
    pub(super) counting: Option<String>,
    pub(super) comment: Option<String>,
    /// The name of the `bigint` beside it, not quoted.
    pub(super) copy: String,
    /// The name of the trigger that fills the copy, and of the CHECK that says that it is filled.
    pub(super) guard: String,
    pub(super) guard_function: String,
    pub(super) has_copy: bool,
    pub(super) has_guard: bool,
    /// Whether the CHECK is validated; `None` without it.
    pub(super) is_filled: Option<bool>,
}

/// An index that holds the key, and the same one of the copy: its twin.
#[derive(Debug, FromQueryResult)]
pub(super) struct HeldIndex {
    pub(super) qualified: String,
    pub(super) name: String,
    pub(super) qualified_twin: String,
    pub(super) twin: String,
    /// Whether the twin is valid; `None` without it.
    pub(super) is_built: Option<bool>,
    /// The statement that builds the twin.
    pub(super) build: String,
    /// `PRIMARY KEY` or `UNIQUE`, if it belongs to such a constraint.
    pub(super) constraint: Option<String>,
    pub(super) deferral: String,
}

/// A foreign key from or to the key, and the same one of the copy: its twin.
#[derive(Debug, FromQueryResult)]
pub(super) struct HeldForeignKey {
    pub(super) table: String,
    pub(super) name: String,
    pub(super) twin: String,
    pub(super) is_validated: bool,
    /// Whether the twin is validated; `None` without it.
    pub(super) is_twin_validated: Option<bool>,
    /// `FOREIGN KEY ... REFERENCES ...` of the twin.
    pub(super) definition: String,
}

#[derive(FromQueryResult)]
struct Obstacle {
    obstacle: String,
}

/// `None` if the search path leads to no such table, or it has no such column.
pub(super) async fn key(db: &impl ConnectionTrait, table: &str, key: &str) -> Result<Option<Key>, DbErr> {
    Ok(ask(db, include_str!("column.sql"), [table.into(), key.into()]).await?.pop())
}

/// What depends on the key and cannot be given another column, as the server describes it.
pub(super) async fn obstacles(db: &impl ConnectionTrait, table: &str, key: &str) -> Result<Vec<String>, DbErr> {
    let found: Vec<Obstacle> = ask(db, include_str!("obstacles.sql"), [table.into(), key.into()]).await?;
    Ok(found.into_iter().map(|found| found.obstacle).collect())
}

pub(super) async fn indexes(
    db: &impl ConnectionTrait,
    table: &str,
    key: &str,
    copy: &str,
) -> Result<Vec<HeldIndex>, DbErr> {
    ask(db, include_str!("indexes.sql"), [table.into(), key.into(), copy.into()]).await
}

pub(super) async fn foreign_keys(
    db: &impl ConnectionTrait,
    table: &str,
    key: &str,
    copy: &str,
) -> Result<Vec<HeldForeignKey>, DbErr> {
    ask(db, include_str!("foreign_keys.sql"), [table.into(), key.into(), copy.into()]).await
}

async fn ask<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>, DbErr> {
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    rows.iter().map(|row| T::from_query_result(row, "")).collect()
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
