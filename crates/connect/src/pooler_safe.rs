//! A pool that also works behind a pooler in transaction mode, such as PgBouncer, which lends a session for one transaction only.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseExecutor, DatabaseTransaction, DbBackend, DbConn, DbErr, ExecResult,
    IsolationLevel, QueryResult, Statement, TransactionError, TransactionOptions, TransactionTrait,
};

#[cfg(feature = "postgres")]
use super::transaction_pooling::TransactionPool;
use super::{
    error::ConnectError,
    error_kind::ErrorKind,
    open::open,
    pool_options::{Access, PoolOptions},
    pool_renewal::PoolRenewal,
    prepared,
    url::DatabaseUrl,
};

/// A pool that works the same whether it reaches the server directly or through a pooler.
///
/// Where the server is reached directly, a statement is prepared once for each connection and kept. A pooler in transaction
/// mode may run two parts of one statement in two sessions, or lend a session in which others have prepared theirs. There
/// each statement is prepared without a name, in a transaction of its own, so that nothing is kept in the server.
#[derive(Clone, Debug)]
pub struct PoolerSafe {
    db: DbConn,
    uses_transaction_pooling: bool,
    options: PoolOptions,
    renewal: PoolRenewal,
}

impl PoolerSafe {
    /// Opens a pool, as [`connect`](super::connect) does.
    ///
    /// # Errors
    /// If it cannot connect.
    pub async fn connect(url: &DatabaseUrl, schema: Option<&str>, access: Access) -> Result<Self, ConnectError> {
        Self::connect_with(url, schema, access, PoolOptions::default()).await
    }

    /// Opens a pool with these limits.
    ///
    /// # Errors
    /// If it cannot connect.
    pub async fn connect_with(
        url: &DatabaseUrl,
        schema: Option<&str>,
        access: Access,
        options: PoolOptions,
    ) -> Result<Self, ConnectError> {
        let renewal = PoolRenewal::default();
        let db = open(url, schema, access, &options, &renewal).await?;
        Ok(Self { options, renewal, ..Self::from(&db) })
    }

    /// The pool itself, for callers that handle prepared statements themselves.
    pub fn pool(&self) -> &DbConn {
        &self.db
    }

    /// Whether a pooler is in between that lends a session for one transaction only.
    pub fn uses_transaction_pooling(&self) -> bool {
        self.uses_transaction_pooling
    }

    #[cfg(feature = "postgres")]
    fn transaction_pool(&self) -> TransactionPool<'_> {
        TransactionPool { db: &self.db, options: &self.options, renewal: &self.renewal }
    }

    /// Replaces the connections if the error says that they have become useless, and returns whether to try the statement again at
    /// once. Statements outside a transaction do this themselves.
    pub fn renew_after(&self, error: &DbErr) -> bool {
        self.renewal.start_after(error)
    }

    /// Replaces the connections, each when it is taken next. Call it after work was dropped half-way, as a timeout does: one of
    /// them may be in a transaction that nobody ends.
    pub fn renew(&self) {
        self.renewal.start();
    }

    /// Asks the server whether it refuses writes from this role. If so, replaces the connections.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn check_read_only(&self) -> Result<bool, DbErr> {
        let is_read_only = match self.get_database_backend() {
            DbBackend::Postgres => {
                let query = Statement::from_string(
                    DbBackend::Postgres,
                    "SELECT pg_catalog.current_setting('transaction_read_only') = 'on'",
                );
                let row = self.query_one_raw(query).await?;
                row.is_some_and(|row| row.try_get_by_index(0).is_ok_and(|is_on| is_on))
            }
            // The server refuses this to a role whose writes it refuses.
            DbBackend::MySql => match self.db.execute_unprepared("START TRANSACTION READ WRITE; COMMIT").await {
                Err(error) if ErrorKind::of(&error) == ErrorKind::ReadOnly => true,
                result => result.map(|_| false)?,
            },
            _ => false,
        };
        if is_read_only {
            self.renewal.start();
        }
        Ok(is_read_only)
    }
}

impl From<&DbConn> for PoolerSafe {
    fn from(db: &DbConn) -> Self {
        let uses_transaction_pooling = !prepared::caches_statements(&DatabaseExecutor::Connection(db));
        Self {
            db: db.clone(),
            uses_transaction_pooling,
            options: PoolOptions::default(),
            renewal: PoolRenewal::default(),
        }
    }
}

impl From<&Self> for PoolerSafe {
    fn from(db: &Self) -> Self {
        db.clone()
    }
}

#[async_trait]
impl ConnectionTrait for PoolerSafe {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        #[cfg(feature = "postgres")]
        if self.uses_transaction_pooling {
            return self.transaction_pool().execute(statement).await;
        }
        match self.db.execute_raw(statement.clone()).await {
            Err(error) if self.renew_after(&error) => self.db.execute_raw(statement).await,
            result => result,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        #[cfg(feature = "postgres")]
        if self.uses_transaction_pooling {
            return self.transaction_pool().query_one(statement).await;
        }
        match self.db.query_one_raw(statement.clone()).await {
            Err(error) if self.renew_after(&error) => self.db.query_one_raw(statement).await,
            result => result,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        #[cfg(feature = "postgres")]
        if self.uses_transaction_pooling {
            return self.transaction_pool().query_all(statement).await;
        }
        match self.db.query_all_raw(statement.clone()).await {
            Err(error) if self.renew_after(&error) => self.db.query_all_raw(statement).await,
            result => result,
        }
    }
}

#[async_trait]
impl TransactionTrait for PoolerSafe {
    type Transaction = DatabaseTransaction;

    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.begin_with_options(TransactionOptions::default()).await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<DatabaseTransaction, DbErr> {
        self.begin_with_options(TransactionOptions { isolation_level, access_mode, sqlite_transaction_mode: None })
            .await
    }

    async fn begin_with_options(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        if !self.uses_transaction_pooling {
            return self.db.begin_with_options(options).await;
        }
        // The driver would set them by a prepared statement, before those of other clients are deallocated.
        let TransactionOptions { isolation_level, access_mode, sqlite_transaction_mode: _ } = options;
        let set_level = isolation_level.map(|level| format!("SET TRANSACTION ISOLATION LEVEL {level}"));
        let set_mode = access_mode.map(|mode| format!("SET TRANSACTION {mode}"));
        let transaction = self.db.begin().await?;
        for setting in set_level.into_iter().chain(set_mode).chain(self.options.set_local_timeout_sql()) {
            transaction.execute_unprepared(&setting).await?;
        }
        transaction.execute_unprepared(prepared::DEALLOCATE_STATEMENTS_OF_OTHER_CLIENTS).await?;
        Ok(transaction)
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        self.transaction_with_config(callback, None, None).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        let result = self.begin_with_config(isolation_level, access_mode).await;
        let transaction = result.map_err(TransactionError::Connection)?;
        match callback(&transaction).await {
            Ok(value) => {
                transaction.commit().await.map_err(TransactionError::Connection)?;
                Ok(value)
            }
            Err(error) => {
                transaction.rollback().await.map_err(TransactionError::Connection)?;
                Err(TransactionError::Transaction(error))
            }
        }
    }
}
