//! The migration lock and the session or transaction that holds it, per database: taking the lock, finding its holders and
//! blockers, and limiting the wait for tables.

mod galera;
mod lifetime;
mod mysql;
mod own_session;
mod postgres;
mod query;
mod sqlite;

pub use lifetime::Lifetime;
pub(crate) use own_session::NoSession;
pub(crate) use postgres::IndexBuild;
pub(crate) use query::{AwaitedLock, Timeouts};

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseExecutor, DbBackend, DbErr};

pub(crate) use galera::Lease;

use crate::{session::Session, settings::Settings};

/// A connection for this run alone. Its settings and its lock end with it.
pub(crate) async fn own_connection(
    db: &DatabaseConnection,
    settings: &Settings,
) -> Result<DatabaseConnection, NoSession> {
    match db.get_database_backend() {
        #[cfg(feature = "mysql")]
        DbBackend::MySql => mysql::own_connection(db).await.map_err(NoSession::NotConnected),
        #[cfg(feature = "postgres")]
        DbBackend::Postgres => postgres::own_connection(db, settings).await,
        backend => Err(NoSession::Refused(format!("no driver for {backend:?} was compiled in"))),
    }
}

/// A pool of one connection in place of a larger one, because a setting applies to one connection only (SQLite). `None` if the pool has
/// one connection already.
pub(crate) async fn single_connection(db: &DatabaseExecutor<'_>) -> Result<Option<DatabaseConnection>, DbErr> {
    match db {
        #[cfg(feature = "sqlite")]
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Sqlite => {
            sqlite::single_connection(db).await
        }
        _ => Ok(None),
    }
}

/// Sets the time limits of this transaction or session: for waiting for locks, for a statement, and for being idle.
pub(crate) async fn set_timeouts(
    db: &impl ConnectionTrait,
    lifetime: Lifetime,
    settings: &Settings,
) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::set_timeouts(db, lifetime, settings).await,
        DbBackend::MySql => mysql::set_timeouts(db, settings).await,
        _ => Ok(()),
    }
}

/// Shortens the `busy_timeout` of the connection (SQLite). Returns the old one for [`restore_busy_timeout`].
pub(crate) async fn shorten_busy_timeout(db: &DatabaseExecutor<'_>, settings: &Settings) -> Option<i64> {
    match db {
        #[cfg(feature = "sqlite")]
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Sqlite => {
            // If this fails, waits are reported later.
            sqlite::shorten_busy_timeout(db, settings).await.ok().flatten()
        }
        _ => None,
    }
}

/// Restores what [`shorten_busy_timeout`] returned.
pub(crate) async fn restore_busy_timeout(db: &DatabaseExecutor<'_>, waits: Option<i64>) {
    if let (DatabaseExecutor::Connection(db), Some(waits)) = (db, waits) {
        // If this fails, the connection is gone, and the setting with it.
        let _ = sqlite::wait_for(db, waits).await;
    }
}

/// The migration's own pool, if it has several connections and the server reports who blocks whom (PostgreSQL).
pub(crate) fn monitor_connection(db: &DatabaseExecutor<'_>) -> Option<DatabaseConnection> {
    match db {
        #[cfg(feature = "postgres")]
        DatabaseExecutor::Connection(db) if db.get_database_backend() == DbBackend::Postgres => {
            postgres::monitor_connection(db)
        }
        _ => None,
    }
}

/// A separate connection to the same server, opened at its first use and closed when it is dropped. `None` if there is no
/// [`monitor_connection`].
pub(crate) fn temporary_connection(db: &DatabaseExecutor<'_>) -> Option<DatabaseConnection> {
    #[cfg(feature = "postgres")]
    return monitor_connection(db).map(|db| postgres::temporary_connection(&db));
    #[cfg(not(feature = "postgres"))]
    monitor_connection(db)
}

/// The process id of this session (PostgreSQL).
pub(crate) async fn pid(db: &impl ConnectionTrait) -> Result<i32, DbErr> {
    postgres::pid(db).await
}

/// The synchronous replicas that the COMMIT of the lock holder waits for (PostgreSQL).
pub(crate) async fn awaited_replicas(db: &impl ConnectionTrait, history: &str) -> Result<Option<String>, DbErr> {
    postgres::awaited_replicas(db, history).await
}

/// The index that the lock holder builds (PostgreSQL).
pub(crate) async fn index_build(db: &impl ConnectionTrait, history: &str) -> Result<Option<IndexBuild>, DbErr> {
    postgres::index_build(db, history).await
}

