//! Finalising against real servers: each recording is fetched once, each ended call becomes final once, and nobody makes it
//! fetch what it should not.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use chrono::{NaiveDateTime, TimeDelta, Utc};
use entity::{
    call_log,
    enums::{CostBucket, RecordingMode, TranscriptSource},
};
use futures_util::future::join_all;
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbConn, EntityTrait, QueryFilter, QueryOrder};
use service::finaliser::{Backoff, Finaliser, Recordings, Secret, Settings, Summary, Transcription};

use super::recording_host::{BYTES, RecordingHost, SECONDS, TEXT};
use crate::{
    it::program::{Run, call_log_with},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
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
    let usual = Recordings::new(host.origin.parse().unwrap(), "AC1", "s3cret");
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
    let key = Some(Secret::new("k3y"));
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
        let db = database.connect().await;
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

/// `call-log finalise` as a process of its own.
fn program(arguments: &[&str], url: &str, host: &RecordingHost) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command.arg("finalise").args(arguments).env_clear().envs(environment(url, host)).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn environment(url: &str, host: &RecordingHost) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE_URL", url.to_owned()),
        ("RECORDING_HOST", host.origin.clone()),
        ("TWILIO_ACCOUNT_SID", "AC1".to_owned()),
        ("TWILIO_AUTH_TOKEN", "s3cret".to_owned()),
        ("FINALISE_SETTLE", "0s".to_owned()),
    ]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_another_one_finishes(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    recorded(1, host.recording("hanging_once-1")).insert(&db).await.unwrap();
    let quick = ["--once", "--lease", "4s", "--recording-timeout", "3s"];

    let mut killed = program(&quick, &database.url, &host).spawn().unwrap();
    while host.requests("hanging_once-1") == 0 {
        assert!(killed.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    killed.kill().unwrap();
    killed.wait().unwrap();

    let finaliser = Finaliser::new(settings(&host)).unwrap();
    assert_eq!(finaliser.run_once(&db).await.unwrap(), Summary::default(), "it is leased");
    let began = std::time::Instant::now();
    while finaliser.run_once(&db).await.unwrap().finalised == 0 {
        assert!(began.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let call = the_call(&db).await;
    assert_eq!(call.transcript_source, Some(TranscriptSource::Recording));
    assert_eq!(host.requests("hanging_once-1"), 2);
}

#[rstest]
#[case::an_error("broken", 3)]
#[case::not_there_yet("missing", 3)]
#[case::no_answer("hanging", 3)]
#[case::an_answer_that_does_not_end("dripping", 3)]
#[case::an_answer_that_is_cut_off("cut_off", 3)]
#[case::part_of_it("partial", 3)]
#[case::nothing("empty", 3)]
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
    settings.recordings.as_mut().unwrap().timeout = Duration::from_millis(300);

    let summary = until_final(&db, settings).await;
    let tried_again = u64::try_from(attempts - 1).unwrap();
    assert_eq!(summary, Summary { finalised: 1, failed: 1, postponed: tried_again, lost: 0 });
    assert_eq!((host.requests(manner), elsewhere.all_requests()), (attempts, 0));
    let call = the_call(&db).await;
    assert_eq!((call.transcript_source, call.final_transcript), (Some(TranscriptSource::Failed), None));
    assert_eq!((call.audio_bytes_len, call.audio_duration_sec), (None, None));
    assert_eq!(call.estimated_cost_bucket, Some(CostBucket::Low));
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
    let transcription = Transcription { timeout: Duration::from_millis(300), ..transcribing(&host, manner) };

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

/// `HOST` stands for the address of the recording host, `OTHER` for that of a server that must not be asked.
#[rstest]
#[case::another_server("http://OTHER/recordings/good-1")]
#[case::the_host_as_a_user("http://HOST@OTHER/recordings/good-1")]
#[case::a_user("http://AC1:s3cret@HOST/recordings/good-1")]
#[case::a_backslash("http://HOST\\@OTHER/recordings/good-1")]
#[case::by_name("http://localhost:PORT/recordings/good-1")]
#[case::in_short("http://127.1:PORT/recordings/good-1")]
#[case::as_a_number("http://2130706433:PORT/recordings/good-1")]
#[case::as_everything("http://0.0.0.0:PORT/recordings/good-1")]
#[case::in_version_6("http://[::1]:PORT/recordings/good-1")]
#[case::a_trailing_dot("http://127.0.0.1.:PORT/recordings/good-1")]
#[case::in_capitals("HTTP://HOST/recordings/good-1")]
#[case::encrypted("https://HOST/recordings/good-1")]
#[case::without_a_scheme("//HOST/recordings/good-1")]
#[case::up_and_down("http://HOST/a/../recordings/good-1")]
#[case::a_line_break("http://HOST/recordings/good-1\r\nX-Injected: yes")]
#[case::a_file("file:///etc/passwd")]
#[case::the_metadata_of_a_cloud("http://169.254.169.254/latest/meta-data/")]
#[tokio::test]
async fn no_address_but_one_of_the_host_is_fetched(#[case] address: &str) {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let (host, other) = (RecordingHost::start().await, RecordingHost::start().await);
    let authority = |host: &RecordingHost| host.origin.trim_start_matches("http://").to_owned();
    let port = authority(&host).rsplit_once(':').unwrap().1.to_owned();
    let address = address.replace("HOST", &authority(&host)).replace("OTHER", &authority(&other));
    recorded(1, address.replace("PORT", &port)).insert(&db).await.unwrap();

    let summary = until_final(&db, settings(&host)).await;
    assert_eq!(summary, Summary { finalised: 1, failed: 1, postponed: 0, lost: 0 });
    assert_eq!((host.all_requests(), other.all_requests()), (0, 0));
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Failed));
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
    until_final(&db, settings(&host)).await;
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
    let settings = Settings { settle: Duration::from_millis(300), ..settings(&host) };
    let summary = Finaliser::new(settings.clone()).unwrap().run_once(&db).await.unwrap();
    assert_eq!(summary, Summary { postponed: 1, ..Summary::default() });

    let mut call: call_log::ActiveModel = call.into();
    call.recording_url = Set(Some(host.recording("good-1")));
    call.recording_mode = Set(Some(RecordingMode::RecordingApi));
    call.update(&db).await.unwrap();
    assert_eq!(until_final(&db, settings).await.finalised, 1);
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Recording));
}

