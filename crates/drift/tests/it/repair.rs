//! The SQL that a report proposes runs as it stands, the difference is gone, and nothing else broke.

mod enums;
mod renames;
mod shelves;

use rstest::rstest;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbConn, EntityTrait};
use sea_orm_drift::{Consequence, Difference, Entities, Report};

use crate::{
    call_log,
    changes::{Role, changes},
    judgements::says_the_same,
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

#[rstest]
#[case::on_postgres(Postgres, "postgres")]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb, "mysql")]
#[case::on_sqlite(Sqlite, "sqlite")]
#[tokio::test]
async fn each_repair_of_each_change_makes_its_finding_go_away(#[case] server: Server, #[case] folder: &str) {
    let mut repaired = 0;
    for change in changes(folder) {
        if change.role != Role::Owner {
            continue;
        }
        let Some(database) = server.empty_database().await else { return };
        let db = database.connect().await;
        change.with.create(&db).await;
        if change.needs_newer(&db).await {
            continue;
        }
        let name = &change.name;
        db.execute_unprepared(&change.sql).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        repaired += repair_all(&db, &change.with.entities(), name).await.len();
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
            assert!(says_the_same(&repair.code, sql), "{name}: {sql}: {}", repair.code);
        }
        let after = entities.check(db).await.unwrap();
        assert!(!contains(&after, &difference), "{name}: {:?} repairs nothing of\n{report}\n{after}", repair.sql);
        for new in after.differences.iter().filter(|found| !contains(&report, found)) {
            // What a renamed table has besides breaks nothing; a column takes NULL until it is filled.
            let is_harmless = new.consequence() == Consequence::Nothing && new.table == difference.table;
            let is_announced =
                is_harmless || (new.consequence() < difference.consequence() && new.object() == difference.object());
            assert!(is_announced && !repair.remarks.is_empty(), "{name}: {:?} breaks\n{after}", repair.sql);
        }
        done.push(shown(&difference));
        report = after;
    }
    done
}

fn contains(report: &Report, difference: &Difference) -> bool {
    report.differences.iter().any(|found| found.is_same_finding(difference))
}

fn shown(difference: &Difference) -> String {
    format!("{} {}", difference.change.rule(), difference.object())
}

/// The table of calls with two rows.
async fn created(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    call_log::create(&db).await;
    for call_sid in ["CA1", "CA2"] {
        let call = call_log::ActiveModel {
            business_id: Set(1),
            call_sid: Set(Some(call_sid.to_owned())),
            ..Default::default()
        };
        call_log::Entity::insert(call).exec_without_returning(&db).await.unwrap();
    }
    Some((database, db))
}
