//! PostgreSQL: an advisory lock. The server releases it when its transaction or session ends, for whatever reason.

use sea_orm_migration::sea_orm::{
    self, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, SqlxError, Statement,
    sqlx::{self, Row},
};
#[cfg(feature = "postgres")]
use sea_orm_migration::sea_orm::{SqlxPostgresConnector, sqlx::postgres::PgConnectOptions};

use super::{
    lifetime::Lifetime,
    own_session::{NoSession, alone, not_connected},
    query::{AwaitedLock, Timeouts, query_value, sessions},
};
use crate::{session::Session, settings::Settings};

#[cfg(feature = "postgres")]
pub(super) async fn own_connection(
    db: &DatabaseConnection,
    settings: &Settings,
) -> Result<DatabaseConnection, NoSession> {
    let pool = db.get_postgres_connection_pool();
    // As options of the start-up packet, which a pooler in transaction mode rejects or drops: unlike `SET`, they never remain
    // in a session that another client gets. The second option only shows whether they arrived.
    let timeout = format!("{}ms", settings.lock_timeout.as_millis());
    let probe = fastrand::u64(..).to_string();
    let options: PgConnectOptions =
        (*pool.connect_options()).clone().options([("lock_timeout", &timeout), ("sea_orm_runner.probe", &probe)]);
    let alone = alone(pool.options());
    let pool = alone.connect_with(options).await.map_err(|error| match error {
        // A server that shuts down or ends sessions may accept the next attempt.
        SqlxError::Database(refusal) if !refusal.code().is_some_and(|code| code.starts_with("57P")) => {
            NoSession::Refused(refusal.message().to_owned())
        }
        other => NoSession::NotConnected(not_connected(other)),
    })?;
    // Unprepared, because behind a pooler the statement names of other clients may collide.
    let arrived = sqlx::raw_sql("SELECT current_setting('sea_orm_runner.probe', true)").fetch_one(&pool).await;
    let arrived = arrived.and_then(|row| row.try_get::<Option<String>, _>(0));
    if arrived.map_err(|error| NoSession::NotConnected(not_connected(error)))? != Some(probe) {
        return Err(NoSession::Refused("the settings of a session do not reach the server".to_owned()));
    }
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// The same pool, with its statements not monitored.
#[cfg(feature = "postgres")]
pub(super) fn monitor_connection(db: &DatabaseConnection) -> Option<DatabaseConnection> {
    let pool = db.get_postgres_connection_pool();
    (pool.options().get_max_connections() > 1).then(|| SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()))
}

#[cfg(feature = "postgres")]
pub(super) fn temporary_connection(db: &DatabaseConnection) -> DatabaseConnection {
    let pool = db.get_postgres_connection_pool();
    let pool = alone(pool.options()).connect_lazy_with((*pool.connect_options()).clone());
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

pub(super) async fn pid(db: &impl ConnectionTrait) -> Result<i32, DbErr> {
    query_value(db, Statement::from_string(DbBackend::Postgres, "SELECT pg_backend_pid()")).await
}

pub(super) async fn blockers_of_session(db: &impl ConnectionTrait, pid: i32) -> Result<Vec<Session>, DbErr> {
    let sql = include_str!("postgres/blockers_of_session.sql");
    sessions(db, Statement::from_sql_and_values(DbBackend::Postgres, sql, [pid.into()])).await
}

pub(super) async fn cancel(db: &impl ConnectionTrait, pid: i32) -> Result<(), DbErr> {
    let cancel = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_cancel_backend($1)", [pid.into()]);
    db.query_one_raw(cancel).await.map(drop)
}

pub(super) async fn set_timeouts(
    db: &impl ConnectionTrait,
    lifetime: Lifetime,
    settings: &Settings,
) -> Result<(), DbErr> {
    let is_local = lifetime == Lifetime::Transaction;
    let statement_timeout = settings.statement_timeout.unwrap_or_default().as_millis();
    let limits = include_str!("postgres/limits.sql")
        .replace("{statement_timeout}", &statement_timeout.to_string())
        .replace("{is_local}", &is_local.to_string());
    let mut statements = vec![limits];
    if is_local {
        statements.push(format!("SET LOCAL lock_timeout = {}", settings.lock_timeout.as_millis()));
    }
    db.execute_unprepared(&statements.join(";\n")).await.map(drop)
}

pub(super) async fn try_lock(db: &impl ConnectionTrait, lifetime: Lifetime, history: &str) -> Result<bool, DbErr> {
    let sql = match lifetime {
        Lifetime::Transaction => include_str!("postgres/lock_transaction.sql"),
        Lifetime::Session | Lifetime::Statement => include_str!("postgres/lock_session.sql"),
    };
    query_value(db, about(sql, history)).await
}

pub(super) async fn has_lock(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    query_value(db, Statement::from_string(DbBackend::Postgres, include_str!("postgres/has_lock.sql"))).await
}

pub(super) async fn namespace(db: &impl ConnectionTrait) -> Result<String, DbErr> {
    query_value(db, about("SELECT pg_catalog.current_setting($1)", "search_path")).await
}

/// For the session, because the transaction of a migration may have changed it for longer than itself.
pub(super) async fn restore_namespace(db: &impl ConnectionTrait, namespace: &str) -> Result<(), DbErr> {
    let sql = "SELECT pg_catalog.set_config('search_path', $1, false) \
               WHERE pg_catalog.current_setting('search_path') <> $1";
    db.query_one_raw(about(sql, namespace)).await.map(drop)
}

pub(super) async fn lock_holders(db: &impl ConnectionTrait, history: &str) -> Result<Vec<Session>, DbErr> {
    sessions(db, about(include_str!("postgres/lock_holders.sql"), history)).await
}

pub(super) async fn awaited_replicas(db: &impl ConnectionTrait, history: &str) -> Result<Option<String>, DbErr> {
    let row = db.query_one_raw(about(include_str!("postgres/awaited_replicas.sql"), history)).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// An index that a run builds.
#[derive(Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct IndexBuild {
    pub(crate) table: String,
    pub(crate) phase: String,
    pub(crate) percent: Option<i32>,
}

pub(super) async fn index_build(db: &impl ConnectionTrait, history: &str) -> Result<Option<IndexBuild>, DbErr> {
    let row = db.query_one_raw(about(include_str!("postgres/index_build.sql"), history)).await?;
    row.map(|row| IndexBuild::from_query_result(&row, "")).transpose()
}

pub(super) async fn possible_blockers(
    db: &impl ConnectionTrait,
    wanted: AwaitedLock<'_>,
    settings: &Settings,
) -> Result<Vec<Session>, DbErr> {
    let (statement, only_writers) = match wanted {
        AwaitedLock::Table(statement) => (statement, false),
        AwaitedLock::Rows(table) => (Some(table), true),
    };
    let values = [statement.into(), settings.lock_timeout.as_secs_f64().into(), only_writers.into()];
    let sql = include_str!("postgres/blockers.sql");
    sessions(db, Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await
}

/// The settings that [`prepare`] changes, and a transaction around this one should get back.
pub(super) async fn timeouts(db: &impl ConnectionTrait) -> Result<Timeouts, DbErr> {
    let sql = include_str!("postgres/timeouts.sql");
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

pub(super) async fn restore_timeouts(db: &impl ConnectionTrait, timeouts: Timeouts) -> Result<(), DbErr> {
    for (name, timeout) in timeouts {
        let sql = "SELECT pg_catalog.set_config($1, $2, true)";
        let set = Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into(), timeout.into()]);
        db.query_one_raw(set).await?;
    }
    Ok(())
}

fn about(sql: &str, name: &str) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()])
}
