//! Webhooks and lists at the same time: neither takes the other's connections, and no list runs for long.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use entity::CallId;
use futures_util::future::join_all;
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbBackend, DbConn, Statement, TransactionTrait};
use serde_json::Value;
use service::queries::{Cursor, Filter, calls};

use super::{
    at,
    serving::{ALL, Service, call_sid, migrated},
};
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    pgbouncer_with,
};

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";

/// So many calls of the last seven days, one each second, all of them completed.
pub(super) async fn fill(db: &DbConn, calls: u32) {
    let from = chrono::Utc::now().naive_utc() - chrono::TimeDelta::days(6);
    let fill = match db.get_database_backend() {
        DbBackend::Postgres => format!(
            "INSERT INTO call_log (business_id, call_sid, direction, status, duration, created_at) \
             SELECT 1 + number % 50, 'CB' || number, 'inbound', 'completed', number % 600, \
             timestamp '{from}' + number * interval '1 second' FROM generate_series(1, {calls}) AS number"
        ),
        DbBackend::MySql => format!(
            "INSERT INTO call_log (business_id, call_sid, direction, status, duration, created_at) \
             SELECT 1 + seq % 50, CONCAT('CB', seq), 'inbound', 'completed', seq % 600, \
             TIMESTAMPADD(SECOND, seq, '{from}') FROM seq_1_to_{calls}"
        ),
        _ => format!(
            "WITH RECURSIVE sequence (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM sequence WHERE number < {calls}) \
             INSERT INTO call_log (business_id, call_sid, direction, status, duration, created_at) \
             SELECT 1 + number % 50, 'CB' || number, 'inbound', 'completed', number % 600, \
             strftime('%Y-%m-%d %H:%M:%S', '{from}', number || ' seconds') FROM sequence"
        ),
    };
    db.execute_unprepared(&fill).await.unwrap();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("VACUUM ANALYZE call_log").await.unwrap();
    }
}

async fn counted(service: &Service, metric: &str) -> u64 {
    let metrics = service.get_as(ALL, "/metrics").await.body;
    let line = metrics.lines().find_map(|line| line.strip_prefix(metric)).unwrap_or_else(|| panic!("{metrics}"));
    line.trim().parse().unwrap()
}

/// Sixty clients that each want all costs and a status that no call has, beside as many webhooks.
#[rstest]
#[case::postgres(Postgres)]
#[case::mariadb(MySqlOrMariaDb)]
#[case::sqlite(Sqlite)]
#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_waits_for_a_list(#[case] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    fill(&db, 200_000).await;
    let service = Service::start(&database.url, &["--database-read-connections", "3"]);
    let before = counted(&service, "schema_checks_total").await;
    let lists = async {
        let answers = join_all((0..60).map(|number| {
            let path = if number % 2 == 0 { "/api/costs/summary" } else { "/api/calls/last7d?status=zzz" };
            service.get_as(ALL, path)
        }))
        .await;
        for answer in answers {
            assert!([200, 503].contains(&answer.status.as_u16()), "{answer:?}{}", service.log());
        }
    };
    let webhooks = async {
        for round in 0..10 {
            let answers = join_all((0..6).map(async |number| {
                let sid = call_sid(round * 6 + number);
                service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", "ringing")]).await
            }))
            .await;
            for answer in answers {
                assert_eq!(answer.status, 204, "{answer:?}{}", service.log());
            }
            assert_eq!(service.readiness().await, ("in-sync".to_owned(), 200), "{}", service.log());
        }
    };
    tokio::join!(lists, webhooks);
    assert_eq!(counted(&service, "schema_checks_total").await, before, "{}", service.log());
}

