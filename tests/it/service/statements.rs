//! Prepared statements: what each session of PostgreSQL keeps of them, and that none is needed behind a pooler.

use std::time::Duration;

use entity::{CallId, call_log};
use futures_util::future::join_all;
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, DbConn, EntityTrait, QueryOrder, Statement};
use sea_orm_connect::{Access, PoolerSafe};
use service::worker::{Finaliser, Settings};

use super::{
    at, ended,
    serving::{ALL, Service, call_sid, migrated},
};
use crate::servers::{Server::Postgres, pgbouncer_with};

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";
const STREAM: &str = "/webhooks/twilio/stream?business_id=7";
const RECORDING: &str = "/webhooks/twilio/recording?business_id=7";

/// What Twilio sends of a call, in its order.
fn deliveries(number: u32) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let call = || ("CallSid", call_sid(number));
    let stream = || ("StreamSid", format!("MZ{number:032x}"));
    let today = chrono::Utc::now().date_naive();
    let time = |second: u32| ("Timestamp", format!("{today}T00:00:{second:02}Z"));
    let status = |status: &str| ("CallStatus", status.to_owned());
    let event = |event: &str| ("StreamEvent", event.to_owned());
    vec![
        (STATUS, vec![call(), status("ringing"), ("From", "+14158675310".to_owned())]),
        (STREAM, vec![call(), stream(), event("stream-started"), time(10)]),
        (STREAM, vec![call(), stream(), event("stream-stopped"), time(10 + number % 40)]),
        (
            RECORDING,
            vec![
                call(),
                ("RecordingSid", format!("RE{number:032x}")),
                ("RecordingStatus", "completed".to_owned()),
                ("RecordingUrl", "https://api.twilio.com/2010-04-01/Recordings/RE1".to_owned()),
            ],
        ),
        (STATUS, vec![call(), status("completed"), ("CallDuration", (30 + number % 60).to_string())]),
    ]
}

/// Sends all that Twilio sends of these calls to one service or the other, several at the same time.
async fn send(services: &[Service], calls: std::ops::Range<u32>) {
    const SENDERS: u32 = 16;
    let senders = (0..SENDERS).map(|sender| {
        let mine = calls.clone().filter(move |number| number % SENDERS == sender);
        async move {
            for number in mine {
                for (place, (path, parameters)) in deliveries(number).into_iter().enumerate() {
                    let service = &services[(number as usize + place) % services.len()];
                    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    let answer = service.webhook(path, &parameters).await;
                    assert_eq!(answer.status, 204, "{path}: {answer:?}{}", service.log());
                }
            }
        }
    });
    join_all(senders).await;
}

/// All rows without what depends on when a webhook arrived.
async fn rows(db: &DbConn) -> Vec<call_log::Model> {
    let rows = call_log::Entity::find().order_by_asc(call_log::COLUMN.call_sid).all(db).await.unwrap();
    let timeless = |row| call_log::Model { id: CallId(0), created_at: None, updated_at: None, ..row };
    rows.into_iter().map(timeless).collect()
}

/// Has each session write down how many statements it keeps, whenever it records an event.
async fn count_statements(db: &DbConn) {
    let trigger = "CREATE TABLE kept (pid int PRIMARY KEY, statements bigint NOT NULL); \
        CREATE FUNCTION count_statements() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        INSERT INTO kept SELECT pg_backend_pid(), count(*) FROM pg_prepared_statements \
        ON CONFLICT (pid) DO UPDATE SET statements = greatest(kept.statements, excluded.statements); \
        RETURN NULL; END $$; \
        CREATE TRIGGER count_statements AFTER INSERT OR UPDATE ON call_log FOR EACH STATEMENT EXECUTE FUNCTION count_statements()";
    db.execute_unprepared(trigger).await.unwrap();
}

/// The sessions that recorded events, and the most statements that one of them kept.
async fn kept(db: &DbConn) -> (i64, i64) {
    let kept = Statement::from_string(DbBackend::Postgres, "SELECT count(*), max(statements) FROM kept");
    let row = db.query_one_raw(kept).await.unwrap().unwrap();
    (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())
}

/// Two programs share five sessions, and each of them wants ten.
#[rstest]
#[case::which_refuses_settings("", "")]
#[case::which_drops_settings(", options", "")]
#[case::which_the_url_tells_of("", "?statement-cache-capacity=0")]
#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_is_lost_through_a_pooler(#[case] dropped: &str, #[case] query: &str) {
    const CALLS: std::ops::Range<u32> = 0..220;
    let Some((database, db)) = migrated(Postgres).await else { return };
    let Some((_pooler, url)) = pgbouncer_with(&database, 5, dropped) else { return };
    count_statements(&db).await;
    let url = format!("{url}{query}");
    let services = [Service::start(&url, &[]), Service::start(&url, &[])];
    let reading = async {
        for _ in 0..60 {
            let list = services[0].get_as(ALL, "/api/calls/last7d").await;
            assert_eq!(list.status, 200, "{list:?}{}", services[0].log());
            let known = services[1].get_as(ALL, "/api/costs/summary").await;
            assert_eq!(known.status, 200, "{known:?}{}", services[1].log());
        }
    };
    tokio::join!(send(&services, CALLS), reading);
    for service in &services {
        assert_eq!(service.readiness().await, ("in-sync".to_owned(), 200), "{}", service.log());
        assert!(!service.log().contains("ERROR") && !service.log().contains("WARN"), "{}", service.log());
    }
    let (sessions, most) = kept(&db).await;
    assert!(sessions > 1 && most == 0, "{sessions} sessions, {most} statements");

    let (replay, replayed) = migrated(Postgres).await.unwrap();
    send(&[Service::start(&replay.url, &[])], CALLS).await;
    let rows = rows(&db).await;
    assert_eq!(rows.len(), CALLS.len());
    assert!(rows == self::rows(&replayed).await, "the tables differ");
}

