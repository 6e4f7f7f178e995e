use chrono::DateTime;
use entity::{CallId, enums::RecordingMode};
use rstest::rstest;
use sea_orm::{RuntimeErr, SqlxError};

use super::*;

fn lease() -> LeasedCall {
    LeasedCall {
        id: CallId(1),
        call_sid: "CA00000000000000000000000000000001".to_owned(),
        business_id: 7,
        recording_url: None,
        recording_sid: None,
        recording_mode: None,
        recording_unavailable: false,
        transcription: None,
        final_transcript: None,
        transcript_source: None,
        attempts: 2,
        deferred_until: Some(DateTime::UNIX_EPOCH.naive_utc()),
        expires_at: DateTime::UNIX_EPOCH.naive_utc(),
    }
}

async fn found(lease: &LeasedCall, settings: Settings) -> Outcome {
    process_call::process(&client::client().unwrap(), &settings, lease).await
}

fn live(text: &str) -> LeasedCall {
    LeasedCall { transcription: Some(text.to_owned()), ..lease() }
}

#[rstest]
#[case::the_live_text_counts_where_nothing_was_recorded(
    live("shalom"),
    Some(TranscriptSource::Realtime),
    Some("shalom")
)]
#[case::also_where_the_mode_says_so(
    LeasedCall { recording_mode: Some(RecordingMode::Off), ..live("shalom") }, Some(TranscriptSource::Realtime), Some("shalom")
)]
#[case::a_call_of_which_there_is_nothing_has_no_transcript(lease(), None, None)]
#[case::blanks_are_no_text(live(" \n"), None, None)]
#[case::a_transcript_that_is_there_stays(
    LeasedCall {
        final_transcript: Some("better".to_owned()), transcript_source: Some("recording".to_owned()), ..live("live")
    },
    None,
    None
)]
#[case::also_where_nobody_says_what_it_was_made_from(
    LeasedCall { final_transcript: Some("better".to_owned()), ..live("live") }, None, None
)]
#[case::a_source_of_the_host_application_stays(
    LeasedCall { transcript_source: Some("whisper".to_owned()), ..live("live") }, None, None
)]
#[case::a_transcript_of_blanks_is_none(
    LeasedCall { final_transcript: Some(" \n".to_owned()), ..live("live") }, Some(TranscriptSource::Realtime), Some("live")
)]
#[case::what_failed_before_may_do_now(
    LeasedCall { transcript_source: Some("failed".to_owned()), ..live("live") }, Some(TranscriptSource::Realtime), Some("live")
)]
#[case::a_recording_that_came_to_nothing_is_not_waited_for(
    LeasedCall { recording_mode: Some(RecordingMode::RecordingApi), recording_unavailable: true, deferred_until: None, ..lease() },
    None,
    None
)]
#[case::a_recording_that_may_not_be_fetched_has_failed(
    LeasedCall { recording_url: Some("https://api.twilio.com/RE1".to_owned()), ..lease() }, Some(TranscriptSource::Failed), None
)]
#[tokio::test]
async fn without_a_server_the_database_has_to_do(
    #[case] lease: LeasedCall,
    #[case] source: Option<TranscriptSource>,
    #[case] text: Option<&str>,
) {
    let Outcome::Complete(finalised) = found(&lease, Settings::default()).await else { panic!("nothing is missing") };
    assert_eq!((finalised.transcript_source, finalised.final_transcript.as_deref()), (source, text));
}

#[rstest]
#[case::at_first_one_may_still_be_reported(LeasedCall { deferred_until: None, ..lease() }, "a recording may still be reported", true)]
#[case::a_call_that_is_recorded_must_have_one(
    LeasedCall { recording_mode: Some(RecordingMode::RecordingApi), ..lease() }, "no recording was reported", true
)]
#[case::too_many_attempts(LeasedCall { attempts: 9, ..lease() }, "too many attempts ended without a result", false)]
#[tokio::test]
async fn a_call_without_a_recording_is_waited_for(
    #[case] lease: LeasedCall,
    #[case] error: &str,
    #[case] is_transient: bool,
) {
    let Outcome::Partial { error: lack, .. } = found(&lease, Settings::default()).await else {
        panic!("something is missing")
    };
    assert_eq!((lack.to_string().as_str(), lack.is_transient()), (error, is_transient));
}