/// The sessions that block the session `pid` (PostgreSQL). For the report only: empty if they cannot be queried.
pub(crate) async fn blockers_of_session(db: &impl ConnectionTrait, pid: i32) -> Vec<Session> {
    let found = postgres::blockers_of_session(db, pid).await;
    mask_literals(db, found)
}

/// Cancels the statement of the session `pid` (PostgreSQL).
pub(crate) async fn cancel(db: &impl ConnectionTrait, pid: i32) -> Result<(), DbErr> {
    postgres::cancel(db, pid).await
}

/// Sets READ COMMITTED, so that the transaction sees what others commit while it waits for the lock.
pub(crate) async fn see_what_others_commit(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    match db.get_database_backend() {
        // Unprepared, because behind a pooler the statement names of other clients may collide.
        DbBackend::Postgres => db.execute_unprepared("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").await.map(drop),
        _ => Ok(()),
    }
}

/// Tries to take the lock of this history table. The lease is the lock on Galera, and unused elsewhere.
pub(crate) async fn try_lock(
    db: &impl ConnectionTrait,
    lifetime: Lifetime,
    history: &str,
    lease: &Lease,
) -> Result<bool, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::try_lock(db, lifetime, history).await,
        DbBackend::MySql => mysql::try_lock(db, lease).await,
        // The write transaction is the lock.
        _ => Ok(true),
    }
}

/// Releases the session lock. If that fails, the lock ends with the session, or on Galera with the lease.
pub(crate) async fn release(db: &impl ConnectionTrait) {
    let _ = match db.get_database_backend() {
        DbBackend::Postgres => db.execute_unprepared("SELECT pg_catalog.pg_advisory_unlock_all()").await.map(drop),
        DbBackend::MySql => mysql::release(db).await,
        _ => Ok(()),
    };
}

/// Whether this connection still holds the session lock.
pub(crate) async fn has_lock(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::has_lock(db).await,
        DbBackend::MySql => mysql::has_lock(db).await,
        _ => Ok(true),
    }
}

/// The sessions that hold the lock of this history table. For the report only: empty if they cannot be queried.
pub(crate) async fn lock_holders(db: &impl ConnectionTrait, history: &str) -> Vec<Session> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::lock_holders(db, history).await,
        DbBackend::MySql => mysql::lock_holders(db).await,
        _ => sqlite::writers(db).await,
    };
    mask_literals(db, found)
}

/// The sessions that may block a statement: their transactions began before it started to wait, as far as the server shows. For the
/// report only: empty if they cannot be queried.
pub(crate) async fn possible_blockers(
    db: &impl ConnectionTrait,
    wanted: AwaitedLock<'_>,
    settings: &Settings,
) -> Vec<Session> {
    let found = match db.get_database_backend() {
        DbBackend::Postgres => postgres::possible_blockers(db, wanted, settings).await,
        DbBackend::MySql => mysql::possible_blockers(db, settings).await,
        _ => sqlite::users(db).await,
    };
    mask_literals(db, found)
}

/// The `search_path`, or the current database (MySQL, MariaDB). A migration may change it, as dumps do.
pub(crate) async fn namespace(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::namespace(db).await.map(Some),
        DbBackend::MySql => mysql::namespace(db).await,
        _ => Ok(None),
    }
}

/// Restores what [`namespace`] returned.
pub(crate) async fn restore_namespace(db: &impl ConnectionTrait, namespace: &str) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Postgres => postgres::restore_namespace(db, namespace).await,
        DbBackend::MySql => mysql::restore_namespace(db, namespace).await,
        _ => Ok(()),
    }
}

/// The timeouts of the outer transaction, which a nested one changes, for [`restore_timeouts`].
pub(crate) async fn timeouts(db: &DatabaseExecutor<'_>) -> Result<Option<Timeouts>, DbErr> {
    match db {
        DatabaseExecutor::Connection(_) => Ok(None),
        nested if nested.get_database_backend() == DbBackend::Postgres => postgres::timeouts(nested).await.map(Some),
        _ => Ok(None),
    }
}

/// Restores what [`timeouts`] returned.
pub(crate) async fn restore_timeouts(db: &impl ConnectionTrait, timeouts: Timeouts) -> Result<(), DbErr> {
    postgres::restore_timeouts(db, timeouts).await
}

fn mask_literals(db: &impl ConnectionTrait, found: Result<Vec<Session>, DbErr>) -> Vec<Session> {
    let backend = db.get_database_backend();
    found.unwrap_or_default().into_iter().map(|session| session.masked(backend)).collect()
}
