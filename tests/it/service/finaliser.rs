//! Finalising against real servers: each recording is fetched once, each ended call becomes final once, and nobody makes it
//! fetch what it should not.

mod database;
mod hostile;
mod late;
mod logs;
mod program;

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta, Utc};
use entity::{
    call_log,
    enums::{CostBucket, RecordingMode, TranscriptSource},
};
use futures_util::future::join_all;
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbConn, EntityTrait, QueryFilter, QueryOrder};
use service::worker::{Backoff, Finaliser, Recordings, SecretString, Settings, Summary, Transcription};

use super::recording_host::{ACCOUNT, BYTES, RecordingHost, SECONDS, TEXT};
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

const LIVE: &str = "what the stream heard";
const NUMBER: &str = "+12125550123";

async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    Some((database, db))
}

/// A call that ended just now.
fn ended(number: i32) -> call_log::ActiveModel {
    call_log::ActiveModel {
        business_id: Set(7),
        call_sid: Set(Some(format!("CA{number:032x}"))),
        from_number: Set(Some(NUMBER.to_owned())),
        status: Set(Some("completed".to_owned())),
        duration: Set(Some(60)),
        created_at: Set(Some(ago(TimeDelta::minutes(2)))),
        updated_at: Set(Some(ago(TimeDelta::minutes(1)))),
        ..Default::default()
    }
}

fn recorded(number: i32, address: String) -> call_log::ActiveModel {
    call_log::ActiveModel { recording_url: Set(Some(address)), ..ended(number) }
}

fn ago(time: TimeDelta) -> NaiveDateTime {
    chrono::SubsecRound::trunc_subsecs(Utc::now().naive_utc() - time, 0)
}

/// Settings that lose no time.
fn settings(host: &RecordingHost) -> Settings {
    let usual = Recordings::new(host.origin.parse().unwrap(), ACCOUNT, "s3cret");
    Settings {
        recordings: Some(Recordings { max_bytes: 100_000, timeout: Duration::from_secs(10), ..usual }),
        transcription: Some(transcribing(host, "good")),
        settle: Duration::ZERO,
        attempts: 3,
        backoff: Backoff { first: Duration::from_millis(40), longest: Duration::from_millis(100) },
        poll: Duration::from_millis(50),
        ..Settings::default()
    }
}

fn transcribing(host: &RecordingHost, manner: &str) -> Transcription {
    let usual = Transcription::new(host.transcription(manner).parse().unwrap(), "whisper-1");
    let key = Some(SecretString::from("k3y"));
    Transcription { key, language: Some("he".to_owned()), max_bytes: 10_000, timeout: Duration::from_secs(10), ..usual }
}

async fn calls(db: &DbConn) -> Vec<call_log::Model> {
    call_log::Entity::find().order_by_asc(call_log::COLUMN.id).all(db).await.unwrap()
}

async fn the_call(db: &DbConn) -> call_log::Model {
    calls(db).await.remove(0)
}

