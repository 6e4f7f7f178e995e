//! SQLite: the write lock of the file, which the system releases when its process ends, however it ends.

use std::{fs, path::Path};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::ask;
use crate::session::Session;

/// SQLite does not say who; Linux does, of the file and of what stands in for it while it keeps a write-ahead log.
pub(super) async fn holders(db: &impl ConnectionTrait) -> Result<Vec<Session>, DbErr> {
    let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let file: String = ask(db, Statement::from_string(DbBackend::Sqlite, file)).await?;
    let table = fs::read_to_string("/proc/locks").unwrap_or_default();
    let mut pids: Vec<i64> =
        [file.clone(), format!("{file}-shm")].iter().flat_map(|file| writers(&table, Path::new(file))).collect();
    pids.sort_unstable();
    pids.dedup();
    Ok(pids.into_iter().filter(|pid| *pid != i64::from(std::process::id())).map(process).collect())
}

/// Lines such as `1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 1073741825 1073741825`.
/// <https://man7.org/linux/man-pages/man5/proc_locks.5.html>
fn writers(table: &str, file: &Path) -> Vec<i64> {
    let Some(inode) = inode(file) else { return Vec::new() };
    let lines = table.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let of_this_file = words.get(5)?.rsplit(':').next()? == inode;
        (of_this_file && words.get(3) == Some(&"WRITE")).then(|| words.get(4)?.parse().ok())?
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
