//! The database is out of space on its disk.

use std::{path::Path, process::Command, sync::atomic::Ordering::SeqCst, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;

use super::super::serving::{Service, migrated};
use super::load::{FAULT_WINDOW, LoadGenerator, RUN_DURATION, open, sleep_until};
use crate::servers::{Server::Postgres, not_applicable, own_mariadb};

/// A file system of its own; unmounted with this value.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(folder));
        }
        not_applicable("a tmpfs cannot be mounted here");
        None
    }

    fn fill(ballast: &Path) {
        // It stops where the disk is full.
        Command::new("dd").args(["if=/dev/zero", "bs=4k", &format!("of={}", ballast.display())]).output().unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.0.path()).output().ok();
    }
}

pub(super) async fn of_sqlite() {
    let Some(disk) = SmallDisk::new() else { return };
    let url = format!("sqlite://{}?mode=rwc", disk.0.path().join("calls.db").display());
    let db = open(&url).await;
    Migrator::up(&db, None).await.unwrap();
    let service = Service::start(&url, &[]);
    let load = LoadGenerator::new(&service);
    let ballast = disk.0.path().join("ballast");
    load.run(async {
        sleep_until(&load, FAULT_WINDOW.start).await;
        SmallDisk::fill(&ballast);
        sleep_until(&load, FAULT_WINDOW.end).await;
        std::fs::remove_file(&ballast).unwrap();
    })
    .await;
    load.report_and_assert("a full disk for 6 s (SQLite)", &db, true).await;
    db.close().await.unwrap();
    drop(service);
}

/// A server has room in its files for a while. So the disk stays full until the first webhook met that, and 4 s longer.
async fn fill_until_noticed(load: &LoadGenerator, disk: &SmallDisk) {
    sleep_until(load, FAULT_WINDOW.start).await;
    let ballast = disk.0.path().join("ballast");
    SmallDisk::fill(&ballast);
    while load.unavailable.load(SeqCst) == 0 && load.began.elapsed() < RUN_DURATION {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    std::fs::remove_file(&ballast).unwrap();
    let accepted = load.accepted.load(SeqCst);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(load.accepted.load(SeqCst) > accepted, "it goes on");
}

/// The disk of its tables, in a tablespace. Without room for its log, PostgreSQL ends.
pub(super) async fn of_postgres() {
    let Some(disk) = SmallDisk::new() else { return };
    let Some((database, db)) = migrated(Postgres).await else { return };
    let folder = disk.0.path().join("tables");
    std::fs::create_dir(&folder).unwrap();
    let owned = Command::new("chown").arg("postgres").arg(&folder).status().unwrap();
    assert!(owned.success());
    let space = format!("{}_small", database.name());
    for statement in [
        format!("CREATE TABLESPACE {space} LOCATION '{}'", folder.display()),
        format!("ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE {space}"),
        format!("ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE {space}"),
    ] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    let service = Service::start(&database.url, &[]);
    let load = LoadGenerator::new(&service);
    load.run(fill_until_noticed(&load, &disk)).await;
    load.report_and_assert("a full disk (PostgreSQL)", &db, true).await;
    assert!(load.unavailable.load(SeqCst) > 0, "the disk was never full");
    drop(service);
    db.close().await.unwrap();
    let (base, _) = database.url.rsplit_once('/').unwrap();
    let maintenance = format!("{base}/postgres");
    drop(database);
    crate::servers::run(&maintenance, &format!("DROP TABLESPACE {space}")).await;
}

/// The disk of the table.
pub(super) async fn of_mariadb() {
    let Some(disk) = SmallDisk::new() else { return };
    let Some((_server, root)) = own_mariadb() else { return };
    crate::servers::run(&format!("{root}/mysql"), "CREATE DATABASE calls").await;
    let url = format!("{root}/calls");
    let db = open(&url).await;
    Migrator::up(&db, None).await.unwrap();
    db.execute_unprepared("SET GLOBAL innodb_file_per_table = ON").await.unwrap();
    let show = Statement::from_string(db.get_database_backend(), "SHOW CREATE TABLE call_log");
    let create: String = db.query_one_raw(show).await.unwrap().unwrap().try_get_by_index(1).unwrap();
    db.execute_unprepared("DROP TABLE call_log").await.unwrap();
    let folder = disk.0.path().display();
    db.execute_unprepared(&format!("{create} DATA DIRECTORY = '{folder}'")).await.unwrap();
    let service = Service::start(&url, &[]);
    let load = LoadGenerator::new(&service);
    load.run(fill_until_noticed(&load, &disk)).await;
    load.report_and_assert("a full disk (MariaDB)", &db, true).await;
    assert!(load.unavailable.load(SeqCst) > 0, "the disk was never full");
    drop(service);
    db.execute_unprepared("DROP TABLE call_log").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints a measurement"]
async fn all() {
    of_sqlite().await;
    of_postgres().await;
    of_mariadb().await;
}
