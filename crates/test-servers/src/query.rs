//! What a test asks a database.

use sea_orm::{ConnectionTrait, DbConn, Statement, TryGetable};

/// The first column of all rows.
pub async fn all<T: TryGetable>(db: &DbConn, sql: &str) -> Vec<T> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// The first column of the last row.
pub async fn one<T: TryGetable>(db: &DbConn, sql: &str) -> T {
    all(db, sql).await.pop().unwrap()
}