/// Passes until all calls are final.
async fn until_final(db: &DbConn, settings: Settings) -> Summary {
    let finaliser = Finaliser::new(settings).unwrap();
    let mut sum = Summary::default();
    for _ in 0..400 {
        let summary = finaliser.run_once(db).await.unwrap();
        sum.finalised += summary.finalised;
        sum.failed += summary.failed;
        sum.postponed += summary.postponed;
        sum.lost += summary.lost;
        let open = call_log::Entity::find().filter(call_log::COLUMN.estimated_cost_bucket.is_null());
        if open.one(db).await.unwrap().is_none() {
            return sum;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not final: {sum}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn several_side_by_side_fetch_each_recording_once(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    for number in 0..30 {
        recorded(number, host.recording(&format!("good-{number}"))).insert(&db).await.unwrap();
    }
    let summaries = join_all((0..4).map(async |_| {
        let db = database.connect_patiently().await;
        Finaliser::new(settings(&host)).unwrap().run_once(&db).await.unwrap()
    }))
    .await;

    assert_eq!(summaries.iter().map(|summary| summary.finalised).sum::<u64>(), 30, "{summaries:?}");
    assert_eq!(summaries.iter().map(|summary| summary.failed + summary.postponed + summary.lost).sum::<u64>(), 0);
    for number in 0..30 {
        assert_eq!(host.requests(&format!("good-{number}")), 1, "recording {number}");
    }
    assert_eq!((host.requests("transcription"), host.strangers()), (30, 0));
    for call in calls(&db).await {
        assert_eq!(call.audio_bytes_len, Some(i32::try_from(BYTES).unwrap()));
        assert_eq!(call.audio_duration_sec, Some(SECONDS));
        assert_eq!(call.final_transcript.as_deref(), Some(TEXT));
        assert_eq!(call.transcript_source, Some(TranscriptSource::Recording));
        assert_eq!(call.estimated_cost_bucket, Some(CostBucket::Low));
    }
    let upload = host.upload();
    let holds = |part: &[u8]| upload.windows(part.len()).any(|window| window == part);
    for part in
        ["name=\"model\"\r\n\r\nwhisper-1\r\n", "name=\"language\"\r\n\r\nhe\r\n", "filename=\"recording.wav\"", "RIFF"]
    {
        assert!(holds(part.as_bytes()), "{part}");
    }
}

#[rstest]
#[tokio::test]
async fn what_passes_by_is_no_failure(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    recorded(1, host.recording("broken_once-1")).insert(&db).await.unwrap();
    let summary = until_final(&db, settings(&host)).await;
    assert_eq!(summary, Summary { finalised: 1, failed: 0, postponed: 1, lost: 0 });
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Recording));
}

#[rstest]
#[tokio::test]
async fn only_ended_calls_of_the_last_days_are_finalised(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    let going_on = call_log::ActiveModel { status: Set(Some("in-progress".to_owned())), ..ended(1) };
    let invented = call_log::ActiveModel { status: Set(Some("invented-tomorrow".to_owned())), ..ended(2) };
    let long_ago = call_log::ActiveModel { created_at: Set(Some(ago(TimeDelta::days(8)))), ..ended(3) };
    let is_final = call_log::ActiveModel { estimated_cost_bucket: Set(Some(CostBucket::High)), ..ended(4) };
    let unanswered = call_log::ActiveModel { status: Set(Some("no-answer".to_owned())), ..ended(5) };
    for call in [going_on, invented, long_ago, is_final, unanswered] {
        call.insert(&db).await.unwrap();
    }
    let summary = Finaliser::new(settings(&host)).unwrap().run_once(&db).await.unwrap();
    assert_eq!(summary, Summary { finalised: 1, ..Summary::default() });
    let buckets: Vec<_> = calls(&db).await.into_iter().map(|call| call.estimated_cost_bucket).collect();
    assert_eq!(buckets, [None, None, None, Some(CostBucket::High), Some(CostBucket::Low)]);
    assert_eq!(calls(&db).await[4].transcript_source, None, "nothing was there to transcribe");
}

/// Perhaps whoever transcribes knows more of recordings than this program does.
#[tokio::test]
async fn a_recording_that_cannot_be_measured_is_transcribed_all_the_same() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    recorded(1, host.recording("unmeasurable-1")).insert(&db).await.unwrap();
    assert_eq!(until_final(&db, settings(&host)).await, Summary { finalised: 1, ..Summary::default() });
    let call = the_call(&db).await;
    assert_eq!((call.audio_bytes_len, call.audio_duration_sec), (Some(30), None));
    assert_eq!(call.transcript_source, Some(TranscriptSource::Recording));
}

#[tokio::test]
async fn a_transcript_that_is_there_is_not_made_again() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    let call = recorded(1, host.recording("good-1"));
    let call = call_log::ActiveModel {
        final_transcript: Set(Some("by hand".to_owned())),
        transcript_source: Set(Some(TranscriptSource::Realtime)),
        ..call
    };
    call.insert(&db).await.unwrap();
    assert_eq!(until_final(&db, settings(&host)).await.failed, 0);
    let call = the_call(&db).await;
    assert_eq!(call.final_transcript.as_deref(), Some("by hand"));
    assert_eq!(call.transcript_source, Some(TranscriptSource::Realtime));
    assert_eq!((call.audio_duration_sec, host.requests("transcription")), (Some(SECONDS), 0));
}

#[tokio::test]
async fn a_recording_that_is_reported_after_the_end_is_waited_for() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    let call = ended(1).insert(&db).await.unwrap();
    let settings = Settings { settle: Duration::from_secs(5), ..settings(&host) };
    let summary = Finaliser::new(settings.clone()).unwrap().run_once(&db).await.unwrap();
    assert_eq!(summary, Summary { postponed: 1, ..Summary::default() });

    let mut call: call_log::ActiveModel = call.into();
    call.recording_url = Set(Some(host.recording("good-1")));
    call.recording_mode = Set(Some(RecordingMode::RecordingApi));
    call.update(&db).await.unwrap();
    assert_eq!(until_final(&db, settings).await.finalised, 1);
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Recording));
}

/// A server spawns it beside everything else.
fn may_be_spawned(_: &impl Send) {}

#[tokio::test]
async fn it_runs_until_it_is_told_to_stop_and_gives_back_what_is_not_done() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    recorded(1, host.recording("good-1")).insert(&db).await.unwrap();
    recorded(2, host.recording("hanging_once-2")).insert(&db).await.unwrap();
    let finaliser = Finaliser::new(settings(&host)).unwrap();
    may_be_spawned(&finaliser.run(&db, std::future::ready(())));
    let stop = async {
        while host.requests("hanging_once-2") == 0 || calls(&db).await[0].estimated_cost_bucket.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), finaliser.run(&db, stop)).await.unwrap();
    let buckets: Vec<_> = calls(&db).await.into_iter().map(|call| call.estimated_cost_bucket).collect();
    assert_eq!(buckets, [Some(CostBucket::Low), None]);

    let summary = finaliser.run_once(&db).await.unwrap();
    assert_eq!(summary.finalised, 1, "not before the lease runs out, but at once");
}
