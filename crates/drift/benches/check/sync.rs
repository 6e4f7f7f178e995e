//! `SeaORM`'s own comparison of entities with a database, which alters what it finds missing.

use sea_orm::{DatabaseConnection, DbErr, Schema, Statement};

use crate::workload::Entity;

/// Synchronises the first `tables` tables, which are as their entities say already.
pub(crate) async fn sync(db: &DatabaseConnection, tables: usize) -> Result<(), DbErr> {
    let builder = Schema::new(db.get_database_backend()).builder();
    let builder = (0..tables).fold(builder, |builder, number| builder.register(Entity::numbered(number)));
    builder.sync(db).await
}

/// What a run of [`sync`] sent: `503, 200 of them DDL`. There is nothing to alter.
pub(crate) fn summary(result: &Result<(), DbErr>, sent: &[Statement]) -> String {
    let count = sent.len();
    let ddl = match sent.iter().filter(|statement| is_ddl(&statement.sql)).count() {
        0 => String::new(),
        ddl => format!(", {ddl} of them DDL"),
    };
    let failure = result.as_ref().err().map_or_else(String::new, |error| format!(", failed: {error}"));
    format!("{count}{ddl}{failure}")
}

fn is_ddl(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    ["ALTER", "CREATE", "DROP"].iter().any(|word| first.eq_ignore_ascii_case(word))
}
