//! Finalising: one at a time, and what the call has cost.

use std::{collections::BTreeSet, time::Duration};

use entity::{
    CallId,
    call_log::{self, ActiveModel},
    enums::{CostBucket, RecordingMode, TranscriptSource},
};
use futures_util::future::join_all;
use rstest::rstest;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbConn};
use service::{
    cost::Indicators,
    mutations::{
        Finalised, LeasedCall, RecordingEvent, finalise, lease, postpone, record_recording, record_unreachable, release,
    },
};

use super::{at, call, ended, insert, migrated, row};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

const LEASE: Duration = Duration::from_mins(1);

async fn leased(db: &DbConn, second: i64) -> Vec<LeasedCall> {
    lease(db, at(second), LEASE, at(0), 100).await.unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_is_leased_twice(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    for number in 0..60 {
        insert(&db, ended(&format!("CA{number}"), at(number))).await;
    }
    let mut workers = Vec::new();
    for _ in 0..6 {
        let db = database.connect_patiently().await;
        workers.push(tokio::spawn(async move {
            let mut leases = Vec::new();
            // SKIP LOCKED may leave calls to others that come to nothing; the last one finds them.
            for _ in 0..6 {
                leases.extend(lease(&db, at(100), LEASE, at(0), 4).await.unwrap());
            }
            leases
        }));
    }
    let mut leases: Vec<LeasedCall> = join_all(workers).await.into_iter().flat_map(|leases| leases.unwrap()).collect();
    leases.extend(leased(&db, 100).await);
    let distinct: BTreeSet<CallId> = leases.iter().map(|lease| lease.id).collect();
    assert_eq!((leases.len(), distinct.len()), (60, 60));
    assert_eq!(leased(&db, 159).await, []);
}

#[rstest]
#[tokio::test]
async fn a_lease_that_ran_out_is_given_again(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    insert(&db, ended("CA1", at(0))).await;
    let first = leased(&db, 10).await.remove(0);
    assert_eq!((first.call_sid.as_str(), first.attempts, first.expires_at), ("CA1", 1, at(70)));
    assert_eq!(leased(&db, 69).await, []);
    let second = leased(&db, 70).await.remove(0);
    assert_eq!((second.id, second.attempts, second.expires_at), (first.id, 2, at(130)));

    let before = row(&db, "CA1").await;
    let found = Finalised {
        audio_bytes_len: Some(4_000),
        audio_duration_sec: Some(99.5),
        final_transcript: Some("שלום 👋".to_owned()),
        transcript_source: Some(TranscriptSource::Recording),
    };
    assert!(!finalise(&db, &first, &found, at(71)).await.unwrap(), "the lease was lost");
    assert!(!postpone(&db, &first, at(500)).await.unwrap());
    assert_eq!(row(&db, "CA1").await, before);

    assert!(finalise(&db, &second, &found, at(72)).await.unwrap());
    let expected = call_log::Model {
        audio_bytes_len: Some(4_000),
        audio_duration_sec: Some(99.5),
        final_transcript: found.final_transcript.clone(),
        transcript_source: Some(TranscriptSource::Recording),
        estimated_cost_bucket: Some(CostBucket::Low),
        finalise_attempts: Some(0),
        finalise_after: None,
        updated_at: Some(at(72)),
        ..before
    };
    assert_eq!(row(&db, "CA1").await, expected);
    assert!(!finalise(&db, &second, &found, at(73)).await.unwrap(), "once");
    assert_eq!(leased(&db, 1_000).await, [], "it is final");
}

#[rstest]
#[tokio::test]
async fn a_call_that_is_postponed_comes_again(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    insert(&db, ended("CA1", at(0))).await;
    let held = leased(&db, 10).await.remove(0);
    assert!(postpone(&db, &held, at(300)).await.unwrap());
    assert_eq!(leased(&db, 299).await, []);
    assert_eq!(leased(&db, 300).await.remove(0).attempts, 2);
}

#[rstest]
#[tokio::test]
async fn a_call_that_is_given_back_is_as_it_was(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let before = insert(&db, ended("CA1", at(0))).await;
    let first = leased(&db, 10).await.remove(0);
    assert!(release(&db, &first, first.deferred_until).await.unwrap());
    assert_eq!(row(&db, "CA1").await, before);
    assert!(!release(&db, &first, None).await.unwrap(), "it is not held any longer");
    assert!(!finalise(&db, &first, &Finalised::default(), at(11)).await.unwrap());

    let second = leased(&db, 11).await.remove(0);
    assert_eq!((second.attempts, second.deferred_until), (1, None));
    assert!(release(&db, &second, Some(at(300))).await.unwrap());
    assert_eq!(leased(&db, 299).await, []);
    let third = leased(&db, 300).await.remove(0);
    assert_eq!((third.attempts, third.deferred_until), (1, Some(at(300))));
}

/// The host application writes the table, too.
#[rstest]
#[tokio::test]
async fn an_unknown_value_does_not_prevent_a_lease(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let mode = Set(Some(RecordingMode::RecordingApi));
    insert(&db, ended("CA1", at(0))).await;
    insert(&db, ActiveModel { recording_mode: mode, ..ended("CA2", at(1)) }).await;
    let theirs = "UPDATE call_log SET recording_mode = 'DUAL', transcript_source = 'whisper' WHERE call_sid = 'CA1'";
    db.execute_unprepared(theirs).await.unwrap();
    let leases = leased(&db, 10).await;
    let words: Vec<_> = leases.iter().map(|lease| (lease.recording_mode, lease.transcript_source.as_deref())).collect();
    assert_eq!(words, [(None, Some("whisper")), (Some(RecordingMode::RecordingApi), None)]);
}

#[rstest]
#[tokio::test]
async fn a_lease_is_no_longer_than_time(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let error = lease(&db, at(0), Duration::MAX, at(0), 1).await.unwrap_err();
    assert_eq!(error.to_string(), "Custom Error: the lease is too long");
}

fn recorded(sid: &str, status: &str, url: Option<&str>) -> RecordingEvent {
    RecordingEvent {
        call: call("CA1", at(20)),
        recording_sid: sid.to_owned(),
        status: status.to_owned(),
        url: url.map(str::to_owned),
        duration: None,
        mode: None,
    }
}

#[rstest]
#[case::which_is_going_on("in-progress", false)]
#[case::which_is_there("completed", false)]
#[case::which_is_too_short("absent", true)]
#[case::which_failed("failed", true)]
#[tokio::test]
async fn a_lease_knows_whether_the_recording_is_unavailable(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] status: &str,
    #[case] unavailable: bool,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    insert(&db, ended("CA1", at(0))).await;
    record_unreachable(&db, &call("CA1", at(10)), "recording:absent:failed").await.unwrap();
    record_recording(&db, &recorded("RE1", status, None)).await.unwrap();
    assert_eq!(leased(&db, 30).await.remove(0).recording_unavailable, unavailable);
}

