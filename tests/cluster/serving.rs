//! Services and finalisers.

use std::{
    ops::Range,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use migration::sea_orm::ConnectionTrait;

use super::{all, connect, ended, print, start};
use crate::{
    it::{
        program::call_log,
        service::serving::{ALL, Service, call_sid},
    },
    servers::{Galera, NODES},
};

pub(super) async fn services_that_migrate_on_each_node_all_serve(cluster: &mut Galera) {
    let database = cluster.empty_database().await;
    let services = (0..NODES).map(|node| {
        let url = cluster.url(node, &database);
        tokio::task::spawn_blocking(move || Service::start(&url, &["--migrate"]))
    });
    for service in join_all(services).await {
        let service = service.unwrap();
        service.becomes("in-sync", 200).await;
        assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.status.as_u16(), 200);
    }
}

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";

const STATUSES: [&str; 4] = ["initiated", "ringing", "in-progress", "completed"];

/// Sends each event of these calls to a random service, many at once. Returns those that were acknowledged, and how many were
/// not.
async fn send_events(services: &Arc<[Service]>, calls: Range<u32>) -> (Vec<(String, &'static str)>, usize) {
    let mut events: Vec<(String, &str)> =
        calls.flat_map(|number| STATUSES.map(|status| (call_sid(number), status))).collect();
    fastrand::shuffle(&mut events);
    let total = events.len();
    let events = Arc::new(Mutex::new(events));
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (events, services) = (Arc::clone(&events), Arc::clone(services));
        senders.spawn(async move {
            let mut acknowledged = Vec::new();
            loop {
                let next = events.lock().unwrap().pop();
                let Some((sid, status)) = next else { return acknowledged };
                let service = &services[fastrand::usize(..services.len())];
                let answer = service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", status)]).await;
                if answer.status == 204 {
                    acknowledged.push((sid, status));
                } else {
                    assert_eq!(answer.status, 503, "{answer:?}{}", service.log());
                }
            }
        });
    }
    let acknowledged: Vec<_> = senders.join_all().await.into_iter().flatten().collect();
    let refused = total - acknowledged.len();
    (acknowledged, refused)
}

/// Every event that was acknowledged is in the row of its call, on this node.
async fn assert_recorded(url: &str, acknowledged: &[(String, &str)]) {
    let db = connect(url).await;
    let rows =
        all(&db, "SELECT CAST(CONCAT(call_sid, ' ', REPLACE(deliveries, '\\n', ' ')) AS CHAR) FROM call_log").await;
    for (sid, status) in acknowledged {
        let row = rows.iter().find(|row| row.starts_with(sid.as_str())).unwrap_or_else(|| panic!("{sid} is lost"));
        let times = row.split(' ').filter(|line| *line == format!("status:{status}")).count();
        assert_eq!(times, 1, "{status} in {row}");
    }
}

pub(super) async fn webhooks_of_the_same_calls_to_three_nodes_at_once_are_all_taken(cluster: &mut Galera) {
    let database = cluster.empty_database().await;
    let services = services(cluster, &database).await;
    let (acknowledged, refused) = send_events(&services, 0..250).await;
    for node in 0..NODES {
        assert_recorded(&cluster.url(node, &database), &acknowledged).await;
    }
    let mut conflicts = 0.0;
    for service in services.iter() {
        let metrics = service.get_as(ALL, "/metrics").await.body;
        let retries = metrics.lines().find_map(|line| line.strip_prefix("webhook_retries_total "));
        conflicts += retries.map_or(0.0, |retries| retries.parse::<f64>().unwrap());
    }
    print(&format!("{} webhooks to three nodes: {refused} refused, {conflicts} retries", acknowledged.len() + refused));
    assert_eq!(refused, 0);
}

/// A service on each node; the first one migrates.
async fn services(cluster: &Galera, database: &str) -> Arc<[Service]> {
    let up = call_log(&["migrate", "up"], &cluster.url(0, database));
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let starting = (0..NODES).map(|node| {
        let url = cluster.url(node, database);
        tokio::task::spawn_blocking(move || Service::start(&url, &[]))
    });
    let mut services = Vec::new();
    for service in join_all(starting).await {
        let service = service.unwrap();
        service.becomes("in-sync", 200).await;
        services.push(service);
    }
    Arc::from(services)
}

