//! `SeaORM`'s own comparison of entities with a database, which alters what it finds missing.

use sea_orm::{DatabaseConnection, DbErr, Schema, Statement};

use crate::workload::Entity;

/// Synchronises the first `tables` tables, which are as their entities say already.
pub(crate) async fn sync(db: &DatabaseConnection, tables: usize) -> Result<(), DbErr> {
    let builder = Schema::new(db.get_database_backend()).builder();
    let builder = (0..tables).fold(builder, |builder, number| builder.register(Entity::numbered(number)));
    builder.sync(db).await
}

/// What a run of [`sync`] did besides taking its time: it should have changed nothing.
pub(crate) fn note(subject: &str, result: &Result<(), DbErr>, statements: &[Statement]) -> String {
    let writes: Vec<&str> = statements.iter().map(|statement| statement.sql.trim_start()).filter(is_write).collect();
    let count = statements.len();
    let changed = match writes.first() {
        None => "changed nothing".to_owned(),
        Some(first) => format!("sent {} that change the database, the first being `{first}`", writes.len()),
    };
    let failed = result.as_ref().err().map_or_else(String::new, |error| format!(", and failed: {error}"));
    format!("{subject}: the last `sync` sent {count} statements and {changed}{failed}.")
}

fn is_write(sql: &&str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    !["SELECT", "PRAGMA", "WITH", "SHOW"].iter().any(|word| first.eq_ignore_ascii_case(word))
}
