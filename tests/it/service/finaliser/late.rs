//! Recordings that are reported late, never, or while somebody works on the call; and transcripts of somebody else's.

use std::time::Duration;

use entity::{
    call_log,
    enums::{CostBucket, RecordingMode, TranscriptSource},
};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbConn, IntoActiveModel};
use service::{
    mutations::{CallFields, RecordingEvent, record_recording},
    worker::{Finaliser, Settings, Summary},
};

use super::{LIVE, ended, migrated, recorded, settings, the_call, until_final};
use crate::{
    it::service::recording_host::{BYTES, RecordingHost, TEXT},
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

async fn report(db: &DbConn, status: &str, url: Option<String>) {
    let call_sid = the_call(db).await.call_sid.unwrap();
    let call = CallFields {
        call_sid,
        business_id: 7,
        parent_call_sid: None,
        from_number: None,
        to_number: None,
        direction: None,
        at: super::ago(chrono::TimeDelta::zero()),
    };
    let mode = Some(RecordingMode::RecordingApi);
    let (recording_sid, status) = ("RE1".to_owned(), status.to_owned());
    record_recording(db, &RecordingEvent { call, recording_sid, status, url, duration: None, mode }).await.unwrap();
}

#[tokio::test]
async fn waiting_for_a_recording_is_no_attempt() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..ended(1) }.insert(&db).await.unwrap();
    let settings = Settings { settle: Duration::from_millis(100), attempts: 1, ..settings(&host) };
    let summary = until_final(&db, settings).await;
    assert_eq!(summary, Summary { finalised: 1, failed: 0, postponed: 1, lost: 0 });
    assert_eq!(the_call(&db).await.final_transcript.as_deref(), Some(LIVE));
}

#[rstest]
#[tokio::test]
async fn a_recording_that_comes_after_all_is_fetched(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..ended(1) }.insert(&db).await.unwrap();
    assert_eq!(until_final(&db, settings(&host)).await, Summary { finalised: 1, ..Summary::default() });
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Realtime));

    for _ in 0..2 {
        report(&db, "completed", Some(host.recording("good-1"))).await;
        assert_eq!(until_final(&db, settings(&host)).await.failed, 0);
    }
    let call = the_call(&db).await;
    assert_eq!(call.audio_bytes_len, Some(i32::try_from(BYTES).unwrap()));
    assert_eq!(call.final_transcript.as_deref(), Some(TEXT));
    assert_eq!(call.transcript_source, Some(TranscriptSource::Recording));
    assert_eq!((host.requests("good-1"), host.requests("transcription")), (1, 1));
}

#[rstest]
#[case::too_short("absent")]
#[case::not_made("failed")]
#[tokio::test]
async fn a_recording_that_there_will_never_be_is_not_waited_for(#[case] status: &str) {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    ended(1).insert(&db).await.unwrap();
    report(&db, status, None).await;
    assert_eq!(the_call(&db).await.recording_mode, Some(RecordingMode::RecordingApi));
    let settings = Settings { settle: Duration::from_mins(1), ..settings(&host) };
    assert_eq!(until_final(&db, settings).await, Summary { finalised: 1, ..Summary::default() });
}

/// What is measured on one does not stand beside the address of another.
#[rstest]
#[tokio::test]
async fn a_recording_that_changes_meanwhile_is_fetched_anew(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    let call = recorded(1, host.recording("slow-1")).insert(&db).await.unwrap();
    let changed = async {
        while host.requests("slow-1") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut call = call.into_active_model();
        call.recording_url = Set(Some(host.recording("good-2")));
        call.update(&db).await.unwrap();
    };
    let finaliser = Finaliser::new(Settings { attempts: 1, ..settings(&host) }).unwrap();
    let (summary, ()) = tokio::join!(finaliser.run_once(&db), changed);
    assert_eq!(summary.unwrap(), Summary { finalised: 1, failed: 0, postponed: 1, lost: 0 });
    let call = the_call(&db).await;
    assert_eq!((call.recording_url, host.requests("good-2")), (Some(host.recording("good-2")), 1));
    assert_eq!(call.estimated_cost_bucket, Some(CostBucket::Low));
}

#[rstest]
#[case::without_its_source("final_transcript = 'by hand'", Some("by hand"), None)]
#[case::of_another_source(
    "final_transcript = 'by hand', transcript_source = 'whisper'",
    Some("by hand"),
    Some("whisper")
)]
#[case::another_source_alone("transcript_source = 'whisper'", None, Some("whisper"))]
#[tokio::test]
async fn a_transcript_of_somebody_else_stays(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] theirs: &str,
    #[case] text: Option<&str>,
    #[case] source: Option<&str>,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    let call = recorded(1, host.recording("good-1"));
    call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..call }.insert(&db).await.unwrap();
    db.execute_unprepared(&format!("UPDATE call_log SET {theirs}")).await.unwrap();
    let summary = Finaliser::new(settings(&host)).unwrap().run_once(&db).await.unwrap();
    assert_eq!((summary, host.requests("transcription")), (Summary { finalised: 1, ..Summary::default() }, 0));

    // Not as a model, which does not know the word.
    let statement = "SELECT final_transcript, transcript_source, audio_bytes_len FROM call_log";
    let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), statement)).await;
    let row = row.unwrap().unwrap();
    assert_eq!(row.try_get::<Option<String>>("", "final_transcript").unwrap().as_deref(), text);
    assert_eq!(row.try_get::<Option<String>>("", "transcript_source").unwrap().as_deref(), source);
    assert_eq!(row.try_get::<i32>("", "audio_bytes_len").unwrap(), i32::try_from(BYTES).unwrap());
}
