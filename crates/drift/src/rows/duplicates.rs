//! Which values occur more than once, where nothing rejects duplicates. One statement has to see all rows at once, so it is
//! bounded by the server's clock, and on SQLite, which has none for statements, by a number of rows.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DbBackend, DbConn, DbErr, QueryResult, Statement, StatementBuilder, TransactionTrait,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

use crate::model::Dialect;

/// Enough to know that there are many.
const MOST_GROUPS: u64 = 1_000;

/// The most rows of SQLite: its readers may keep writers waiting.
pub(super) const MOST_ROWS_OF_SQLITE: u64 = 1_000_000;

/// What the server answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// The values that occur more than once.
    Groups(u64),
    /// Nothing, within the time.
    TooLong,
}

/// The groups of equal values among these rows, of columns that are not NULL.
pub(super) fn groups(rows: SelectStatement, columns: &[String]) -> SelectStatement {
    let mut groups = Query::select().from_subquery(rows, Alias::new("looked_at")).take();
    for column in columns {
        groups.add_group_by([Expr::col(column.clone())]).and_where(Expr::col(column.clone()).is_not_null());
    }
    let count = || Expr::cust("COUNT(*)");
    groups.expr_as(count(), "rows_of_group").and_having(count().gt(1)).limit(MOST_GROUPS).take()
}

/// Asks for them, no longer than `timeout`.
pub(super) async fn ask(
    db: &DbConn,
    groups: &SelectStatement,
    dialect: Dialect,
    timeout: Duration,
) -> Result<Answer, DbErr> {
    let began = Instant::now();
    match query(db, groups, dialect, timeout).await {
        Ok(found) => Ok(Answer::Groups(found.len() as u64)),
        // The servers say it in several languages.
        Err(_) if dialect != Dialect::Sqlite && began.elapsed() >= timeout => Ok(Answer::TooLong),
        Err(error) => Err(error),
    }
}

async fn query(
    db: &DbConn,
    groups: &SelectStatement,
    dialect: Dialect,
    timeout: Duration,
) -> Result<Vec<QueryResult>, DbErr> {
    let sql = || StatementBuilder::build(groups, &DbBackend::MySql).to_string();
    let milliseconds = timeout.as_millis().max(1);
    match dialect {
        Dialect::Sqlite => db.query_all(groups).await,
        Dialect::Postgres => {
            let transaction = db.begin().await?;
            transaction.execute_unprepared(&format!("SET LOCAL statement_timeout = {milliseconds}")).await?;
            let found = transaction.query_all(groups).await?;
            transaction.rollback().await?;
            Ok(found)
        }
        Dialect::MariaDb => {
            let limited = format!("SET STATEMENT max_statement_time = {} FOR {}", timeout.as_secs_f64(), sql());
            db.query_all_raw(Statement::from_string(DbBackend::MySql, limited)).await
        }
        Dialect::MySql => {
            let hint = format!("SELECT /*+ MAX_EXECUTION_TIME({milliseconds}) */");
            let limited = sql().replacen("SELECT", &hint, 1);
            db.query_all_raw(Statement::from_string(DbBackend::MySql, limited)).await
        }
    }
}