#[rstest]
#[case::each_statement_once("", 1..=40)]
#[case::none("?statement-cache-capacity=0", 0..=0)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_keeps_does_not_grow_with_the_webhooks(
    #[case] query: &str,
    #[case] expected: std::ops::RangeInclusive<i64>,
) {
    let Some((database, db)) = migrated(Postgres).await else { return };
    count_statements(&db).await;
    let service = [Service::start(&format!("{}{query}", database.url), &[])];
    send(&service, 0..400).await;
    let (sessions, most) = kept(&db).await;
    assert!(sessions > 1, "{sessions}");
    assert!(expected.contains(&most), "of 2,000 webhooks {most} statements in a session");
}

/// Whatever has ended is finalised at once.
fn settings() -> Settings {
    Settings { horizon: Duration::from_hours(24 * 3650), settle: Duration::ZERO, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn finalisers_share_the_sessions_of_a_pooler() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let Some((_pooler, url)) = pgbouncer_with(&database, 3, "") else { return };
    for number in 0..200 {
        ended(&call_sid(number), at(i64::from(number))).insert(&db).await.unwrap();
    }
    let url = url.parse().unwrap();
    let summaries = join_all((0..6).map(async |_| {
        let pool = PoolerSafe::connect(&url, None, Access::ReadWrite).await.unwrap();
        assert!(pool.uses_transaction_pooling());
        let settings = Settings { batch: 7, ..settings() };
        Finaliser::new(settings).unwrap().run_once(&pool).await.unwrap()
    }))
    .await;
    assert_eq!(summaries.iter().map(|summary| summary.finalised).sum::<u64>(), 200, "{summaries:?}");
    assert!(rows(&db).await.iter().all(|call| call.estimated_cost_bucket.is_some()));
}

/// What a pooler passes on of a session is not relied on where the server itself answers.
#[tokio::test]
async fn a_pooler_is_told_from_the_server_itself() {
    let Some((database, _db)) = migrated(Postgres).await else { return };
    let uses_transaction_pooling = async |url: &str| {
        PoolerSafe::connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap().uses_transaction_pooling()
    };
    assert!(!uses_transaction_pooling(&database.url).await);
    assert!(uses_transaction_pooling(&format!("{}?statement-cache-capacity=0", database.url)).await, "as the URL says");
    for dropped in ["", ", options"] {
        let Some((_pooler, url)) = pgbouncer_with(&database, 2, dropped) else { return };
        assert!(uses_transaction_pooling(&url).await, "{dropped}");
        assert!(!uses_transaction_pooling(&format!("{url}?statement-cache-capacity=9")).await, "as the URL says");
    }
}

/// PostgreSQL refuses a statement that was prepared when its columns had other types, for as long as the session lasts.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_reads_on_after_a_column_has_changed() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let service = Service::start(&database.url, &[]);
    ended(&call_sid(1), chrono::Utc::now().naive_utc()).insert(&db).await.unwrap();
    let read = async || {
        let answers = join_all((0..20).map(|_| service.get_as(ALL, "/api/calls/last7d"))).await;
        for answer in answers {
            assert_eq!(answer.status, 200, "{answer:?}{}", service.log());
        }
    };
    read().await;
    db.execute_unprepared("ALTER TABLE call_log ALTER COLUMN to_number TYPE varchar(100)").await.unwrap();
    for _ in 0..3 {
        read().await;
    }
}

/// The same in a transaction, which cannot be taken up again: the next one can, whichever connection it gets.
#[tokio::test(flavor = "multi_thread")]
async fn a_finaliser_goes_on_after_a_column_has_changed() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let pool = PoolerSafe::connect(&database.url.parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    let finaliser = Finaliser::new(settings()).unwrap();
    join_all((0..10).map(|_| finaliser.run_once(&pool))).await;
    db.execute_unprepared("ALTER TABLE call_log ALTER COLUMN call_sid TYPE varchar(100)").await.unwrap();
    ended(&call_sid(1), at(0)).insert(&db).await.unwrap();
    let mut passes = Vec::new();
    for _ in 0..20 {
        passes.push(finaliser.run_once(&pool).await);
    }
    let failed = passes.iter().filter(|pass| pass.is_err()).count();
    assert_eq!(failed, 1, "{passes:?}");
    assert_eq!(passes.iter().flatten().map(|summary| summary.finalised).sum::<u64>(), 1);
}
