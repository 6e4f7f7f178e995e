//! What happens to calls: webhooks, leases, and what the host application writes.

use std::time::Duration;

use chrono::TimeDelta;
use entity::enums::CostBucket;
use sea_orm::{ActiveEnum, ConnectionTrait, DbConn};
use service::mutations::{
    CallFields, CallStatusEvent, Finalised, RecordingEvent, StreamEvent, StreamEventKind, finalise, lease,
    record_call_status, record_recording, record_stream_event,
};

use super::super::{at, call};

/// Something that happens to the calls of a few days.
pub(super) async fn happen(db: &DbConn, random: &mut fastrand::Rng) {
    let number = random.u32(0..60);
    let call_sid = format!("CA{number}");
    let time = at(0) + TimeDelta::hours(random.i64(0..96));
    let known = CallFields {
        business_id: 7 + i32::from(number.is_multiple_of(3)),
        direction: Some(if number.is_multiple_of(2) { "outbound-api" } else { "inbound" }.to_owned()),
        ..call(&call_sid, time)
    };
    let host = async |sql: String| {
        db.execute_unprepared(&sql).await.unwrap();
    };
    match random.u32(0..12) {
        0..4 => {
            let status = *random.choice(&["ringing", "in-progress", "completed", "busy"]).unwrap();
            let duration = (status == "completed").then(|| random.i32(0..900));
            let event = CallStatusEvent { call: known, status: status.to_owned(), duration };
            record_call_status(db, &event).await.unwrap();
        }
        4..6 => {
            let kind = *random.choice(&[StreamEventKind::Started, StreamEventKind::Stopped]).unwrap();
            let event = StreamEvent { call: known, stream_sid: format!("MZ{}", random.u32(0..4)), kind };
            record_stream_event(db, &event).await.unwrap();
        }
        6 => {
            let event = RecordingEvent {
                call: known,
                recording_sid: format!("RE{}", random.u32(0..3)),
                status: "completed".to_owned(),
                url: Some("https://recordings.example/1".to_owned()),
                duration: None,
                mode: None,
            };
            record_recording(db, &event).await.unwrap();
        }
        7..9 => {
            let now = at(200 * 3_600);
            for lease in lease(db, now, Duration::from_mins(1), at(-1_000), 3).await.unwrap() {
                finalise(db, &lease, &Finalised::default(), now).await.unwrap();
            }
        }
        9 => {
            let time = time.format("%Y-%m-%d %H:%M:%S");
            host(format!(
                "INSERT INTO call_log (business_id, duration, created_at) VALUES (8, 5, '{time}'), (7, NULL, NULL), (7, 9, '{time}')"
            ))
            .await;
        }
        10 => {
            let set = *random
                .choice(&[
                    "business_id = 8",
                    "created_at = '2026-01-17 23:59:59'",
                    "created_at = NULL",
                    "estimated_cost_bucket = 'HIGH'",
                    "direction = NULL, status = NULL",
                    "recording_count = 4, stream_connect_count = 9",
                    "summary = 'nothing that is counted'",
                ])
                .unwrap();
            host(format!("UPDATE call_log SET {set} WHERE call_sid IN ('{call_sid}', 'CA1', 'CA2')")).await;
        }
        _ => host(format!("DELETE FROM call_log WHERE call_sid = '{call_sid}'")).await,
    }
}

/// Cut off at any point, as by a crash: a transaction that is dropped is rolled back.
pub(super) async fn cut_off<T>(work: impl Future<Output = T>, random: &mut fastrand::Rng) {
    let _ = tokio::time::timeout(Duration::from_micros(random.u64(1..6_000)), work).await;
}

/// As the others do, without what two that write the same rows may be refused.
pub(super) async fn write(db: &DbConn, random: &mut fastrand::Rng) {
    let call_sid = format!("CA{}", random.u32(0..40));
    let time = at(0) + TimeDelta::hours(random.i64(0..96));
    let event =
        |status: &str, duration| CallStatusEvent { call: call(&call_sid, time), status: status.to_owned(), duration };
    match random.u32(0..4) {
        0 => record_call_status(db, &event("ringing", None)).await.unwrap(),
        1 => record_call_status(db, &event("completed", Some(random.i32(0..900)))).await.unwrap(),
        2 => {
            let bucket = random.choice(&[CostBucket::Low, CostBucket::High]).unwrap().to_value();
            let sql = format!("UPDATE call_log SET estimated_cost_bucket = '{bucket}' WHERE call_sid = '{call_sid}'");
            db.execute_unprepared(&sql).await.unwrap();
        }
        _ => {
            let time = time.format("%Y-%m-%d %H:%M:%S");
            let sql = format!("INSERT INTO call_log (business_id, duration, created_at) VALUES (8, 5, '{time}')");
            db.execute_unprepared(&sql).await.unwrap();
        }
    }
}
