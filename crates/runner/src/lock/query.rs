//! Queries about sessions: the lock that one waits for, its settings, and the sessions in its way.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, TryGetable};

use crate::session::Session;

/// What a statement waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AwaitedLock<'a> {
    /// A lock of a table; its name, if it is known.
    Table(Option<&'a str>),
    /// Locks of rows of this table.
    Rows(&'a str),
}

/// Settings of time limits: the name, such as `lock_timeout`, and the value as the server prints it.
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