/// Or what was measured on one would stand beside the address of another.
#[rstest]
#[case::which_was_not_there(None)]
#[case::which_was_another(Some("https://recordings.example/RE2"))]
#[tokio::test]
async fn a_call_is_final_only_with_the_recording_that_was_leased(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] leased_url: Option<&str>,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let recording_sid = Set(leased_url.map(|_| "RE2".to_owned()));
    let recording_url = Set(leased_url.map(str::to_owned));
    insert(&db, ActiveModel { recording_sid, recording_url, ..ended("CA1", at(0)) }).await;
    let held = leased(&db, 10).await.remove(0);
    let url = "https://recordings.example/RE1";
    record_recording(&db, &recorded("RE1", "completed", Some(url))).await.unwrap();

    let found = Finalised { audio_bytes_len: Some(4_000), ..Finalised::default() };
    assert!(!finalise(&db, &held, &found, at(21)).await.unwrap());
    assert_eq!(row(&db, "CA1").await.audio_bytes_len, None);
    assert!(release(&db, &held, held.deferred_until).await.unwrap(), "it is held all the same");
    let held = leased(&db, 21).await.remove(0);
    assert_eq!(held.recording_url.as_deref(), Some(url));
    assert!(finalise(&db, &held, &found, at(22)).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_recording_that_comes_late_makes_the_call_open_once(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let is_final = ActiveModel {
        estimated_cost_bucket: Set(Some(CostBucket::High)),
        finalise_attempts: Set(Some(5)),
        finalise_after: Set(Some(at(9_999))),
        ..ended("CA1", at(0))
    };
    insert(&db, is_final).await;
    let deliver = async |sid: &str, url: Option<&str>| {
        record_recording(&db, &recorded(sid, "completed", url)).await.unwrap();
        row(&db, "CA1").await
    };
    record_recording(&db, &recorded("RE5", "absent", Some("https://recordings.example/RE5"))).await.unwrap();
    assert!(deliver("RE9", None).await.estimated_cost_bucket.is_some(), "there is nothing to fetch");
    let open = deliver("RE3", Some("https://recordings.example/RE3")).await;
    assert_eq!((open.estimated_cost_bucket, open.finalise_attempts, open.finalise_after), (None, Some(0), None));

    // Nothing could be fetched; the same again does not change that.
    let held = leased(&db, 30).await.remove(0);
    assert!(finalise(&db, &held, &Finalised::default(), at(31)).await.unwrap());
    let repeated = deliver("RE3", Some("https://recordings.example/RE3")).await;
    assert_eq!(repeated.estimated_cost_bucket, Some(CostBucket::Med), "there are two recordings");
    let other = deliver("RE4", Some("https://recordings.example/RE4")).await;
    assert!(other.estimated_cost_bucket.is_some(), "it is not the one that is kept");

    let better = deliver("RE2", Some("https://recordings.example/RE2")).await;
    assert_eq!(better.estimated_cost_bucket, None);
    let held = leased(&db, 40).await.remove(0);
    let found = Finalised { audio_bytes_len: Some(4_000), ..Finalised::default() };
    assert!(finalise(&db, &held, &found, at(41)).await.unwrap());
    let measured = deliver("RE1", Some("https://recordings.example/RE1")).await;
    assert!(measured.estimated_cost_bucket.is_some(), "it is measured");
    assert_eq!(measured.recording_sid.as_deref(), Some("RE2"));
}

#[rstest]
#[tokio::test]
async fn only_ended_recent_calls_are_leased(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    insert(&db, ended("CAold", at(-1))).await;
    insert(&db, ActiveModel { call_sid: Set(None), ..ended("", at(1)) }).await;
    insert(&db, ActiveModel { estimated_cost_bucket: Set(Some(CostBucket::Low)), ..ended("CAfinal", at(1)) }).await;
    for status in ["queued", "in-progress", "invented-tomorrow", "busy", "no-answer", "failed", "canceled"] {
        insert(&db, ActiveModel { status: Set(Some(status.to_owned())), ..ended(&format!("CA{status}"), at(1)) }).await;
    }
    let leases = leased(&db, 10).await;
    let sids: Vec<&str> = leases.iter().map(|lease| lease.call_sid.as_str()).collect();
    assert_eq!(sids, ["CAbusy", "CAno-answer", "CAfailed", "CAcanceled"]);
}

/// Which of the five signs each of the 32 calls has is its number in binary.
#[rstest]
#[tokio::test]
async fn no_sign_is_low_one_is_medium_more_are_high(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    for number in 0..32_i64 {
        let has = |sign: i64| number >> sign & 1 == 1;
        let call = ActiveModel {
            stream_connect_count: Set(Some(if has(0) { 2 } else { 1 })),
            stream_duration_sec: Set(Some(if has(1) { 60.001 } else { 60.0 })),
            recording_count: Set(has(2).then_some(2)),
            webhook_11205_count: Set(has(3).then_some(1)),
            webhook_retry_count: Set(Some(if has(4) { 3 } else { 2 })),
            ..ended(&format!("CA{number}"), at(number))
        };
        insert(&db, call).await;
    }
    for held in leased(&db, 100).await {
        assert!(finalise(&db, &held, &Finalised::default(), at(100)).await.unwrap());
    }
    for number in 0..32_i64 {
        let expected = match number {
            0 => CostBucket::Low,
            1 | 2 | 4 | 8 | 16 => CostBucket::Med,
            _ => CostBucket::High,
        };
        let row = row(&db, &format!("CA{number}")).await;
        assert_eq!(row.estimated_cost_bucket, Some(expected), "{number:05b}");
        assert_eq!(Indicators::from(&row).bucket(), expected, "{number:05b}");
    }
}

#[rstest]
#[case::exactly_six_tenths(3, Some(1.8), CostBucket::Low)]
#[case::a_little_more(3, Some(1.801), CostBucket::Med)]
#[case::a_call_of_unknown_length(0, Some(5.0), CostBucket::Low)]
#[case::no_stream(100, None, CostBucket::Low)]
#[tokio::test]
async fn a_long_stream_is_one_of_more_than_six_tenths(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] duration: i32,
    #[case] stream: Option<f64>,
    #[case] expected: CostBucket,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let call = ActiveModel { duration: Set(Some(duration)), stream_duration_sec: Set(stream), ..ended("CA1", at(0)) };
    insert(&db, call).await;
    let held = leased(&db, 10).await.remove(0);
    assert!(finalise(&db, &held, &Finalised::default(), at(11)).await.unwrap());
    let row = row(&db, "CA1").await;
    assert_eq!((row.estimated_cost_bucket, Indicators::from(&row).bucket()), (Some(expected), expected));
}

#[rstest]
#[tokio::test]
async fn a_late_event_changes_what_a_final_call_cost(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    insert(&db, ended("CA1", at(0))).await;
    let held = leased(&db, 10).await.remove(0);
    assert!(finalise(&db, &held, &Finalised::default(), at(11)).await.unwrap());
    let mut buckets = Vec::new();
    // A report, the same one three times more, of which the third makes more than two repetitions.
    for report in ["NO1", "NO1", "NO1", "NO1"] {
        record_unreachable(&db, &call("CA1", at(20)), report).await.unwrap();
        buckets.push(row(&db, "CA1").await.estimated_cost_bucket.unwrap());
    }
    assert_eq!(buckets, [CostBucket::Med, CostBucket::Med, CostBucket::Med, CostBucket::High]);
}
