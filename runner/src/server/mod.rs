//! What each kind of server calls the same thing: the lock of migrators, who has it, and how long to queue for a table.

mod mysql;
mod postgres;
mod sqlite;

use std::sync::Arc;

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, RuntimeErr, SqlxError,
    Statement,
};

use crate::{session::Session, settings::Settings};

/// How long the lock of migrators lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// As long as the transaction that the migration runs in: they cannot part.
    Transaction,
    /// As long as the session that the migration runs in.
    Session,
    /// There is none that outlives a statement.
    Statement,
}

/// Why there is no session for a migration alone.
#[derive(Debug)]
pub(crate) enum NoSession {
    /// The server, or who stands before it, gives none that keeps its settings.
    Refused(String),
    /// There is no connection.
    NotConnected(DbErr),
}

impl Lifetime {
    /// Of the lock for a migration with this wish for a transaction.
    pub(crate) fn of(backend: DbBackend, use_transaction: Option<bool>) -> Self {
        match (backend, use_transaction) {
            (DbBackend::Postgres | DbBackend::Sqlite, None | Some(true)) => Self::Transaction,
            (DbBackend::Postgres | DbBackend::MySql, _) => Self::Session,
            _ => Self::Statement,
        }
    }
}

/// A connection that nobody else uses and that ends with this run, so that its settings and its lock do, too.
pub(crate) async fn own_connection(
    db: &DatabaseConnection,
    settings: &Settings,
) -> Result<DatabaseConnection, NoSession> {
    match db.get_database_backend() {
        DbBackend::MySql => mysql::own_connection(db).await.map_err(NoSession::NotConnected),
        _ => postgres::own_connection(db, settings).await,
    }
}

/// Bounds how long a statement may queue for a table, for this transaction or session.
pub(crate) async fn prepare(db: &impl ConnectionTrait, lifetime: Lifetime, settings: &Settings) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::prepare(db, lifetime, settings).await,
        DbBackend::MySql => mysql::prepare(db, settings).await,
        _ => Ok(()),
    }
}

/// Whether the connections keep the statements that they prepare. Those through a pooler that lends a session for a
/// transaction only must not.
pub(crate) fn caches_statements(db: &DatabaseExecutor<'_>) -> bool {
    match db {
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Postgres => {
            postgres::caches_statements(db)
        }
        _ => true,
    }
}

/// Takes away what others prepared in this session under the names that this driver chooses.
pub(crate) async fn forget_statements(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    postgres::forget_statements(db).await
}

/// Whether the lock is this connection's now.
pub(crate) async fn try_lock(db: &impl ConnectionTrait, lifetime: Lifetime) -> Result<bool, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::try_lock(db, lifetime).await,
        DbBackend::MySql => mysql::try_lock(db).await,
        // That the transaction has begun is the lock.
        _ => Ok(true),
    }
}

/// Whether a lock that is not bound to a transaction is still this connection's.
pub(crate) async fn has_lock(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::has_lock(db).await,
        DbBackend::MySql => mysql::has_lock(db).await,
        _ => Ok(true),
    }
}

/// Whose the lock is. What cannot be found out is left out; it is only told.
pub(crate) async fn holders(db: &impl ConnectionTrait) -> Vec<Session> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::holders(db).await,
        DbBackend::MySql => mysql::holders(db).await,
        _ => sqlite::holders(db).await,
    };
    presentable(found)
}

/// Whose transactions have been open since before a statement began to wait, as far as they are about what it names. What
/// cannot be found out is left out; it is only told.
pub(crate) async fn blockers(db: &impl ConnectionTrait, statement: Option<&str>, settings: &Settings) -> Vec<Session> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::blockers(db, statement, settings).await,
        DbBackend::MySql => mysql::blockers(db, settings).await,
        _ => sqlite::holders(db).await,
    };
    presentable(found)
}

fn presentable(found: Result<Vec<Session>, DbErr>) -> Vec<Session> {
    found.unwrap_or_default().into_iter().map(Session::presentable).collect()
}

/// The answer to a question with one answer.
async fn ask<T: sea_orm_migration::sea_orm::TryGetable>(
    db: &impl ConnectionTrait,
    statement: Statement,
) -> Result<T, DbErr> {
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("a question without an answer".to_owned()))?.try_get_by_index(0)
}

async fn sessions(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<Session>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Session::from_query_result(row, "")).collect()
}

fn not_connected(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