/// A table that somebody has locked makes each read slow.
#[rstest]
#[case::postgres(Postgres, false)]
#[case::behind_a_pooler(Postgres, true)]
#[case::mariadb(MySqlOrMariaDb, false)]
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_takes_too_long_ends_in_the_database_too(#[case] server: Server, #[case] is_pooled: bool) {
    let Some((database, db)) = migrated(server).await else { return };
    let pooler = if is_pooled {
        let Some(pooler) = pgbouncer_with(&database, 5, "") else { return };
        Some(pooler)
    } else {
        None
    };
    let url = pooler.as_ref().map_or(&database.url, |(_, url)| url);
    let service = Service::start(url, &["--database-read-timeout", "700ms"]);
    let before = counted(&service, "schema_checks_total").await;
    let holder = lock(&db).await;
    let began = Instant::now();
    let problem = service.get_as(ALL, "/api/calls/last7d").await.is_problem(503);
    assert_eq!(problem["detail"], "this takes too long: narrow it by a shorter range or a business");
    let page = service.get_as(ALL, "/calls").await;
    assert!(page.status == 503 && page.body.contains("This takes too long"), "{page:?}");
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    assert_eq!(waiting(&database, &db).await, 0, "its statement goes on");
    holder.commit().await.unwrap();
    if server == MySqlOrMariaDb {
        db.execute_unprepared("UNLOCK TABLES").await.ok();
    }
    assert_eq!(service.readiness().await, ("in-sync".to_owned(), 200), "{}", service.log());
    assert_eq!(counted(&service, "schema_checks_total").await, before, "{}", service.log());
}

async fn lock(db: &DbConn) -> sea_orm::DatabaseTransaction {
    let holder = db.begin().await.unwrap();
    let lock = match db.get_database_backend() {
        DbBackend::Postgres => "LOCK TABLE call_log IN ACCESS EXCLUSIVE MODE",
        _ => "LOCK TABLES call_log WRITE",
    };
    holder.execute_unprepared(lock).await.unwrap();
    holder
}

