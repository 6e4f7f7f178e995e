//! Ids beyond `integer`: one program works on both types of the key.

use std::time::Duration;

use entity::{CallId, call_log};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbBackend, DbConn, EntityTrait};
use service::{
    mutations::{Finalised, finalise, lease},
    queries::{Filter, calls},
};

use super::{at, ended, insert, migrated, row};
use crate::{
    it::program::call_log,
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// More than an `integer` holds.
const LARGE: i64 = 3_000_000_000;

/// Widens the key while nobody else is there, and lets its counter go on beyond an `integer`.
async fn widen(db: &DbConn) {
    let statements = match db.get_database_backend() {
        DbBackend::Postgres => format!(
            "ALTER TABLE call_log ALTER COLUMN id TYPE bigint; ALTER SEQUENCE call_log_id_seq AS bigint RESTART {LARGE}"
        ),
        DbBackend::MySql => {
            format!("ALTER TABLE call_log MODIFY id bigint NOT NULL AUTO_INCREMENT, AUTO_INCREMENT = {LARGE}")
        }
        _ => format!("UPDATE sqlite_sequence SET seq = {LARGE} - 1 WHERE name = 'call_log'"),
    };
    db.execute_unprepared(&statements).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn one_program_works_on_both_types(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let first = insert(&db, ended("CA1", at(0))).await;
    assert_eq!(first.id, CallId(1));
    let checked = call_log(&["check"], &database.url);
    assert_eq!(checked.code, 0, "{checked:?}");

    widen(&db).await;
    // The old connection has plans that are of no use any more.
    let db = database.connect().await;
    let wide = insert(&db, ended("CA2", at(1))).await;
    assert_eq!(wide.id, CallId(LARGE), "as the database returns it");
    let checked = call_log(&["check"], &database.url);
    assert!(checked.code == 0 && !checked.stdout.contains("call_log.id"), "{checked:?}");

    let whole = Filter::default();
    let page = calls(&db, &whole, None, 1).await.unwrap();
    assert_eq!(page.calls.iter().map(|call| call.id).collect::<Vec<_>>(), [wide.id]);
    let next = page.next.unwrap().to_string().parse().unwrap();
    let page = calls(&db, &whole, Some(next), 1).await.unwrap();
    assert_eq!(page.calls.iter().map(|call| call.id).collect::<Vec<_>>(), [first.id]);

    let leases = lease(&db, at(10), Duration::from_mins(1), at(0), 9).await.unwrap();
    assert_eq!(leases.iter().map(|lease| lease.id).collect::<Vec<_>>(), [first.id, wide.id]);
    assert!(finalise(&db, &leases[1], &Finalised::default(), at(11)).await.unwrap());
    assert!(row(&db, "CA2").await.estimated_cost_bucket.is_some());

    let removed = call_log(&["retention", "--older-than", "1d"], &database.url);
    assert_eq!(removed.code, 0, "{removed:?}");
    let left = call_log::Entity::find().all(&db).await.unwrap();
    assert_eq!(left.iter().map(|call| call.id).collect::<Vec<_>>(), [first.id], "the call that is not final");
}
