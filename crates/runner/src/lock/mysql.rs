//! MySQL and MariaDB: a user-level lock. The server releases it when its session ends, for whatever reason. A Galera cluster
//! has a lease instead.

#[cfg(feature = "mysql")]
use sea_orm_migration::sea_orm::SqlxMySqlConnector;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use sea_orm_connect::galera::is_node;

use super::{
    galera::{self, Lease},
    own_session::{alone, not_connected},
    query::{query_value, sessions},
};
use crate::{session::Session, settings::Settings};

/// Locks belong to the server, not to a database, and their names have at most 64 characters.
/// <https://mariadb.com/kb/en/get_lock/>
const LOCK: &str = "CONCAT('migrate:', SHA1(LOWER(DATABASE())))";

#[cfg(feature = "mysql")]
pub(super) async fn own_connection(db: &DatabaseConnection) -> Result<DatabaseConnection, DbErr> {
    let pool = db.get_mysql_connection_pool();
    let pool = alone(pool.options()).connect_with((*pool.connect_options()).clone()).await.map_err(not_connected)?;
    Ok(SqlxMySqlConnector::from_sqlx_mysql_pool(pool))
}

pub(super) async fn set_timeouts(db: &impl ConnectionTrait, settings: &Settings) -> Result<(), DbErr> {
    let seconds = seconds(settings);
    let limit = settings.statement_timeout.unwrap_or_default();
    // Of tables, and of rows; how long the session may pause; and how long a statement may run, which MariaDB counts in
    // seconds, and MySQL in milliseconds and for reads only. Each skips the comment that is for the other.
    let set = format!(
        "SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}, wait_timeout = 28800 \
         /*M!100101 , max_statement_time = {} */ /*!80000 , max_execution_time = {} */",
        limit.as_secs_f64(),
        limit.as_millis()
    );
    db.execute_unprepared(&set).await.map(drop)
}

pub(super) async fn try_lock(db: &impl ConnectionTrait, lease: &Lease) -> Result<bool, DbErr> {
    if is_node(db).await? {
        return galera::try_take(db, lease).await;
    }
    query_value::<Option<i64>>(db, from(&format!("SELECT GET_LOCK({LOCK}, 0)"))).await.map(|answer| answer == Some(1))
}

pub(super) async fn release(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    match galera::holder(db).await? {
        Some(holder) => galera::release(db, holder).await,
        None => db.execute_unprepared(&format!("SELECT RELEASE_LOCK({LOCK})")).await.map(drop),
    }
}

pub(super) async fn has_lock(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    if let Some(holder) = galera::holder(db).await? {
        return galera::is_held_by(db, holder).await;
    }
    let sql = format!("SELECT CAST(COALESCE(IS_USED_LOCK({LOCK}) = CONNECTION_ID(), 0) AS SIGNED)");
    query_value::<i64>(db, from(&sql)).await.map(|answer| answer == 1)
}

pub(super) async fn lock_holders(db: &impl ConnectionTrait) -> Result<Vec<Session>, DbErr> {
    if is_node(db).await? {
        return galera::lock_holders(db).await;
    }
    let sql = include_str!("mysql/sessions.sql").replace("{which}", &format!("process.ID = IS_USED_LOCK({LOCK})"));
    sessions(db, from(&sql)).await
}

/// Not every version reports which table a transaction uses, so this returns all that are old enough.
pub(super) async fn possible_blockers(db: &impl ConnectionTrait, settings: &Settings) -> Result<Vec<Session>, DbErr> {
    let old_enough = format!(
        "process.ID <> CONNECTION_ID() AND process.ID IN (SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX \
         WHERE trx_started <= CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM') - INTERVAL {} SECOND)",
        seconds(settings)
    );
    sessions(db, from(&include_str!("mysql/sessions.sql").replace("{which}", &old_enough))).await
}

pub(super) async fn namespace(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    query_value(db, from("SELECT DATABASE()")).await
}

pub(super) async fn restore_namespace(db: &impl ConnectionTrait, namespace: &str) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("USE `{}`", namespace.replace('`', "``"))).await.map(drop)
}

fn seconds(settings: &Settings) -> u64 {
    settings.lock_timeout.as_millis().div_ceil(1_000).max(1).try_into().unwrap_or(u64::MAX)
}

fn from(sql: &str) -> Statement {
    Statement::from_string(DbBackend::MySql, sql)
}
