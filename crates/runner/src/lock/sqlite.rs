//! SQLite: the write lock of the file. The system releases it when its process ends, for whatever reason.

use std::{fs, path::Path};

#[cfg(feature = "sqlite")]
use sea_orm_migration::sea_orm::SqlxSqliteConnector;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::{
    own_session::{alone, not_connected},
    query::query_value,
};
use crate::{session::Session, settings::Settings};

#[cfg(feature = "sqlite")]
pub(super) async fn single_connection(db: &DatabaseConnection) -> Result<Option<DatabaseConnection>, DbErr> {
    let pool = db.get_sqlite_connection_pool();
    if pool.options().get_max_connections() == 1 {
        return Ok(None);
    }
    let pool = alone(pool.options()).connect_with((*pool.connect_options()).clone()).await.map_err(not_connected)?;
    Ok(Some(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)))
}

/// Shortens the `busy_timeout` of the connection to the lock timeout, so that waits are reported between two attempts. Returns
/// the old one in milliseconds, or `None` if it stays: in a pool of several, each connection has its own.
#[cfg(feature = "sqlite")]
pub(super) async fn shorten_busy_timeout(db: &DatabaseConnection, settings: &Settings) -> Result<Option<i64>, DbErr> {
    if db.get_sqlite_connection_pool().options().get_max_connections() > 1 {
        return Ok(None);
    }
    let usual: i64 = query_value(db, Statement::from_string(DbBackend::Sqlite, "PRAGMA busy_timeout")).await?;
    let shorter = i64::try_from(settings.lock_timeout.as_millis()).unwrap_or(i64::MAX);
    if shorter >= usual {
        return Ok(None);
    }
    wait_for(db, shorter).await?;
    Ok(Some(usual))
}

/// Lets the connection wait for the file by itself for so many milliseconds.
pub(super) async fn wait_for(db: &DatabaseConnection, milliseconds: i64) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("PRAGMA busy_timeout = {milliseconds}")).await.map(drop)
}

/// SQLite does not say who; Linux does, of the file and of what stands in for it while it keeps a write-ahead log.
pub(super) async fn writers(db: &impl ConnectionTrait) -> Result<Vec<Session>, DbErr> {
    processes(db, &["WRITE"]).await
}

/// Those, and all who read, who keep a writer from committing.
pub(super) async fn users(db: &impl ConnectionTrait) -> Result<Vec<Session>, DbErr> {
    processes(db, &["READ", "WRITE"]).await
}

async fn processes(db: &impl ConnectionTrait, kinds: &[&str]) -> Result<Vec<Session>, DbErr> {
    let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let file: String = query_value(db, Statement::from_string(DbBackend::Sqlite, file)).await?;
    let table = fs::read_to_string("/proc/locks").unwrap_or_default();
    let files = [file.clone(), format!("{file}-shm")];
    let mut pids: Vec<i64> = files.iter().flat_map(|file| lockers(&table, Path::new(file), kinds)).collect();
    pids.sort_unstable();
    pids.dedup();
    Ok(pids.into_iter().filter(|pid| *pid != i64::from(std::process::id())).map(process).collect())
}

/// Lines such as `1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 1073741825 1073741825`.
/// <https://man7.org/linux/man-pages/man5/proc_locks.5.html>
fn lockers(table: &str, file: &Path, kinds: &[&str]) -> Vec<i64> {
    let Some(inode) = inode(file) else { return Vec::new() };
    let lines = table.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let of_this_file = words.get(5)?.rsplit(':').next()? == inode;
        (of_this_file && kinds.contains(words.get(3)?)).then(|| words.get(4)?.parse().ok())?
    });
    lines.filter(|pid| *pid > 0).collect()
}

#[cfg(target_os = "linux")]
fn inode(file: &Path) -> Option<String> {
    use std::os::linux::fs::MetadataExt;
    fs::metadata(file).ok().map(|metadata| metadata.st_ino().to_string())
}

#[cfg(not(target_os = "linux"))]
fn inode(_file: &Path) -> Option<String> {
    None
}

fn process(pid: i64) -> Session {
    let application = fs::read_to_string(format!("/proc/{pid}/comm")).ok().map(|name| name.trim().to_owned());
    Session { pid, application, user: None, client: None, state: None, seconds: None, query: None }
}
