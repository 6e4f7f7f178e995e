//! Statements that also arrive through a pooler that lends a session for one transaction only.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseExecutor, DatabaseTransaction, DbBackend, DbConn, DbErr, ExecResult,
    IsolationLevel, QueryResult, Statement, TransactionError, TransactionOptions, TransactionTrait,
};

#[cfg(feature = "postgres")]
use super::lent::Lent;
use super::{
    error::ConnectError,
    error_kind::ErrorKind,
    open::open,
    pool_options::{Access, PoolOptions},
    prepared,
    renewal::Renewal,
    url::DatabaseUrl,
};

/// A pool whose statements arrive whatever lies between it and the server.
///
/// Where the server is reached directly, a statement is prepared once for each connection and kept. A pooler in transaction
/// mode may run two parts of one statement in two sessions, or lend a session in which others have prepared theirs. There
/// each statement is prepared without a name, in a transaction of its own, so that nothing is kept in the server.
#[derive(Clone, Debug)]
pub struct PoolerSafe {
    db: DbConn,
    is_lent: bool,
    options: PoolOptions,
    renewal: Renewal,
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
        let renewal = Renewal::default();
        let db = open(url, schema, access, &options, &renewal).await?;
        Ok(Self { options, renewal, ..Self::from(&db) })
    }

    /// The pool itself, for what takes care of its statements.
    pub fn pool(&self) -> &DbConn {
        &self.db
    }

    /// Whether sessions are lent for one transaction only.
    pub fn is_lent(&self) -> bool {
        self.is_lent
    }

    #[cfg(feature = "postgres")]
    fn lent(&self) -> Lent<'_> {
        Lent { db: &self.db, options: &self.options, renewal: &self.renewal }
    }

    /// Replaces the connections where the error says that they have become useless, and says whether the statement is worth
    /// another try at once. Errors of statements outside a transaction are noticed without this.
    pub fn notice(&self, error: &DbErr) -> bool {
        self.renewal.notice(error)
    }

    /// Replaces the connections, each when it is taken next: where work was dropped half-way, as a timeout does, one of them may
    /// be in a transaction that it began and that nobody ends.
    pub fn renew(&self) {
        self.renewal.begin();
    }

    /// Whether the server takes no writes from this role; then the connections are replaced.
    ///
    /// # Errors
    /// Where there is no answer.
    pub async fn is_read_only(&self) -> Result<bool, DbErr> {
        let is_read_only = match self.get_database_backend() {
            DbBackend::Postgres => {
                let ask = Statement::from_string(
                    DbBackend::Postgres,
                    "SELECT pg_catalog.current_setting('transaction_read_only') = 'on'",
                );
                let row = self.query_one_raw(ask).await?;
                row.is_some_and(|row| row.try_get_by_index(0).is_ok_and(|is_on| is_on))
            }
            // Refused to those whose writes would be.
            DbBackend::MySql => match self.db.execute_unprepared("START TRANSACTION READ WRITE; COMMIT").await {
                Err(error) if ErrorKind::of(&error) == ErrorKind::ReadOnly => true,
                begun => begun.map(|_| false)?,
            },
            _ => false,
        };
        if is_read_only {
            self.renewal.begin();
        }
        Ok(is_read_only)
    }
}

impl From<&DbConn> for PoolerSafe {
    fn from(db: &DbConn) -> Self {
        let is_lent = !prepared::are_cached(&DatabaseExecutor::Connection(db));
        Self { db: db.clone(), is_lent, options: PoolOptions::default(), renewal: Renewal::default() }
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
        if self.is_lent {
            return self.lent().execute(statement).await;
        }
        match self.db.execute_raw(statement.clone()).await {
            Err(error) if self.notice(&error) => self.db.execute_raw(statement).await,
            done => done,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        #[cfg(feature = "postgres")]
        if self.is_lent {
            return self.lent().query_one(statement).await;
        }
        match self.db.query_one_raw(statement.clone()).await {
            Err(error) if self.notice(&error) => self.db.query_one_raw(statement).await,
            done => done,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        #[cfg(feature = "postgres")]
        if self.is_lent {
            return self.lent().query_all(statement).await;
        }
        match self.db.query_all_raw(statement.clone()).await {
            Err(error) if self.notice(&error) => self.db.query_all_raw(statement).await,
            done => done,
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
        if !self.is_lent {
            return self.db.begin_with_options(options).await;
        }
        // The driver would prepare a statement that sets them, before those of others are forgotten.
        let TransactionOptions { isolation_level, access_mode, sqlite_transaction_mode: _ } = options;
        let level = isolation_level.map(|level| format!("SET TRANSACTION ISOLATION LEVEL {level}"));
        let mode = access_mode.map(|mode| format!("SET TRANSACTION {mode}"));
        let transaction = self.db.begin().await?;
        for setting in level.into_iter().chain(mode).chain(self.options.local_statement_timeout()) {
            transaction.execute_unprepared(&setting).await?;
        }
        transaction.execute_unprepared(prepared::DEALLOCATE_OTHERS).await?;
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
        let begun = self.begin_with_config(isolation_level, access_mode).await;
        let transaction = begun.map_err(TransactionError::Connection)?;
        match callback(&transaction).await {
            Ok(done) => {
                transaction.commit().await.map_err(TransactionError::Connection)?;
                Ok(done)
            }
            Err(error) => {
                transaction.rollback().await.map_err(TransactionError::Connection)?;
                Err(TransactionError::Transaction(error))
            }
        }
    }
}
