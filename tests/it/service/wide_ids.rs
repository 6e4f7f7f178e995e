//! Ids beyond `integer`: one program works on both types of the key, and while it changes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entity::{CallId, call_log};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbConn, EntityTrait, PaginatorTrait};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use sea_orm_runner::{Runner, online};
use service::{
    mutations::{Finalised, finalise, lease},
    queries::{CostReader, Filter, calls},
};

use super::{
    at,
    cost_totals::assert_exact,
    ended, insert, migrated, row,
    serving::{ALL, Service, call_sid},
};
use crate::{
    it::program::call_log,
    servers::{
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
        one,
    },
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

/// The migration that `docs/scale.md` shows.
struct Migrator;

struct WidenCallLogId;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(WidenCallLogId)]
    }
}

impl MigrationName for WidenCallLogId {
    fn name(&self) -> &'static str {
        "m20990101_000001_widen_call_log_id"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for WidenCallLogId {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        online::widen_key(manager, call_log::Entity, call_log::Column::Id).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

/// Webhooks, lists and costs go on while the key becomes wider, and none of them fails.
#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_fails_while_the_key_is_widened() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let fill = "INSERT INTO call_log (business_id, call_sid, status, created_at) \
                SELECT 7, 'old' || number, 'ringing', now() - interval '1 hour' FROM generate_series(1, 20000) AS number";
    db.execute_unprepared(fill).await.unwrap();
    let kept = call_log(&["costs", "--keep"], &database.url);
    assert_eq!(kept.code, 0, "{kept:?}");
    let service = Arc::new(Service::start(&database.url, &[]));
    let stop = Arc::new(AtomicBool::new(false));
    let load = (0..4).map(|number| {
        let (service, stop) = (Arc::clone(&service), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                let sid = call_sid(number * 1_000_000 + sent);
                for status in ["ringing", "completed"] {
                    let parameters = [("CallSid", sid.as_str()), ("CallStatus", status), ("CallDuration", "60")];
                    let answer = service.webhook("/webhooks/twilio/call-status?business_id=7", &parameters).await;
                    assert_eq!(answer.status.as_u16(), 204, "{answer:?}\n{}", service.log());
                }
                let list = service.get_as(ALL, "/api/calls/last7d?limit=5").await;
                assert_eq!(list.status.as_u16(), 200, "{list:?}\n{}", service.log());
                sent += 1;
            }
            sent
        })
    });
    let load: Vec<_> = load.collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    Runner::new().up::<Migrator>(&DatabaseExecutor::Connection(&database.connect().await), None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    let mut sent = 0;
    for task in load {
        sent += task.await.unwrap();
    }
    let db = database.connect().await;
    let calls = call_log::Entity::find().count(&db).await.unwrap();
    assert!(sent > 20 && calls == 20_000 + u64::from(sent), "{sent} of {calls}");
    let ty: String = one(
        &db,
        "SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = 'call_log'::regclass AND attname = 'id'",
    )
    .await;
    assert_eq!(ty, "bigint");
    let checked = call_log(&["check"], &database.url);
    assert!(checked.code == 0 && !checked.stdout.contains("call_log.id"), "{checked:?}");
    assert_exact(&CostReader::default(), &db, "the triggers of the totals saw all").await;
}