#[tokio::test]
async fn it_runs_until_it_is_told_to_stop_and_gives_back_what_is_not_done() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    recorded(1, host.recording("good-1")).insert(&db).await.unwrap();
    recorded(2, host.recording("hanging_once-2")).insert(&db).await.unwrap();
    let finaliser = Finaliser::new(settings(&host)).unwrap();
    let stop = async {
        while host.requests("hanging_once-2") == 0 || host.requests("transcription") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    tokio::time::timeout(Duration::from_secs(10), finaliser.run(&db, stop)).await.unwrap();
    let buckets: Vec<_> = calls(&db).await.into_iter().map(|call| call.estimated_cost_bucket).collect();
    assert_eq!(buckets, [Some(CostBucket::Low), None]);

    let summary = finaliser.run_once(&db).await.unwrap();
    assert_eq!(summary.finalised, 1, "not before the lease runs out, but at once");
}

fn finalise_once(arguments: &[&str], url: &str, host: &RecordingHost) -> Run {
    let environment = environment(url, host);
    let settings: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    call_log_with(&[&["finalise", "--once"], arguments].concat(), &settings)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_what_became_of_the_calls(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    for number in 0..3 {
        recorded(number, host.recording(&format!("good-{number}"))).insert(&db).await.unwrap();
    }
    let run = finalise_once(&[], &database.url, &host);
    assert_eq!((run.code, run.stdout.as_str()), (0, "calls: 3 finalised (0 failed), 0 postponed, 0 lost\n"), "{run:?}");
    assert_eq!(calls(&db).await[0].transcript_source, Some(TranscriptSource::Failed), "nobody transcribed it");

    let call = recorded(4, host.recording("gone-4"));
    call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..call }.insert(&db).await.unwrap();
    let run = finalise_once(&[], &database.url, &host);
    assert_eq!((run.code, run.stdout.as_str()), (1, "calls: 1 finalised (1 failed), 0 postponed, 0 lost\n"), "{run:?}");
    let told = format!("{run:?}");
    assert!(!["s3cret", NUMBER, LIVE].iter().any(|secret| told.contains(secret)), "{told}");
}

#[rstest]
#[case::a_host_that_is_not_safe(&["--recording-host", "http://api.twilio.com"], 64, "http is for 127.0.0.1")]
#[case::a_lease_that_is_too_short(&["--lease", "1s"], 78, "must be longer")]
#[case::an_account_that_is_none(&["--twilio-account-sid", "AC:1"], 78, "colon")]
#[case::no_transcription_server(&["--transcription-url", "whisper"], 78, "http or https URL")]
#[tokio::test(flavor = "multi_thread")]
async fn the_program_refuses_settings_that_make_no_sense(
    #[case] arguments: &[&str],
    #[case] code: i32,
    #[case] why: &str,
) {
    let host = RecordingHost::start().await;
    let run = finalise_once(arguments, "sqlite::memory:", &host);
    assert_eq!(run.code, code, "{run:?}");
    assert!(run.stderr.contains(why), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_tells_a_database_that_is_not_there_from_one_that_is_not_migrated() {
    let host = RecordingHost::start().await;
    let run = finalise_once(&[], "postgres://postgres@127.0.0.1:1/calls", &host);
    assert_eq!(run.code, 69, "{run:?}");
    let database = Sqlite.empty_database().await.unwrap();
    let run = finalise_once(&[], &database.url, &host);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("`call_log`"), "{run:?}");
}
