//! Statements through a pooler that lends a session for one transaction only (transaction pooling): prepared without a name,
//! so nothing is kept in the server.

use sea_orm::{
    DbConn, DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError, Statement, Values,
    sqlx::{self, AssertSqlSafe, PgTransaction, Postgres, query::Query},
};
use sea_query_sqlx::SqlxValues;

use super::{pool_options::PoolOptions, pool_renewal::PoolRenewal, prepared};

/// A pool that takes such a session for each statement.
pub(super) struct TransactionPool<'a> {
    pub(super) db: &'a DbConn,
    pub(super) options: &'a PoolOptions,
    pub(super) renewal: &'a PoolRenewal,
}

impl TransactionPool<'_> {
    pub(super) async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut transaction = self.begin().await?;
        let result = unnamed(statement).execute(&mut *transaction).await;
        let result = result.map_err(|error| self.start_renewal_after(not_executed(error)))?;
        transaction.commit().await.map_err(not_executed)?;
        Ok(result.into())
    }

    pub(super) async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut transaction = self.begin().await?;
        let row = unnamed(statement).fetch_optional(&mut *transaction).await;
        let row = row.map_err(|error| self.start_renewal_after(not_queried(error)))?;
        transaction.commit().await.map_err(not_queried)?;
        Ok(row.map(QueryResult::from))
    }

    pub(super) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut transaction = self.begin().await?;
        let rows = unnamed(statement).fetch_all(&mut *transaction).await;
        let rows = rows.map_err(|error| self.start_renewal_after(not_queried(error)))?;
        transaction.commit().await.map_err(not_queried)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Without what others have prepared in the session, in one round trip.
    async fn begin(&self) -> Result<PgTransaction<'static>, DbErr> {
        let timeout = self.options.set_local_timeout_sql().unwrap_or_default();
        let statements =
            AssertSqlSafe(format!("BEGIN;\n{timeout};\n{}", prepared::DEALLOCATE_STATEMENTS_OF_OTHER_CLIENTS));
        let transaction = self.db.get_postgres_connection_pool().begin_with(statements).await;
        transaction.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }

    /// Renews the pool's connections if the error shows that they are outdated; returns the error.
    fn start_renewal_after(&self, error: DbErr) -> DbErr {
        self.renewal.start_after(&error);
        error
    }
}

fn unnamed(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values)).persistent(false)
}

fn not_executed(error: SqlxError) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn not_queried(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
