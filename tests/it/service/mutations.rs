//! What one event does to a row.

use entity::{
    call_log::{self, ActiveModel},
    enums::RecordingMode,
};
use rstest::rstest;
use sea_orm::{ActiveValue::Set, DbConn, IntoActiveModel};
use service::mutations::{
    CallFields, CallStatusEvent, RecordingEvent, StreamEvent, StreamEventKind, record_call_status, record_recording,
    record_stream_event, record_unreachable,
};

use super::{at, call, insert, migrated, row};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

async fn status(db: &DbConn, status: &str, second: i64) {
    let event = CallStatusEvent { call: call("CA1", at(second)), status: status.to_owned(), duration: None };
    record_call_status(db, &event).await.unwrap();
}

async fn recording(db: &DbConn, sid: &str, url: Option<&str>) {
    recording_of(db, sid, url, Some(3.0)).await;
}

async fn recording_of(db: &DbConn, sid: &str, url: Option<&str>, duration: Option<f64>) {
    let event = RecordingEvent {
        call: call("CA1", at(1)),
        recording_sid: sid.to_owned(),
        status: "completed".to_owned(),
        url: url.map(str::to_owned),
        duration,
        mode: None,
    };
    record_recording(db, &event).await.unwrap();
}

#[rstest]
#[case::a_late_ringing_undoes_no_end(&["completed", "ringing"], "completed")]
#[case::a_late_in_progress_undoes_no_end(&["no-answer", "in-progress"], "no-answer")]
#[case::the_first_end_stays(&["busy", "completed"], "busy")]
#[case::what_is_unknown_undoes_no_end(&["failed", "invented-tomorrow"], "failed")]
#[case::an_end_comes_after_what_is_unknown(&["invented-tomorrow", "canceled"], "canceled")]
#[case::what_is_unknown_comes_after_ringing(&["ringing", "invented-tomorrow"], "invented-tomorrow")]
#[case::a_late_ringing_undoes_nothing_that_is_unknown(&["invented-tomorrow", "ringing"], "invented-tomorrow")]
#[case::the_documented_way(&["queued", "initiated", "ringing", "in-progress", "completed"], "completed")]
#[case::what_is_too_long_is_cut(&["a status that is longer than any column would take"], "a status that is longer than any")]
#[tokio::test]
async fn the_status_that_is_furthest_on_stays(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] heard: &[&str],
    #[case] expected: &str,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    for word in heard {
        status(&db, word, 0).await;
    }
    assert_eq!(row(&db, "CA1").await.status.as_deref(), Some(expected));
}

#[rstest]
#[tokio::test]
async fn what_was_delivered_before_is_only_counted(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    status(&db, "ringing", 5).await;
    let once = row(&db, "CA1").await;
    assert_eq!((once.webhook_retry_count, once.updated_at), (Some(0), Some(at(5))));
    status(&db, "ringing", 60).await;
    let twice = row(&db, "CA1").await;
    assert_eq!(twice, call_log::Model { webhook_retry_count: Some(1), ..once });
    status(&db, "completed", 90).await;
    let ended = row(&db, "CA1").await;
    assert_eq!((ended.created_at, ended.updated_at), (Some(at(5)), Some(at(90))));
}

/// Neither as a part of another, nor as a pattern.
#[rstest]
#[tokio::test]
async fn a_delivery_is_known_by_its_whole_line(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    for report in ["NO12", "NO1", "O12", "NO__", "NO%", "NO\\%", "no1", "'; DROP TABLE call_log; --", "a\nNO12"] {
        record_unreachable(&db, &call("CA1", at(0)), report).await.unwrap();
    }
    let row = row(&db, "CA1").await;
    assert_eq!((row.webhook_11205_count, row.webhook_retry_count), (Some(9), Some(0)));
}

#[rstest]
#[tokio::test]
async fn a_row_of_the_host_application_is_completed(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let theirs = ActiveModel {
        business_id: Set(9),
        customer_id: Set(Some(4)),
        call_sid: Set(Some("CA1".to_owned())),
        from_number: Set(Some("+97221234567".to_owned())),
        transcription: Set(Some("שלום".to_owned())),
        recording_sid: Set(Some("RE5".to_owned())),
        recording_mode: Set(Some(RecordingMode::RecordingApi)),
        created_at: Set(Some(at(-10))),
        ..Default::default()
    };
    let theirs = insert(&db, theirs).await;
    assert_eq!(theirs.direction.as_deref(), Some("inbound"), "the column's default");
    let ours =
        CallFields { to_number: Some("+1".to_owned()), from_number: Some("+2".to_owned()), ..call("CA1", at(0)) };
    let outbound = CallFields { direction: Some("outbound-api".to_owned()), ..ours };
    let event = CallStatusEvent { call: outbound, status: "ringing".to_owned(), duration: None };
    record_call_status(&db, &event).await.unwrap();
    recording(&db, "RE5", Some("https://recordings.example/RE5")).await;
    let expected = call_log::Model {
        to_number: Some("+1".to_owned()),
        direction: Some("outbound".to_owned()),
        twilio_direction: Some("outbound-api".to_owned()),
        status: Some("ringing".to_owned()),
        recording_url: Some("https://recordings.example/RE5".to_owned()),
        recording_count: Some(1),
        audio_duration_sec: Some(3.0),
        updated_at: Some(at(1)),
        deliveries: Some("status:ringing\nrecording:RE5:completed".to_owned()),
        ..theirs
    };
    assert_eq!(row(&db, "CA1").await, expected);
}