pub(super) async fn finalisers_on_three_nodes_share_the_calls_and_each_succeeds(cluster: &mut Galera) {
    let database = cluster.empty_database().await;
    let up = call_log(&["migrate", "up"], &cluster.url(0, &database));
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let db = connect(&cluster.url(0, &database)).await;
    let insert = "INSERT INTO call_log (business_id, call_sid, status, duration, created_at) \
                  SELECT 7, CONCAT('CA', MD5(seq)), 'completed', 60, UTC_TIMESTAMP() - INTERVAL seq SECOND FROM seq_1_to_600";
    db.execute_unprepared(insert).await.unwrap();
    let finalise = ["finalise", "--once", "--finaliser-settle", "0s"];
    let runs = (0..2 * NODES).map(|number| start(&finalise, &cluster.url(number % NODES, &database)));
    let mut finalised = 0;
    for run in join_all(runs.collect::<Vec<_>>().into_iter().map(ended)).await {
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        let own = run.stdout.strip_prefix("calls: ").and_then(|rest| rest.split(' ').next()).unwrap();
        finalised += own.parse::<u32>().unwrap();
    }
    assert_eq!(finalised, 600, "each call once");
    assert_eq!(
        all(&db, "SELECT CAST(COUNT(*) AS CHAR) FROM call_log WHERE estimated_cost_bucket IS NULL").await,
        ["0"]
    );
}

pub(super) async fn a_node_without_its_cluster_is_unavailable_and_its_service_not_ready(cluster: &mut Galera) {
    let database = cluster.empty_database().await;
    let services = services(cluster, &database).await;
    let last = connect(&cluster.url(2, &database)).await;
    last.execute_unprepared("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'").await.unwrap();
    services[2].becomes("unreachable", 503).await;
    assert_eq!(services[0].readiness().await, ("in-sync".to_owned(), 200));
    let url = cluster.url(2, &database);
    let codes = [
        &["migrate", "up"][..],
        &["migrate", "status"],
        &["migrate", "plan"],
        &["check"],
        &["finalise", "--once"],
        &["migrate", "wait", "--timeout", "1s"],
    ]
    .map(|arguments| {
        let run = call_log(arguments, &url);
        assert!(run.stderr.contains("WSREP") || run.code == 69, "{arguments:?}: {}{}", run.stdout, run.stderr);
        (arguments[arguments.len().min(2) - 1], run.code)
    });
    last.execute_unprepared("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'").await.unwrap();
    services[2].becomes("in-sync", 200).await;
    assert_eq!(codes.map(|(_, code)| code), [69; 6], "{codes:?}");
}

pub(super) async fn a_service_behind_haproxy_loses_nothing_when_a_node_is_killed(cluster: &mut Galera) {
    let Some(proxy) = cluster.haproxy() else { return };
    let database = cluster.empty_database().await;
    let url = format!("mysql://root@127.0.0.1:{}/{database}", proxy.port);
    let migrators = (0..5).map(|_| start(&["migrate", "up"], &url)).collect::<Vec<_>>();
    for run in join_all(migrators.into_iter().map(ended)).await {
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    }
    let service = Service::start(&url, &[]);
    service.becomes("in-sync", 200).await;
    let services = Arc::from(vec![service]);
    let sending = tokio::spawn({
        let services = Arc::clone(&services);
        async move {
            let began = Instant::now();
            let (mut acknowledged, mut refused, mut next) = (Vec::new(), 0, 0);
            while began.elapsed() < Duration::from_secs(10) {
                let (taken, not) = send_events(&services, next..next + 25).await;
                acknowledged.extend(taken);
                refused += not;
                next += 25;
            }
            (acknowledged, refused)
        }
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    cluster.kill(0);
    let (acknowledged, refused) = sending.await.unwrap();
    for node in 1..NODES {
        assert_recorded(&cluster.url(node, &database), &acknowledged).await;
    }
    services[0].becomes("in-sync", 200).await;
    print(&format!(
        "behind HAProxy, a node killed: {} webhooks acknowledged and none of them lost, {refused} refused with 503",
        acknowledged.len()
    ));
    cluster.restart(0);
}
