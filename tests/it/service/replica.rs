//! Lists from a replica while it is fresh, and from the primary otherwise.

use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbConn};
use sea_orm_connect::{Access, connect};

use super::serving::{ALL, Service, call_sid, settings};
use crate::servers::{NOWHERE, replicated_postgres};

/// How stale it may be.
const BOUND: Duration = Duration::from_secs(6);

async fn open(url: &str) -> DbConn {
    connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap()
}

fn start(primary: &str, replica: &str) -> Service {
    let mut settings = settings();
    settings.push(("CALL_LOG_READ_DATABASE_URL", replica.to_owned()));
    settings.push(("CALL_LOG_DATABASE_READ_MAX_STALENESS", format!("{}s", BOUND.as_secs())));
    Service::start_with(primary, &[], &settings)
}

async fn send(service: &Service, number: u32) {
    let sid = call_sid(number);
    let path = "/webhooks/twilio/call-status?business_id=7";
    let answer = service.webhook(path, &[("CallSid", &sid), ("CallStatus", "ringing")]).await;
    assert_eq!(answer.status.as_u16(), 204, "{}", service.log());
}

async fn lists(service: &Service, number: u32) -> bool {
    let list = service.get_as(ALL, "/api/calls/last7d").await;
    assert_eq!(list.status.as_u16(), 200, "{list:?}");
    let call = service.get_as(ALL, &format!("/api/calls/{}", call_sid(number))).await.status.as_u16();
    let is_listed = list.body.contains(&call_sid(number));
    assert_eq!(call, if is_listed { 200 } else { 404 }, "the call is read where the list is");
    is_listed
}

async fn reads_from(service: &Service, source: &str) {
    let began = Instant::now();
    loop {
        let answer = service.get("/readyz").await;
        assert_eq!(answer.status.as_u16(), 200, "a replica does not make it unready: {answer:?}");
        if answer.json()["reads"] == source {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(40), "{answer:?}: {}", service.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// It is set at the next look.
async fn metric_becomes(service: &Service, line: &str) {
    let began = Instant::now();
    while !service.get_as(ALL, "/metrics").await.body.lines().any(|metric| metric == line) {
        assert!(began.elapsed() < Duration::from_secs(20), "{line}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_from_a_replica_until_it_is_too_stale() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let url = |host: &str| format!("postgres://postgres@{host}:{port}/postgres");
    let (primary, replica) = (url("127.0.0.1"), url("127.0.0.2"));
    let (db, standby) = (open(&primary).await, open(&replica).await);
    Migrator::up(&db, None).await.unwrap();
    let service = start(&primary, &replica);
    reads_from(&service, "replica").await;
    metric_becomes(&service, "reads_from_replica 1").await;

    standby.execute_unprepared("SELECT pg_wal_replay_pause()").await.unwrap();
    let paused = Instant::now();
    send(&service, 1).await;
    let is_listed = lists(&service, 1).await;
    // Once it was too slow to look, it proves nothing.
    if paused.elapsed() < BOUND / 2 {
        assert!(!is_listed, "the list came from the primary");
    }
    reads_from(&service, "primary").await;
    assert!(paused.elapsed() <= BOUND * 6, "it was read for too long");
    assert!(lists(&service, 1).await, "on the primary it is there");
    metric_becomes(&service, "reads_from_replica 0").await;
    service.logs("reads go to the primary").await;

    standby.execute_unprepared("SELECT pg_wal_replay_resume()").await.unwrap();
    reads_from(&service, "replica").await;
    assert!(lists(&service, 1).await);

    // A replica that nobody sends anything to any more looks up to date to itself.
    standby.execute_unprepared("ALTER SYSTEM SET primary_conninfo = ''").await.unwrap();
    standby.execute_unprepared("SELECT pg_reload_conf()").await.unwrap();
    send(&service, 2).await;
    reads_from(&service, "primary").await;
    assert!(lists(&service, 2).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_ends_its_sessions_costs_no_answer() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let url = |host: &str| format!("postgres://postgres@{host}:{port}/postgres");
    let (db, standby) = (open(&url("127.0.0.1")).await, open(&url("127.0.0.2")).await);
    Migrator::up(&db, None).await.unwrap();
    let service = start(&url("127.0.0.1"), &url("127.0.0.2"));
    reads_from(&service, "replica").await;
    send(&service, 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for _ in 0..10 {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' \
                   AND pid <> pg_backend_pid()";
        standby.execute_unprepared(end).await.unwrap();
        assert!(lists(&service, 1).await);
    }
    reads_from(&service, "replica").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_not_there_or_is_no_replica_is_not_read() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let primary = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    Migrator::up(&open(&primary).await, None).await.unwrap();
    for other in [format!("postgres://postgres@{NOWHERE}/postgres"), primary.clone()] {
        let service = start(&primary, &other);
        send(&service, 1).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        reads_from(&service, "primary").await;
        assert!(lists(&service, 1).await);
    }
}