/// `RE1` is the one that is kept.
#[rstest]
#[case::of_the_one_that_is_kept(&[("RE1", Some(1.0)), ("RE2", Some(2.0))], Some(1.0))]
#[case::which_may_not_be_known(&[("RE1", None), ("RE2", Some(2.0))], None)]
#[case::of_one_alone(&[("RE1", Some(1.0))], Some(1.0))]
#[tokio::test]
async fn the_length_is_that_of_the_recording(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(false, true)] is_reversed: bool,
    #[case] heard: &[(&str, Option<f64>)],
    #[case] expected: Option<f64>,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let mut heard = heard.to_vec();
    if is_reversed {
        heard.reverse();
    }
    for (sid, duration) in heard {
        recording_of(&db, sid, Some(&format!("https://recordings.example/{sid}")), duration).await;
    }
    let row = row(&db, "CA1").await;
    assert_eq!((row.recording_sid.as_deref(), row.audio_duration_sec), (Some("RE1"), expected));
}

#[rstest]
#[case::reported(None, 3.0)]
#[case::measured(Some(4_000), 2.97)]
#[tokio::test]
async fn a_length_that_was_measured_stays(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] audio_bytes_len: Option<i32>,
    #[case] expected: f64,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let known = ActiveModel {
        business_id: Set(7),
        call_sid: Set(Some("CA1".to_owned())),
        recording_sid: Set(Some("RE1".to_owned())),
        recording_url: Set(Some("https://recordings.example/RE1".to_owned())),
        audio_bytes_len: Set(audio_bytes_len),
        audio_duration_sec: Set(Some(2.97)),
        ..Default::default()
    };
    insert(&db, known).await;
    recording(&db, "RE1", Some("https://recordings.example/RE1")).await;
    assert_eq!(row(&db, "CA1").await.audio_duration_sec, Some(expected));
}

#[rstest]
#[tokio::test]
async fn what_does_not_fit_is_cut_or_left_out(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let long = "ב".repeat(600);
    let event = CallStatusEvent {
        call: CallFields {
            from_number: Some(long.clone()),
            to_number: Some("\0+1\n2".to_owned()),
            direction: Some(long.clone()),
            ..call("CA1", at(0))
        },
        status: "ringing".to_owned(),
        duration: Some(-5),
    };
    record_call_status(&db, &event).await.unwrap();
    recording(&db, "RE1", Some(&long)).await;
    let found = row(&db, "CA1").await;
    assert_eq!(found.from_number.unwrap().chars().count(), 64);
    assert_eq!((found.to_number.as_deref(), found.direction, found.duration), (Some("+12"), None, Some(0)));
    assert_eq!((found.recording_url, found.recording_sid.as_deref()), (None, Some("RE1")));

    let nameless = record_unreachable(&db, &call("", at(0)), "NO1").await.unwrap_err();
    assert_eq!(nameless.to_string(), "Custom Error: `call_sid` must have 1 to 64 characters");
    let endless = record_unreachable(&db, &call(&"C".repeat(65), at(0)), "NO1").await.unwrap_err();
    assert_eq!(endless.to_string(), "Custom Error: `call_sid` must have 1 to 64 characters");
}

/// Also of a call whose deliveries fill their column.
#[rstest]
#[tokio::test]
async fn the_end_of_a_noisy_call_is_heard(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    status(&db, "ringing", 0).await;
    let mut full = row(&db, "CA1").await.into_active_model();
    full.deliveries = Set(Some("11205:NO0123456789\n".repeat(3400)));
    sea_orm::ActiveModelTrait::update(full, &db).await.unwrap();
    status(&db, "completed", 1).await;
    assert_eq!(row(&db, "CA1").await.status.as_deref(), Some("completed"));
}

#[rstest]
#[case::in_order(&[(StreamEventKind::Started, 10), (StreamEventKind::Stopped, 25)], Some(15.0))]
#[case::the_end_first(&[(StreamEventKind::Stopped, 25), (StreamEventKind::Started, 10)], Some(15.0))]
#[case::broken_off(&[(StreamEventKind::Error, 25), (StreamEventKind::Started, 10)], Some(15.0))]
#[case::no_end(&[(StreamEventKind::Started, 10)], None)]
#[case::no_start(&[(StreamEventKind::Stopped, 10)], None)]
#[case::clocks_that_disagree(&[(StreamEventKind::Started, 11), (StreamEventKind::Stopped, 10)], Some(0.0))]
#[tokio::test]
async fn the_stream_lasts_from_its_start_to_its_end(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] heard: &[(StreamEventKind, i64)],
    #[case] expected: Option<f64>,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    for (kind, second) in heard {
        let event = StreamEvent { call: call("CA1", at(*second)), stream_sid: "MZ1".to_owned(), kind: *kind };
        record_stream_event(&db, &event).await.unwrap();
    }
    assert_eq!(row(&db, "CA1").await.stream_duration_sec, expected);
}
