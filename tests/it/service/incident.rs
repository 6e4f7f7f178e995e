//! The incident from beginning to end: the database as it was, Twilio calling all the while, and at last every cost column
//! filled.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use entity::{call_log, enums::CostBucket};
use sea_orm::{ConnectionTrait, DbBackend, DbConn, Statement};
use serde_json::json;
use tokio::time::sleep;

use super::{
    recording_host::{ACCOUNT, RecordingHost},
    row,
    serving::{ALL, Service, call_sid, settings, signature},
    startup::{COST_COLUMNS, legacy},
};
use crate::{it::program::call_log, servers::Server::Postgres};

/// What Twilio signs with, and what recordings are fetched with.
const TOKEN: &str = "s3cret";

/// New calls, numbered far behind those that are there.
const CALLS: std::ops::Range<u32> = 9_001..9_013;

#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_is_lost_while_the_incident_is_repaired() {
    let began = Instant::now();
    let Some(database) = legacy(Postgres).await else { return };
    let db = database.connect().await;
    let old = rows(&db).await;
    let refused = call_log(&["serve", "--listen", "127.0.0.1:0"], &database.url);
    assert_eq!(refused.code, 1, "{}{}", refused.stdout, refused.stderr);
    for column in COST_COLUMNS {
        assert!(refused.stdout.contains(&format!("\n    {column} ")), "{}", refused.stdout);
    }

    let host = RecordingHost::start().await;
    let service = Arc::new(Service::start_with(&database.url, &["--on-drift", "not-ready"], &configured(&host)));
    service.becomes("drifted", 503).await;
    let waiting = Arc::new(AtomicUsize::new(0));
    let calls = CALLS.map(|number| {
        let recording = host.recording(&format!("good-{number}"));
        tokio::spawn(all_webhooks_of(Arc::clone(&service), number, recording, Arc::clone(&waiting)))
    });
    let calls: Vec<_> = calls.collect();
    while waiting.load(Ordering::SeqCst) < CALLS.len() {
        sleep(Duration::from_millis(20)).await;
    }
    let url = database.url.clone();
    let up = tokio::task::spawn_blocking(move || call_log(&["migrate", "up"], &url)).await.unwrap();
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    for call in calls {
        call.await.unwrap();
    }

    let listed = service.get_as(ALL, "/api/calls/last7d?limit=500").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(listed.json()["calls"].as_array().unwrap().len(), CALLS.len(), "{listed:?}");
    assert_eq!(service.get_as(ALL, "/api/costs/summary").await.status, 200);
    for number in CALLS {
        let call = until_final(&db, &service, &call_sid(number)).await;
        let row = json!(call);
        assert!(COST_COLUMNS.iter().all(|column| !row[column].is_null()), "{row}");
        assert_eq!(
            (call.estimated_cost_bucket, call.stream_duration_sec),
            (Some(CostBucket::Low), Some(10.0)),
            "{row}"
        );
        assert_eq!((call.webhook_retry_count, call.recording_count), (Some(0), Some(1)), "{row}");
        assert_eq!(host.requests(&format!("good-{number}")), 1, "its recording was fetched once");
    }
    let counted = format!("finaliser_calls_total{{outcome=\"finalised\"}} {}\n", CALLS.len());
    while !service.get_as(ALL, "/metrics").await.body.contains(&counted) {
        assert!(began.elapsed() < Duration::from_mins(2), "{}", service.get_as(ALL, "/metrics").await.body);
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(rows(&db).await, old + i64::try_from(CALLS.len()).unwrap(), "and the old calls are there");
}

/// Through no entity: at first it would not read.
async fn rows(db: &DbConn) -> i64 {
    let count = Statement::from_string(DbBackend::Postgres, "SELECT count(*) FROM call_log");
    db.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

fn configured(host: &RecordingHost) -> Vec<(&'static str, String)> {
    let usual = settings().into_iter().filter(|(name, _)| !name.contains("AUTH_TOKEN") && !name.contains("FINALISER"));
    let own = [
        ("CALL_LOG_TWILIO_AUTH_TOKEN", TOKEN.to_owned()),
        ("CALL_LOG_TWILIO_ACCOUNT_SID", ACCOUNT.to_owned()),
        ("CALL_LOG_TWILIO_RECORDING_HOST", host.origin.clone()),
        ("CALL_LOG_FINALISER_SETTLE", "0s".to_owned()),
        ("CALL_LOG_FINALISER_POLL", "200ms".to_owned()),
    ];
    usual.chain(own).collect()
}

/// Sends each of them until it is taken, as Twilio's fallback does. Anything but "taken" and "not now" would be a webhook that
/// is lost. Counts a call as waiting when its first one is refused.
async fn all_webhooks_of(service: Arc<Service>, number: u32, recording: String, waiting: Arc<AtomicUsize>) {
    let (sid, stream) = (call_sid(number), format!("MZ{number:032x}"));
    let (sid, stream) = (("CallSid", sid.as_str()), ("StreamSid", stream.as_str()));
    let recording_sid = format!("RE{number:032x}");
    let now = Utc::now();
    let [began, ended] = [20, 10].map(|seconds| (now - TimeDelta::seconds(seconds)).to_rfc3339());
    let deliveries: [(&str, &[(&str, &str)]); 6] = [
        ("call-status", &[sid, ("CallStatus", "ringing"), ("From", "+14158675310"), ("Direction", "inbound")]),
        ("call-status", &[sid, ("CallStatus", "in-progress")]),
        ("stream", &[sid, stream, ("StreamEvent", "stream-started"), ("Timestamp", &began)]),
        ("stream", &[sid, stream, ("StreamEvent", "stream-stopped"), ("Timestamp", &ended)]),
        (
            "recording",
            &[
                sid,
                ("RecordingSid", &recording_sid),
                ("RecordingStatus", "completed"),
                ("RecordingUrl", &recording),
                ("RecordingDuration", "2"),
                ("RecordingSource", "DialVerb"),
            ],
        ),
        ("call-status", &[sid, ("CallStatus", "completed"), ("CallDuration", "31")]),
    ];
    let mut is_waiting = false;
    for (kind, parameters) in deliveries {
        let path = format!("/webhooks/twilio/{kind}?business_id=1");
        loop {
            let answer = service.webhook_signed(&path, parameters, &signature(TOKEN, &path, parameters)).await;
            match answer.status.as_u16() {
                204 => break,
                503 if !is_waiting => {
                    is_waiting = true;
                    waiting.fetch_add(1, Ordering::SeqCst);
                }
                503 => {}
                _ => panic!("{path}: {answer:?}{}", service.log()),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn until_final(db: &DbConn, service: &Service, sid: &str) -> call_log::Model {
    for _ in 0..400 {
        let call = row(db, sid).await;
        if call.estimated_cost_bucket.is_some() {
            return call;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{sid} is not final: {}", service.log());
}
