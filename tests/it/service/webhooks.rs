//! Twilio's webhooks over real HTTP: what is recorded, what is refused, and with which answer.

mod signatures;

use entity::call_log;
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement, TransactionTrait};
use serde_json::{Value, json};

use super::serving::{ALL, Service, call_sid, migrated};
use crate::servers::Server::{self, Postgres, Sqlite};

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";

async fn call(service: &Service, sid: &str) -> Value {
    let answer = service.get_as(ALL, &format!("/api/calls/{sid}")).await;
    assert_eq!(answer.status, 200, "{answer:?}{}", service.log());
    answer.json()
}

#[rstest]
#[tokio::test]
async fn the_events_of_a_call_are_recorded(#[values(Postgres, Sqlite)] server: Server) {
    let Some((database, _db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let sid = call_sid(1);
    let sid = ("CallSid", sid.as_str());
    let stream = ("StreamSid", "MZ00000000000000000000000000000001");
    let recording = ("RecordingSid", "RE00000000000000000000000000000001");
    let recent = |seconds: i64| (chrono::Utc::now() + chrono::TimeDelta::seconds(seconds)).to_rfc3339();
    let (began, ended) = (recent(-30), recent(-20));
    let payload = json!({ "resource_sid": sid.1, "error_code": "11205" }).to_string();
    let deliveries: [(&str, &[(&str, &str)]); 6] = [
        (
            STATUS,
            &[
                sid,
                ("CallStatus", "ringing"),
                ("From", "+14158675310"),
                ("To", "+18005551212"),
                ("Direction", "inbound"),
            ],
        ),
        // The end overtakes the beginning.
        (
            "/webhooks/twilio/stream?business_id=7",
            &[sid, stream, ("StreamEvent", "stream-stopped"), ("Timestamp", &ended)],
        ),
        (
            "/webhooks/twilio/stream?business_id=7",
            &[sid, stream, ("StreamEvent", "stream-started"), ("Timestamp", &began)],
        ),
        (STATUS, &[sid, ("CallStatus", "completed"), ("CallDuration", "31"), ("InventedTomorrow", "שלום")]),
        (
            "/webhooks/twilio/recording?business_id=7",
            &[
                sid,
                recording,
                ("RecordingStatus", "completed"),
                ("RecordingUrl", "https://api.twilio.com/2010-04-01/Recordings/RE1"),
                ("RecordingDuration", "30"),
                ("RecordingSource", "DialVerb"),
            ],
        ),
        (
            "/webhooks/twilio/error",
            &[("Sid", "NO00000000000000000000000000000001"), ("Level", "ERROR"), ("Payload", &payload)],
        ),
    ];
    for (path, parameters) in deliveries {
        let answer = service.webhook(path, parameters).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{path}: {answer:?}{}", service.log());
    }
    let call = call(&service, sid.1).await;
    let expected = json!({
        "business_id": 7, "from_number": "+14158675310", "to_number": "+18005551212", "status": "completed",
        "duration": 31, "stream_connect_count": 1, "recording_count": 1, "webhook_11205_count": 1,
        "recording_mode": "TWILIO_CALL_RECORD", "recording_sid": recording.1,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&call[name], value, "{name}: {call}");
    }
    let seconds = call["stream_duration_sec"].as_f64().unwrap();
    assert!((9.0..11.0).contains(&seconds), "{call}");
}

#[tokio::test]
async fn what_is_sent_again_is_counted_and_changes_nothing_else() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let sid = call_sid(1);
    let parameters = [("CallSid", sid.as_str()), ("CallStatus", "completed"), ("CallDuration", "31")];
    for _ in 0..3 {
        assert_eq!(service.webhook(STATUS, &parameters).await.status, 204);
    }
    let call = call(&service, &sid).await;
    assert_eq!((&call["webhook_retry_count"], &call["duration"]), (&2.into(), &31.into()));
}

#[rstest]
#[case::a_call_that_is_none("call-status", &[("CallSid", "CA1' OR '1'='1"), ("CallStatus", "ringing")])]
#[case::no_call("call-status", &[("CallStatus", "ringing")])]
#[case::no_status("call-status", &[("CallSid", "CA00000000000000000000000000000001")])]
#[case::a_length_that_does_not_fit("call-status", &[("CallSid", "CA00000000000000000000000000000001"), ("CallStatus", "completed"), ("CallDuration", "99999999999")])]
#[case::a_null("call-status", &[("CallSid", "CA00000000000000000000000000000001"), ("CallStatus", "\0")])]
#[case::a_parent_that_is_none("call-status", &[("CallSid", "CA00000000000000000000000000000001"), ("CallStatus", "ringing"), ("ParentCallSid", "x")])]
#[case::a_stream_that_is_none("stream", &[("CallSid", "CA00000000000000000000000000000001"), ("StreamSid", "RE00000000000000000000000000000001"), ("StreamEvent", "stream-started")])]
#[case::a_recording_that_is_none("recording", &[("CallSid", "CA00000000000000000000000000000001"), ("RecordingSid", "../../etc/passwd")])]
#[case::a_report_that_is_none("error", &[("Sid", "1")])]
#[case::a_payload_that_is_none("error", &[("Sid", "NO00000000000000000000000000000001"), ("Payload", "{")])]
#[tokio::test]
async fn what_cannot_be_recorded_is_refused_though_it_is_signed(
    #[case] kind: &str,
    #[case] parameters: &[(&str, &str)],
) {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    service.webhook(&format!("/webhooks/twilio/{kind}?business_id=7"), parameters).await.is_problem(400);
}

#[tokio::test]
async fn whose_call_it_is_stands_in_the_address_or_in_the_configuration() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let path = "/webhooks/twilio/call-status";
    let (first, second) = (call_sid(1), call_sid(2));
    {
        let service = Service::start(&database.url, &[]);
        let problem = service.webhook(path, &[("CallSid", &first), ("CallStatus", "ringing")]).await.is_problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("twilio.business_id"), "{problem}");
        for id in ["0", "-7", "x", "99999999999"] {
            let path = format!("{path}?business_id={id}");
            service.webhook(&path, &[("CallSid", &first), ("CallStatus", "ringing")]).await.is_problem(400);
        }
    }
    let service = Service::start(&database.url, &["--twilio-business-id", "8"]);
    assert_eq!(service.webhook(path, &[("CallSid", &first), ("CallStatus", "ringing")]).await.status, 204);
    assert_eq!(service.webhook(STATUS, &[("CallSid", &second), ("CallStatus", "ringing")]).await.status, 204);
    assert_eq!(call(&service, &first).await["business_id"], 8);
    assert_eq!(call(&service, &second).await["business_id"], 7);
}

