//! What each kind of server calls the same thing: the lock of migrators, who has it, and how long to queue for a table.

mod mysql;
mod postgres;
mod sqlite;

use std::sync::Arc;

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, FromQueryResult, RuntimeErr, SqlxError,
    Statement,
    sqlx::{Database, pool::PoolOptions},
};

use crate::{session::Session, settings::Settings};

/// How long the lock of migrators lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
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
    pub fn of(backend: DbBackend, use_transaction: Option<bool>) -> Self {
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

/// One connection, where there are several and a setting of one is not known to the others (SQLite).
pub(crate) async fn one_of_several(db: &DatabaseExecutor<'_>) -> Result<Option<DatabaseConnection>, DbErr> {
    match db {
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Sqlite => {
            sqlite::one_of_several(db).await
        }
        _ => Ok(None),
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

/// Shortens what the connections wait by themselves, where they do, to be given back with [`restore_waits`].
pub(crate) async fn shorten_waits(db: &DatabaseExecutor<'_>, settings: &Settings) -> Option<i64> {
    match db {
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Sqlite => {
            // Where it cannot be shortened, what is waited for is told later.
            sqlite::shorten_waits(db, settings).await.ok().flatten()
        }
        _ => None,
    }
}

/// Gives back what [`shorten_waits`] said.
pub(crate) async fn restore_waits(db: &DatabaseExecutor<'_>, waits: Option<i64>) {
    if let (DatabaseExecutor::Connection(db), Some(waits)) = (db, waits) {
        // Where this fails the connection is gone, and with it the setting.
        let _ = sqlite::wait_for(db, waits).await;
    }
}

/// The same connections as a migration's own come from, where there are several and the server tells who is in whose way.
pub(crate) fn beside(db: &DatabaseExecutor<'_>) -> Option<DatabaseConnection> {
    match db {
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Postgres => postgres::beside(db),
        _ => None,
    }
}

/// The number of this session (PostgreSQL).
pub(crate) async fn pid(db: &impl ConnectionTrait) -> Result<i32, DbErr> {
    postgres::pid(db).await
}

/// Who is in the way of what that session waits for (PostgreSQL). What cannot be found out is left out; it is only told.
pub(crate) async fn in_the_way_of(db: &impl ConnectionTrait, pid: i32) -> Vec<Session> {
    let found = postgres::in_the_way_of(db, pid).await;
    presentable(db, found)
}

/// Ends the statement of that session (PostgreSQL).
pub(crate) async fn cancel(db: &impl ConnectionTrait, pid: i32) -> Result<(), DbErr> {
    postgres::cancel(db, pid).await
}

/// Lets a transaction that has just begun see behind a lock what others have committed before it, whatever isolation is usual.
pub(crate) async fn see_what_others_commit(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    match db.get_database_backend() {
        // Unprepared, because what others prepared may be in the way behind a pooler.
        DbBackend::Postgres => db.execute_unprepared("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").await.map(drop),
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

/// What a statement waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// A table, which the statement names, where it is known.
    Table(Option<&'a str>),
    /// Rows of this table.
    Rows(&'a str),
}

/// Whether the lock of this history is this connection's now.
pub(crate) async fn try_lock(db: &impl ConnectionTrait, lifetime: Lifetime, history: &str) -> Result<bool, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::try_lock(db, lifetime, history).await,
        DbBackend::MySql => mysql::try_lock(db).await,
        // That the transaction has begun is the lock.
        _ => Ok(true),
    }
}

/// Whether a lock that is not bound to a transaction is still this connection's, which has no other.
pub(crate) async fn has_lock(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::has_lock(db).await,
        DbBackend::MySql => mysql::has_lock(db).await,
        _ => Ok(true),
    }
}

/// Whose the lock of this history is. What cannot be found out is left out; it is only told.
pub(crate) async fn holders(db: &impl ConnectionTrait, history: &str) -> Vec<Session> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::holders(db, history).await,
        DbBackend::MySql => mysql::holders(db).await,
        _ => sqlite::writers(db).await,
    };
    presentable(db, found)
}

/// Whose transactions have been open since before a statement began to wait, as far as they are in its way. What cannot be
/// found out is left out; it is only told.
pub(crate) async fn blockers(db: &impl ConnectionTrait, wanted: Wanted<'_>, settings: &Settings) -> Vec<Session> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::blockers(db, wanted, settings).await,
        DbBackend::MySql => mysql::blockers(db, settings).await,
        _ => sqlite::users(db).await,
    };
    presentable(db, found)
}

/// Where the names in statements lead to: the `search_path`, or the database. A migration may change it, as each dump does.
pub(crate) async fn place(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::place(db).await.map(Some),
        DbBackend::MySql => mysql::place(db).await,
        _ => Ok(None),
    }
}

/// Back to where [`place`] was.
pub(crate) async fn go_back(db: &impl ConnectionTrait, place: &str) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::go_back(db, place).await,
        DbBackend::MySql => mysql::go_back(db, place).await,
        _ => Ok(()),
    }
}

/// Settings by name.
pub(crate) type Timeouts = Vec<(String, String)>;

/// What a nested transaction changes for the one around it, to be given back with [`restore`].
pub(crate) async fn timeouts(db: &DatabaseExecutor<'_>) -> Result<Option<Timeouts>, DbErr> {
    match db {
        DatabaseExecutor::Connection(_) => Ok(None),
        nested if nested.get_database_backend() == DbBackend::Postgres => postgres::timeouts(nested).await.map(Some),
        _ => Ok(None),
    }
}

/// Gives back what [`timeouts`] said.
pub(crate) async fn restore(db: &impl ConnectionTrait, timeouts: Timeouts) -> Result<(), DbErr> {
    postgres::restore(db, timeouts).await
}

fn presentable(db: &impl ConnectionTrait, found: Result<Vec<Session>, DbErr>) -> Vec<Session> {
    let backend = db.get_database_backend();
    found.unwrap_or_default().into_iter().map(|session| session.presentable(backend)).collect()
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

/// A pool of one session. If that ends between two statements the next one fails, instead of going on in another, which has
/// neither the lock nor the time-outs.
fn alone<DB: Database>(options: &PoolOptions<DB>) -> PoolOptions<DB> {
    let alone = options.clone().min_connections(0).max_connections(1).idle_timeout(None).max_lifetime(None);
    alone.test_before_acquire(false)
}

fn not_connected(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