/// How many statements wait for the table.
async fn waiting(database: &Database, db: &DbConn) -> i64 {
    let backend = db.get_database_backend();
    let ask = match backend {
        DbBackend::Postgres => {
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                .to_owned()
        }
        _ => format!(
            "SELECT count(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting%' AND DB = '{}'",
            database.name()
        ),
    };
    let row = db.query_one_raw(Statement::from_string(backend, ask)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// The oldest of 5,000 calls is the only one that was busy: it is found, however many pages come first.
#[rstest]
#[tokio::test]
async fn a_rare_status_is_found_behind_empty_pages(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    fill(&db, 5_000).await;
    let (oldest, newest) = ("UPDATE call_log SET status = 'busy' WHERE call_sid = 'CB1'", "CB4990");
    db.execute_unprepared(oldest).await.unwrap();
    db.execute_unprepared(&format!("UPDATE call_log SET status = 'busy' WHERE call_sid = '{newest}'")).await.unwrap();
    // Some at the same moment as the last that a page examines.
    db.execute_unprepared(
        "UPDATE call_log SET created_at = (SELECT moment FROM (SELECT created_at AS moment FROM call_log \
         WHERE call_sid = 'CB3000') AS other) WHERE call_sid IN ('CB2999', 'CB3001', 'CB3002')",
    )
    .await
    .unwrap();
    let filter = Filter { status: Some("busy".to_owned()), ..Filter::default() };
    let (mut pages, mut after, mut found) = (0, None, Vec::new());
    loop {
        let page = calls(&db, &filter, after, 50).await.unwrap();
        pages += 1;
        found.extend(page.calls.into_iter().filter_map(|call| call.call_sid));
        assert!(pages < 10, "{found:?}");
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((found, pages), (vec![newest.to_owned(), "CB1".to_owned()], 3));
    let all = Filter { status: Some("completed".to_owned()), ..Filter::default() };
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = calls(&db, &all, after, 500).await.unwrap();
        seen.extend(page.calls.into_iter().map(|call| call.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut ids = seen.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((seen.len(), ids.len()), (4_998, 4_998), "each call is on one page");
}

/// What the API offers, in every combination.
fn filters() -> Vec<Filter> {
    let some = |is_set: bool, text: &str| is_set.then(|| text.to_owned());
    let mut filters = Vec::new();
    for set in 0..32_u8 {
        let has = |bit: u8| set & (1 << bit) != 0;
        filters.push(Filter {
            business_id: has(0).then_some(7),
            direction: some(has(1), "outbound"),
            status: some(has(2), "zzz"),
            bucket: has(3).then_some(entity::enums::CostBucket::High),
            from: has(4).then(|| chrono::Utc::now().naive_utc() - chrono::TimeDelta::days(7)),
            to: None,
        });
    }
    filters
}

/// PostgreSQL says how many rows a plan has read: in no combination of filters, none of which any call fits but the business,
/// as many as there are.
#[tokio::test]
async fn no_filter_reads_the_whole_table() {
    const CALLS: u32 = 1_000_000;
    let Some((_database, mut db)) = migrated(Postgres).await else { return };
    fill(&db, CALLS).await;
    let plain = db.clone();
    let seen = Arc::new(Mutex::new(Vec::new()));
    db.set_metric_callback({
        let seen = Arc::clone(&seen);
        move |info| seen.lock().unwrap().push(info.statement.to_string())
    });
    let middle = Cursor { created_at: chrono::Utc::now().naive_utc() - chrono::TimeDelta::days(4), id: CallId(0) };
    for after in [None, Some(middle)] {
        for filter in filters() {
            calls(&db, &filter, after, 50).await.unwrap();
            let statements = std::mem::take(&mut *seen.lock().unwrap());
            let mut read = 0.0;
            for statement in &statements {
                read += rows_read(&plain, statement).await;
            }
            assert!(read <= 6_500.0, "{filter:?} reads {read} rows: {statements:?}");
        }
    }
}

/// The rows of a plan's scans, with those that their filters dropped.
async fn rows_read(db: &DbConn, statement: &str) -> f64 {
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {statement}");
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, explain)).await.unwrap().unwrap();
    let plan: Value = row.try_get_by_index(0).unwrap();
    rows_of(&plan[0]["Plan"])
}

fn rows_of(node: &Value) -> f64 {
    let children = node["Plans"].as_array().map_or(0.0, |children| children.iter().map(rows_of).sum());
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let is_scan = node["Node Type"].as_str().is_some_and(|kind| kind.contains("Scan"));
    children + if is_scan { number("Actual Rows") + number("Rows Removed by Filter") } else { 0.0 }
}

/// So that `integer` ids last: the first event of a call takes one, and no later or repeated one does.
#[rstest]
#[case::postgres(Postgres, false)]
#[case::behind_a_pooler(Postgres, true)]
#[case::mariadb(MySqlOrMariaDb, false)]
#[case::sqlite(Sqlite, false)]
#[tokio::test]
async fn a_call_takes_one_id(#[case] server: Server, #[case] is_pooled: bool) {
    let Some((database, db)) = migrated(server).await else { return };
    let pooler = if is_pooled {
        let Some(pooler) = pgbouncer_with(&database, 5, "") else { return };
        Some(pooler)
    } else {
        None
    };
    let service = Service::start(pooler.as_ref().map_or(&database.url, |(_, url)| url), &[]);
    for number in 1..=5 {
        let sid = call_sid(number);
        for status in ["initiated", "ringing", "ringing", "in-progress", "completed", "completed"] {
            let answer = service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", status)]).await;
            assert_eq!(answer.status, 204, "{answer:?}{}", service.log());
        }
        let row = super::row(&db, &sid).await;
        assert_eq!((row.webhook_retry_count, row.status.as_deref()), (Some(2), Some("completed")));
    }
    let next = super::insert(&db, super::ended("CAlast", at(0))).await;
    assert_eq!(next.id, CallId(6));
}
