//! Comments of tables and columns are neither compared nor written. A note says where the entities declare other ones than the database has.

use std::collections::BTreeMap;

use sea_orm_drift::ColumnTypes;
use sea_orm_migration::sea_orm::{self, ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

#[derive(FromQueryResult)]
struct Comment {
    object: String,
    comment: String,
}

/// The note about the scratch database, once it is what the entities declare; `None` if there is nothing to say.
pub(super) async fn note(db: &impl ConnectionTrait, types: &[ColumnTypes]) -> Result<Option<String>, DbErr> {
    let of_table = |types: &ColumnTypes| {
        let object = |(column, comment): &(Option<String>, String)| {
            let object =
                column.as_ref().map_or_else(|| types.table.to_string(), |name| format!("{}.{name}", types.table));
            (object, comment.clone())
        };
        types.comments.iter().map(object).collect::<Vec<_>>()
    };
    let declared: BTreeMap<String, String> = types.iter().flat_map(of_table).collect();
    if declared.is_empty() {
        return Ok(None);
    }
    let backend = db.get_database_backend();
    let (sql, statement) = match backend {
        DbBackend::Postgres => (include_str!("comments_postgres.sql"), "COMMENT ON"),
        DbBackend::MySql => (include_str!("comments_mysql.sql"), "ALTER TABLE"),
        _ => {
            return Ok(Some(format!(
                "SQLite keeps no comments, and {} declared: `--scratch-url` names a server that compares them",
                counted(declared.keys())
            )));
        }
    };
    let live = Comment::find_by_statement(Statement::from_string(backend, sql)).all(db).await?;
    let live: BTreeMap<String, String> = live.into_iter().map(|found| (found.object, found.comment)).collect();
    let differing: Vec<&String> = declared
        .iter()
        .filter(|(object, comment)| live.get(*object) != Some(*comment))
        .map(|(object, _)| object)
        .collect();
    Ok((!differing.is_empty()).then(|| {
        format!(
            "comments are not written, and {} not in the database as declared: `{statement}` changes it, in a migration \
             that `--empty` begins",
            counted(differing.into_iter())
        )
    }))
}

/// The first of them, and how many others there are.
fn counted<'a>(objects: impl ExactSizeIterator<Item = &'a String>) -> String {
    let count = objects.len();
    let first: Vec<&str> = objects.take(3).map(String::as_str).collect();
    let (first, others) = (first.join(", "), count.saturating_sub(3));
    match (count, others) {
        (1, _) => format!("that of {first} is"),
        (_, 0) => format!("those of {first} are"),
        (_, others) => format!("those of {first} and {others} others are"),
    }
}
