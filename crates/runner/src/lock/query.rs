//! Queries about sessions, and what they are asked.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, TryGetable};

use crate::session::Session;

/// What a statement waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// A table of this statement, if it is known.
    Table(Option<&'a str>),
    /// Rows of this table.
    Rows(&'a str),
}

/// Settings by name.
pub(crate) type Timeouts = Vec<(String, String)>;

/// The value of a query with one row and one column.
pub(super) async fn query_value<T: TryGetable>(db: &impl ConnectionTrait, statement: Statement) -> Result<T, DbErr> {
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("no row".to_owned()))?.try_get_by_index(0)
}

pub(super) async fn sessions(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<Session>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Session::from_query_result(row, "")).collect()
}
