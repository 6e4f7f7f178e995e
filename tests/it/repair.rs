//! What a report proposes is true: its SQL and its code run as they stand, the difference is gone, and nothing else broke.

mod pasted;
mod shelves;

use std::{fs, path::PathBuf};

use entity::{call_log, prelude::*};
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbConn, EntityTrait, Statement};
use sea_orm_drift::{Difference, Entities, Report};
use service::schema::entities;

use super::cargo::workspace;
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

#[rstest]
#[case::on_postgres(Postgres, "postgres")]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb, "mysql")]
#[case::on_sqlite(Sqlite, "sqlite")]
#[tokio::test]
async fn each_repair_of_each_change_makes_its_finding_go_away(#[case] server: Server, #[case] folder: &str) {
    let mut repaired = 0;
    for (name, sql) in changes(folder) {
        let Some((_database, db)) = migrated(server).await else { return };
        if is_for_a_newer_server(&sql, server, &db).await {
            continue;
        }
        db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        repaired += repair_all(&db, &entities(), &name).await.len();
    }
    assert!(repaired > 2, "only {repaired} repairs in {folder}");
}

/// Executes the SQL of one difference after the other, and returns the findings that had one.
async fn repair_all(db: &DbConn, entities: &Entities, name: &str) -> Vec<String> {
    let mut report = entities.check(db).await.unwrap();
    let mut done = Vec::new();
    while let Some(difference) = report.differences.iter().find(|found| found.repair().is_some()).cloned() {
        let repair = difference.repair().unwrap();
        for sql in &repair.sql {
            db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{name}: {sql}: {error}\n{report}"));
        }
        let after = entities.check(db).await.unwrap();
        assert!(!contains(&after, &difference), "{name}: {:?} repairs nothing of\n{report}\n{after}", repair.sql);
        for new in after.differences.iter().filter(|found| !contains(&report, found)) {
            // A column that takes NULL until it is filled.
            let is_announced = new.consequence() < difference.consequence() && new.object() == difference.object();
            assert!(is_announced && !repair.remarks.is_empty(), "{name}: {:?} breaks\n{after}", repair.sql);
        }
        done.push(finding(&difference));
        report = after;
    }
    done
}

fn contains(report: &Report, difference: &Difference) -> bool {
    report.differences.iter().any(|found| found.is_same_finding(difference))
}

fn finding(difference: &Difference) -> String {
    format!("{} {}", difference.change.rule(), difference.object())
}

/// Those that are made by the owner, to the table of calls.
fn changes(folder: &str) -> Vec<(String, String)> {
    let folder = workspace().join("tests/fixtures/changes").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let sql = fs::read_to_string(&path).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), sql)
    };
    let is_of_another =
        |sql: &str| sql.lines().any(|line| line.starts_with("-- with: ") || line.starts_with("-- as: "));
    files.into_iter().map(read).filter(|(_, sql)| !is_of_another(sql)).collect()
}

async fn is_for_a_newer_server(sql: &str, server: Server, db: &DbConn) -> bool {
    let since = sql.lines().find_map(|line| line.strip_prefix("-- since: PostgreSQL "));
    let (Some(since), Postgres) = (since, server) else { return false };
    let ask = "SELECT current_setting('server_version_num')::integer / 10000";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap().unwrap();
    row.try_get_by_index::<i32>(0).unwrap() < since.parse().unwrap()
}

/// A migrated database with two rows.
async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    for call_sid in ["CA1", "CA2"] {
        let call = call_log::ActiveModel {
            business_id: Set(1),
            call_sid: Set(Some(call_sid.to_owned())),
            ..Default::default()
        };
        CallLog::insert(call).exec_without_returning(&db).await.unwrap();
    }
    Some((database, db))
}
