//! Queries about sessions: their time limits, and who holds or blocks a lock.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, TryGetable};

use crate::session::Session;

/// What a statement waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AwaitedLock<'a> {
    /// A lock of a table: the statement that waited for it, or the name of the table, if either is known.
    Table(Option<&'a str>),
    /// Locks of rows of this table.
    Rows(&'a str),
}

/// Time limits: the name of the setting, such as `lock_timeout`, and its value as the server prints it.
pub(crate) type Timeouts = Vec<(String, String)>;

/// The value of a query with one row and one column.
///
/// # Errors
/// [`DbErr::RecordNotFound`] if there is no row.
pub(super) async fn query_value<T: TryGetable>(db: &impl ConnectionTrait, statement: Statement) -> Result<T, DbErr> {
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("no row".to_owned()))?.try_get_by_index(0)
}

pub(super) async fn sessions(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<Session>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Session::from_query_result(row, "")).collect()
}