#[test]
fn a_text_is_what_the_database_can_keep() {
    let text = |text: String| Finalised { final_transcript: Some(text), ..Finalised::default() };
    let fit = |text, backend| fit_to_column(text, backend).final_transcript.unwrap();
    assert_eq!(fit(text("a\0b".to_owned()), DbBackend::Postgres), "ab");
    let hebrew = "\u{5e9}".repeat(40_000);
    assert_eq!(fit(text(hebrew.clone()), DbBackend::Sqlite), hebrew);
    assert_eq!(fit(text(hebrew), DbBackend::MySql).len(), 65_534, "a letter is not cut in two");
}

fn fetching(change: impl FnOnce(&mut Recordings)) -> Settings {
    let mut recordings = Recordings::new("https://api.twilio.com".parse().unwrap(), "AC1", "token");
    change(&mut recordings);
    Settings { recordings: Some(recordings), ..Settings::default() }
}

fn transcribing(url: &str, change: impl FnOnce(&mut Transcription)) -> Settings {
    let mut transcription = Transcription::new(url.parse().unwrap(), "whisper-1");
    change(&mut transcription);
    Settings { transcription: Some(transcription), ..Settings::default() }
}

#[rstest]
#[case::a_lease_that_is_too_short("finaliser.lease", Settings { lease: Duration::ZERO, ..Settings::default() })]
#[case::a_lease_as_long_as_the_work("finaliser.lease", fetching(|recordings| recordings.timeout = Duration::from_mins(5)))]
#[case::work_without_end("finaliser.lease", Settings {
    recordings: fetching(|recordings| recordings.timeout = Duration::MAX).recordings,
    ..transcribing("https://example.org", |transcription| transcription.timeout = Duration::MAX)
})]
#[case::a_lease_without_end("finaliser.lease", Settings { lease: Duration::MAX, ..Settings::default() })]
#[case::no_call_at_once("finaliser.batch", Settings { batch: 0, ..Settings::default() })]
#[case::too_many_at_once("finaliser.batch", Settings { batch: 101, ..Settings::default() })]
#[case::no_attempt("finaliser.attempts", Settings { attempts: 0, ..Settings::default() })]
#[case::without_a_rest("finaliser.poll", Settings { poll: Duration::ZERO, ..Settings::default() })]
#[case::a_rest_without_end("finaliser.poll", Settings { poll: Duration::MAX, ..Settings::default() })]
#[case::waiting_without_end("finaliser.settle", Settings { settle: Duration::MAX, ..Settings::default() })]
#[case::no_time_to_fetch("twilio.recording_timeout", fetching(|recordings| recordings.timeout = Duration::ZERO))]
#[case::nothing_to_fetch("twilio.recording_max_bytes", fetching(|recordings| recordings.max_bytes = 0))]
#[case::a_user_with_a_colon("twilio.account_sid", fetching(|recordings| recordings.username = "AC:1".to_owned()))]
#[case::no_time_to_transcribe("transcription.timeout", transcribing("https://example.org", |transcription| {
    transcription.timeout = Duration::ZERO;
}))]
#[case::a_transcription_server_that_is_a_file("transcription.url", transcribing("file:///etc/passwd", |_| ()))]
fn settings_that_make_no_sense_are_refused_by_name(#[case] key: &str, #[case] settings: Settings) {
    let error = Finaliser::new(settings).unwrap_err().to_string();
    assert!(error.contains(&format!("`{key}`")), "{error}");
}

#[rstest]
#[case::connection_refused(SqlxError::Io(std::io::ErrorKind::ConnectionRefused.into()), true)]
#[case::too_many_others(SqlxError::PoolTimedOut, true)]
#[case::closed(SqlxError::PoolClosed, true)]
#[case::what_cannot_be_read(SqlxError::Decode("unknown".into()), false)]
#[case::what_is_not_there(SqlxError::ColumnNotFound("s3cret".to_owned()), false)]
fn only_connection_errors_are_unreachable(#[case] cause: SqlxError, #[case] expected: bool) {
    let error = DatabaseError(DbErr::Query(RuntimeErr::SqlxError(cause.into())));
    assert_eq!((error.is_unreachable(), error.to_string() == "the database is unreachable"), (expected, expected));
    assert!(!error.is_data_error() && !error.to_string().contains("s3cret"), "{error}");
}

#[test]
fn a_value_that_cannot_be_decoded_is_a_database_error() {
    let error = DatabaseError(DbErr::Type("Unknown value s3cret".to_owned()));
    assert!(!error.is_unreachable());
    assert_eq!(error.to_string(), "cannot decode the database's response");
}

#[test]
fn a_token_is_not_shown() {
    let recordings = Recordings::new("https://api.twilio.com".parse().unwrap(), "AC1", "s3cret");
    assert!(!format!("{recordings:?}").contains("s3cret"));
}
