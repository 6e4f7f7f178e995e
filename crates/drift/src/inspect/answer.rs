//! The answers of the catalogue: rows, and the JSON in them.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use serde::de::DeserializeOwned;

use crate::model::TableName;

/// The rows of one catalogue query.
pub(super) async fn rows<R: FromQueryResult>(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<R>, DbErr> {
    each_row(db, statement).await?.collect()
}

/// The same, each freed as soon as it is read: all of them may be megabytes.
pub(super) async fn each_row<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    statement: Statement,
) -> Result<impl Iterator<Item = Result<R, DbErr>>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    Ok(rows.into_iter().map(|row| R::from_query_result(&row, "")))
}

/// The tables asked for, as JSON: `[{"ordinal": 0, "schema_name": null, "table_name": "call_log"}]`.
pub(super) fn as_json(wanted: &[TableName]) -> String {
    let wanted = wanted.iter().enumerate().map(|(ordinal, table)| {
        serde_json::json!({ "ordinal": ordinal, "schema_name": table.schema, "table_name": table.name })
    });
    wanted.collect::<serde_json::Value>().to_string()
}

/// Parses the JSON of a catalogue query.
pub(super) fn parsed<T: DeserializeOwned>(json: &str) -> Result<T, DbErr> {
    serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
}
