//! Settings of a server or a connection that refuse writes, or change what they store.

use sea_orm::{ActiveValue::Set, ConnectionTrait, entity::prelude::*};
use sea_orm_drift::{Change, Entities};
use test_servers::{own_mariadb, replicated_postgres};

use super::{check, insert, loud, run, unchecked};
use crate::call_log;

/// Not the same as a role that may not write: the program's role may, and its writes fail.
#[tokio::test]
async fn a_replica_is_an_error_for_a_program_and_a_note_for_a_check() {
    let Some((_server, port)) = replicated_postgres() else { return };
    let connect = async |host: &str| {
        sea_orm::Database::connect(format!("postgres://postgres@{host}:{port}/postgres")).await.unwrap()
    };
    let (primary, replica) = (connect("127.0.0.1").await, connect("127.0.0.2").await);
    call_log::create(&primary).await;
    assert_eq!(loud(&check(&primary).await), [""; 0]);
    let report = loop {
        let report = check(&replica).await;
        if !report.differences.iter().any(|found| matches!(found.change, Change::TableMissing { .. })) {
            break report;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    assert!(insert(&replica, 1).await.is_err());
    assert_eq!(loud(&report), ["read-only call_log WritesFail"], "{report}");
    let report = report.allowing_readers();
    assert_eq!(loud(&report), [""; 0]);
    assert_eq!(report.notes, ["the server is read-only: a program that writes needs another"]);
    // A program that only reads there says so.
    let views = Entities::new().add_view(call_log::Entity).check(&replica).await.unwrap();
    assert_eq!(loud(&views), [""; 0]);
}

#[tokio::test]
async fn a_read_only_mariadb_is_an_error_for_those_who_are_not_exempt() {
    let Some((_server, url)) = own_mariadb() else { return };
    let root = sea_orm::Database::connect(format!("{url}/mysql")).await.unwrap();
    for sql in [
        "CREATE DATABASE calls",
        "CREATE USER app@'%' IDENTIFIED BY 's3cret'",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON calls.* TO app@'%'",
    ] {
        run(&root, sql).await;
    }
    let owner = sea_orm::Database::connect(format!("{url}/calls")).await.unwrap();
    call_log::create(&owner).await;
    run(&root, "SET GLOBAL read_only = 1").await;
    let app = sea_orm::Database::connect(format!("{}/calls", url.replace("root@", "app:s3cret@"))).await.unwrap();
    let report = check(&app).await;
    assert!(insert(&app, 1).await.is_err());
    assert_eq!(loud(&report), ["read-only call_log WritesFail"], "{report}");
    assert_eq!(insert(&owner, 1).await.is_err(), !loud(&check(&owner).await).is_empty());
    run(&root, "SET GLOBAL read_only = 0").await;
    assert_eq!(loud(&check(&app).await), [""; 0]);
}

#[tokio::test]
async fn a_mariadb_that_ignores_checks_has_none() {
    let Some((_server, url)) = own_mariadb() else { return };
    let root = sea_orm::Database::connect(format!("{url}/mysql")).await.unwrap();
    run(&root, "CREATE DATABASE calls").await;
    run(&root, "SET GLOBAL check_constraint_checks = 0").await;
    let db = sea_orm::Database::connect(format!("{url}/calls")).await.unwrap();
    run(&db, "CREATE TABLE book (id integer PRIMARY KEY, price integer NOT NULL CHECK (price >= 0))").await;
    let mut declared = sea_orm::sea_query::Table::create();
    declared.table("book").col(sea_orm::sea_query::ColumnDef::new("id").integer().not_null().primary_key());
    declared.col(sea_orm::sea_query::ColumnDef::new("price").integer().not_null().extra("CHECK (price >= 0)"));
    let report = Entities::new().add_table(declared, []).check(&db).await.unwrap();
    assert!(db.execute_unprepared("INSERT INTO book VALUES (1, -1)").await.is_ok());
    assert_eq!(loud(&report), ["check-missing book (price) ConstraintLost"], "{report}");
}

/// The driver keeps the server's mode, and adds to it.
#[tokio::test]
async fn a_mariadb_that_is_not_strict_cuts_what_does_not_fit() {
    let Some((_server, url)) = own_mariadb() else { return };
    let root = sea_orm::Database::connect(format!("{url}/mysql")).await.unwrap();
    run(&root, "CREATE DATABASE calls").await;
    run(&root, "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'").await;
    let db = sea_orm::Database::connect(format!("{url}/calls")).await.unwrap();
    call_log::create(&db).await;
    let long =
        call_log::ActiveModel { business_id: Set(1), direction: Set(Some("x".repeat(20))), ..Default::default() };
    let report = check(&db).await;
    assert_eq!(long.insert(&db).await.unwrap().direction, Some("x".repeat(16)));
    assert_eq!(loud(&report), [""; 0], "{report}");
    assert_eq!(unchecked(&report), ["constraint-unchecked"], "{report}");
    assert!(!report.is_in_sync());
    run(&db, "ALTER TABLE call_log MODIFY status varchar(32) NOT NULL").await;
    let report = check(&db).await;
    let stored = call_log::ActiveModel { business_id: Set(1), ..Default::default() }.insert(&db).await.unwrap();
    assert_eq!(stored.status, Some(String::new()));
    let found = loud(&report);
    let expected =
        ["nullability-differs call_log.status WritesMayFail", "default-differs call_log.status ValuesChange"];
    assert_eq!(found, expected, "{report}");
}
