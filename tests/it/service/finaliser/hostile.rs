//! Servers that are as bad as servers are, and addresses that somebody else wrote.

use std::time::Duration;

use entity::{
    call_log,
    enums::{CostBucket, TranscriptSource},
};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use service::worker::{Settings, Summary};

use super::{LIVE, migrated, recorded, settings, the_call, transcribing, until_final};
use crate::{
    it::service::recording_host::{ACCOUNT, RecordingHost, SECONDS},
    servers::Server::Sqlite,
};

#[rstest]
#[case::an_error("broken", 3)]
#[case::not_there_yet("missing", 3)]
#[case::no_answer("hanging", 3)]
#[case::an_answer_that_does_not_end("dripping", 3)]
#[case::an_answer_that_is_cut_off("cut_off", 3)]
#[case::part_of_it("partial", 3)]
#[case::nothing("empty", 3)]
#[case::a_page("page", 3)]
#[case::gone("gone", 1)]
#[case::a_redirect("leading_elsewhere", 1)]
#[case::more_than_there_is_memory("endless", 1)]
#[case::more_than_there_is_memory_by_its_own_words("huge", 1)]
#[tokio::test]
async fn a_recording_that_cannot_be_had_is_tried_and_ends_as_failed(#[case] manner: &str, #[case] attempts: usize) {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let (host, elsewhere) = (RecordingHost::start().await, RecordingHost::start().await);
    host.redirect_to(elsewhere.recording("good-1"));
    recorded(1, host.recording(manner)).insert(&db).await.unwrap();
    let mut settings = settings(&host);
    if ["hanging", "dripping"].contains(&manner) {
        settings.recordings.as_mut().unwrap().timeout = Duration::from_millis(300);
    }

    let summary = until_final(&db, settings).await;
    let tried_again = u64::try_from(attempts - 1).unwrap();
    assert_eq!(summary, Summary { finalised: 1, failed: 1, postponed: tried_again, lost: 0 });
    assert_eq!((host.requests(manner), elsewhere.all_requests()), (attempts, 0));
    assert_eq!(host.requests("transcription"), 0, "what is not audio is not transcribed");
    let call = the_call(&db).await;
    assert_eq!((call.transcript_source, call.final_transcript), (Some(TranscriptSource::Failed), None));
    assert_eq!((call.audio_bytes_len, call.audio_duration_sec), (None, None));
    assert_eq!(call.estimated_cost_bucket, Some(CostBucket::Low));
}

#[rstest]
#[case::an_error("broken", 3)]
#[case::no_answer("hanging", 3)]
#[case::a_page("garbled", 3)]
#[case::a_redirect("leading_elsewhere", 3)]
#[case::a_refusal("refusing", 1)]
#[case::an_endless_answer("endless", 1)]
#[tokio::test]
async fn without_a_transcript_the_stream_counts(#[case] manner: &str, #[case] attempts: usize) {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let (host, elsewhere) = (RecordingHost::start().await, RecordingHost::start().await);
    host.redirect_to(elsewhere.transcription("good"));
    let call = recorded(1, host.recording("good-1"));
    call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..call }.insert(&db).await.unwrap();
    let mut transcription = transcribing(&host, manner);
    if ["hanging", "dripping"].contains(&manner) {
        transcription.timeout = Duration::from_millis(300);
    }

    let summary = until_final(&db, Settings { transcription: Some(transcription), ..settings(&host) }).await;
    assert_eq!((summary.finalised, summary.failed), (1, 1));
    assert_eq!((host.requests("transcription"), elsewhere.all_requests()), (attempts, 0));
    let call = the_call(&db).await;
    assert_eq!(
        (call.transcript_source, call.final_transcript.as_deref()),
        (Some(TranscriptSource::Realtime), Some(LIVE))
    );
    assert_eq!(call.audio_duration_sec, Some(SECONDS), "that much is known");
}

/// `HOST` stands for the address of the recording host, `OTHER` for that of a server that must not be asked, `/RE1` for the path
/// of a recording.
#[rstest]
#[case::another_server("http://OTHER/RE1")]
#[case::the_host_as_a_user("http://HOST@OTHER/RE1")]
#[case::a_user("http://AC1:s3cret@HOST/RE1")]
#[case::a_backslash("http://HOST\\@OTHER/RE1")]
#[case::by_name("http://localhost:PORT/RE1")]
#[case::in_short("http://127.1:PORT/RE1")]
#[case::as_a_number("http://2130706433:PORT/RE1")]
#[case::as_everything("http://0.0.0.0:PORT/RE1")]
#[case::in_version_6("http://[::1]:PORT/RE1")]
#[case::a_trailing_dot("http://127.0.0.1.:PORT/RE1")]
#[case::in_capitals("HTTP://HOST/RE1")]
#[case::encrypted("https://HOST/RE1")]
#[case::without_a_scheme("//HOST/RE1")]
#[case::up_and_down("http://HOST/a/../RE1")]
#[case::a_line_break("http://HOST/RE1\r\nX-Injected: yes")]
#[case::a_file("file:///etc/passwd")]
#[case::another_path("http://HOST/good/v1/audio/transcriptions")]
#[case::the_accounts_calls("http://HOST/2010-04-01/Accounts/ACCOUNT/Calls.json")]
#[case::a_recordings_metadata("http://HOST/RE1.json")]
#[case::another_account(
    "http://HOST/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings/RE00000000000000000000000000000001"
)]
#[case::the_metadata_of_a_cloud("http://169.254.169.254/latest/meta-data/")]
#[tokio::test]
async fn no_address_but_one_of_the_host_is_fetched(#[case] address: &str) {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let (host, other) = (RecordingHost::start().await, RecordingHost::start().await);
    let authority = |host: &RecordingHost| host.origin.trim_start_matches("http://").to_owned();
    let port = authority(&host).rsplit_once(':').unwrap().1.to_owned();
    let address = address.replace("HOST", &authority(&host)).replace("OTHER", &authority(&other));
    let path = host.recording("good-1").replace(&host.origin, "");
    let address = address.replace("/RE1", &path).replace("ACCOUNT", ACCOUNT);
    recorded(1, address.replace("PORT", &port)).insert(&db).await.unwrap();

    let summary = until_final(&db, settings(&host)).await;
    assert_eq!(summary, Summary { finalised: 1, failed: 1, postponed: 0, lost: 0 });
    assert_eq!((host.all_requests(), other.all_requests()), (0, 0));
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Failed));
}