#[tokio::test]
async fn webhooks_are_counted_by_their_outcome() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let parameters = [("CallSid", &*call_sid(1)), ("CallStatus", "completed")];
    service.webhook(STATUS, &parameters).await;
    service.webhook_signed(STATUS, &parameters, "AAAA").await;
    service.webhook(STATUS, &parameters[1..]).await;
    let metrics = service.get_as(ALL, "/metrics").await.body;
    for outcome in ["taken", "forged", "refused"] {
        let line = format!("webhooks_total{{kind=\"call-status\",outcome=\"{outcome}\"}} 1");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

/// What could not reach this service may well be the first webhook of its call.
#[rstest]
#[case::in_the_address("https://calls.example.org/webhooks/twilio/call-status?business_id=8", Some(8))]
#[case::nowhere("https://calls.example.org/webhooks/twilio/call-status", None)]
#[tokio::test]
async fn a_report_may_be_the_first_that_is_heard_of_a_call(#[case] url: &str, #[case] business_id: Option<i32>) {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let sid = call_sid(1);
    let payload =
        json!({ "resource_sid": sid, "error_code": "11205", "webhook": { "request": { "url": url } } }).to_string();
    let report = [("Sid", "NO00000000000000000000000000000001"), ("Payload", payload.as_str())];
    let answer = service.webhook("/webhooks/twilio/error", &report).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let rows = call_log::Entity::find().all(&db).await.unwrap();
    let counted: Vec<_> = rows.iter().map(|row| (row.business_id, row.webhook_11205_count)).collect();
    assert_eq!(counted, business_id.map(|business| (business, Some(1))).into_iter().collect::<Vec<_>>());
    let is_ignored = || service.log().contains("ignoring error 11205");
    // The log is written beside the answer.
    for _ in 0..100 {
        if business_id.is_some() || is_ignored() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(is_ignored(), business_id.is_none());
}

#[tokio::test]
async fn a_recording_counts_wherever_it_is_kept() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let (sid, address) = (call_sid(1), format!("https://api.twilio.com/{}", "x".repeat(600)));
    let recording = [
        ("CallSid", sid.as_str()),
        ("RecordingSid", "RE00000000000000000000000000000001"),
        ("RecordingStatus", "completed"),
        ("RecordingUrl", address.as_str()),
    ];
    let answer = service.webhook("/webhooks/twilio/recording?business_id=7", &recording).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let call = call(&service, &sid).await;
    assert_eq!((&call["recording_count"], &call["recording_url"]), (&1.into(), &Value::Null));
}

/// A trigger of the application locks a row of its own for each call, and somebody else locks both the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_deadlock_is_recorded_all_the_same() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let sid = call_sid(1);
    db.execute_unprepared(&format!(
        "CREATE TABLE total (calls integer); INSERT INTO total VALUES (0); \
         INSERT INTO call_log (business_id, call_sid) VALUES (7, '{sid}'); \
         CREATE FUNCTION count_call() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN UPDATE total SET calls = calls + 1; RETURN NEW; END'; \
         CREATE TRIGGER count_call BEFORE UPDATE ON call_log FOR EACH STATEMENT EXECUTE FUNCTION count_call(); \
         ALTER DATABASE {} SET deadlock_timeout = '2s'",
        database.name()
    ))
    .await
    .unwrap();
    let service = Service::start(&database.url, &[]);
    let other = db.begin().await.unwrap();
    // It is the webhook that looks for a deadlock first, and so the one that is ended.
    other.execute_unprepared("SET deadlock_timeout = '10min'").await.unwrap();
    other.execute_unprepared("SELECT 1 FROM call_log FOR UPDATE").await.unwrap();
    let (answer, ()) = tokio::join!(
        async { service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", "completed")]).await },
        async {
            let waiting =
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
            let is_waiting = || Statement::from_string(DbBackend::Postgres, waiting);
            while db.query_one_raw(is_waiting()).await.unwrap().is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            other.execute_unprepared("UPDATE total SET calls = calls + 1").await.unwrap();
            other.commit().await.unwrap();
        }
    );
    assert_eq!(answer.status, 204, "{answer:?}{}", service.log());
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let mut seen = 0_i64;
    for _ in 0..200 {
        let deadlocks = Statement::from_string(DbBackend::Postgres, deadlocks);
        seen = db.query_one_raw(deadlocks).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        if seen > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(seen, 1, "there was none");
    assert_eq!(super::row(&db, &sid).await.status.as_deref(), Some("completed"));
}

/// The row remembers what was counted, so that a webhook whose session ends is recorded once, in another session.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_survives_the_end_of_its_session() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let sid = call_sid(1);
    db.execute_unprepared(&format!("INSERT INTO call_log (business_id, call_sid) VALUES (7, '{sid}')")).await.unwrap();
    let service = Service::start(&database.url, &[]);
    let other = db.begin().await.unwrap();
    other.execute_unprepared("SELECT 1 FROM call_log FOR UPDATE").await.unwrap();
    let (answer, ()) = tokio::join!(
        async { service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", "completed")]).await },
        async {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE wait_event_type = 'Lock' AND datname = current_database()";
            let end = || Statement::from_string(DbBackend::Postgres, end);
            while db.query_one_raw(end()).await.unwrap().is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            other.commit().await.unwrap();
        }
    );
    assert_eq!(answer.status, 204, "{answer:?}{}", service.log());
    let row = super::row(&db, &sid).await;
    assert_eq!((row.status.as_deref(), row.webhook_retry_count), (Some("completed"), Some(0)));
}

/// The schema is looked at, because something may be wrong with it, and what was refused is counted.
#[tokio::test]
async fn a_webhook_that_takes_too_long_is_counted_and_looked_into() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let service = Service::start(&database.url, &[]);
    // A trigger that waits for this test, and a column that goes away, which the webhook does not need.
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT pg_advisory_xact_lock(1)").await.unwrap();
    db.execute_unprepared(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'; \
         CREATE TRIGGER hold BEFORE INSERT ON call_log FOR EACH ROW EXECUTE FUNCTION hold(); \
         ALTER TABLE call_log DROP COLUMN extracted_city",
    )
    .await
    .unwrap();
    let parameters = [("CallSid", &*call_sid(1)), ("CallStatus", "completed")];
    let problem = service.webhook(STATUS, &parameters).await.is_problem(503);
    holder.rollback().await.unwrap();
    assert_eq!(problem["detail"], "the request took longer than 10 s");
    let metrics = service.get_as(ALL, "/metrics").await.body;
    let line = "webhooks_total{kind=\"call-status\",outcome=\"unavailable\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    service.becomes("drifted", 503).await;
}

#[tokio::test]
async fn a_callback_by_get_is_told_to_use_post() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    for kind in ["call-status", "recording", "stream", "error"] {
        let path = format!("/webhooks/twilio/{kind}?CallSid={}&CallStatus=ringing", call_sid(1));
        let answer = service.get(&path).await;
        let problem = answer.is_problem(405);
        assert_eq!(answer.header("allow"), "POST");
        assert_eq!(problem["detail"], "webhooks must be sent by POST: set the callback's method to POST in Twilio");
    }
}
