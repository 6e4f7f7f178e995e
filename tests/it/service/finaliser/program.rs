//! `call-log finalise` as a process of its own.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use entity::{call_log, enums::TranscriptSource};
use futures_util::future::join_all;
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait};
use service::worker::{Finaliser, Summary};

use super::{LIVE, NUMBER, calls, migrated, recorded, settings, the_call};
use crate::{
    it::{
        program::{Run, call_log_with},
        service::{
            recording_host::{ACCOUNT, RecordingHost},
            serving::Service,
        },
    },
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

fn program(arguments: &[&str], url: &str, host: &RecordingHost) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command.arg("finalise").args(arguments).env_clear().envs(environment(url, host)).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(super) fn environment(url: &str, host: &RecordingHost) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE_URL", url.to_owned()),
        ("CALL_LOG_TWILIO_RECORDING_HOST", host.origin.clone()),
        ("CALL_LOG_TWILIO_ACCOUNT_SID", ACCOUNT.to_owned()),
        ("CALL_LOG_TWILIO_AUTH_TOKEN", "s3cret".to_owned()),
        ("CALL_LOG_FINALISER_SETTLE", "0s".to_owned()),
    ]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_another_one_finishes(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    recorded(1, host.recording("hanging_once-1")).insert(&db).await.unwrap();
    let quick = ["--once", "--finaliser-lease", "4s", "--twilio-recording-timeout", "3s"];

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
        assert!(began.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let call = the_call(&db).await;
    assert_eq!(call.transcript_source, Some(TranscriptSource::Recording));
    assert_eq!(host.requests("hanging_once-1"), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn several_processes_share_the_calls(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    for number in 0..24 {
        recorded(number, host.recording(&format!("good-{number}"))).insert(&db).await.unwrap();
    }
    let processes: Vec<_> = (0..3).map(|_| program(&["--once"], &database.url, &host).spawn().unwrap()).collect();
    let ended =
        processes.into_iter().map(|process| tokio::task::spawn_blocking(|| process.wait_with_output().unwrap()));
    let mut finalised = 0;
    for output in join_all(ended).await {
        let output = output.unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let (own, rest) = told.strip_prefix("calls: ").and_then(|told| told.split_once(' ')).unwrap();
        assert_eq!((output.status.code(), rest), (Some(0), "finalised (0 failed), 0 postponed, 0 lost\n"), "{told}");
        finalised += own.parse::<i32>().unwrap();
    }
    assert_eq!(finalised, 24);
    assert!((0..24).all(|number| host.requests(&format!("good-{number}")) == 1));
    assert!(calls(&db).await.iter().all(|call| call.estimated_cost_bucket.is_some()));
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
#[case::a_host_that_is_not_safe(&["--twilio-recording-host", "http://api.twilio.com"], "http is allowed for 127.0.0.1")]
#[case::a_lease_that_is_too_short(&["--finaliser-lease", "1s"], "it must exceed the time limits")]
#[case::an_account_that_is_none(&["--twilio-account-sid", "AC:1"], "AC and 32 hexadecimal digits")]
#[case::half_a_pair(
    &["--twilio-api-key", "SK0123456789abcdef0123456789abcdef"],
    "invalid value of `twilio.api_key`: `twilio.api_key_secret` is missing"
)]
#[case::too_many_at_once(&["--finaliser-batch", "101"], "`finaliser.batch` must be between 1 and 100")]
#[case::a_lease_without_end(&["--finaliser-lease", "1000years"], "`finaliser.lease` must not be longer than 7 days")]
#[case::no_transcription_server(&["--transcription-url", "whisper"], "it must start with https://")]
#[tokio::test(flavor = "multi_thread")]
async fn the_program_refuses_settings_that_make_no_sense(#[case] arguments: &[&str], #[case] why: &str) {
    let host = RecordingHost::start().await;
    let run = finalise_once(arguments, "sqlite::memory:", &host);
    assert_eq!(run.code, 78, "{run:?}");
    assert!(run.stderr.contains(why), "{run:?}");
}

#[rstest]
#[case::once(&["--once"], "TERM", 143)]
#[case::once_from_a_keyboard(&["--once"], "INT", 130)]
#[case::until_it_is_told(&[], "TERM", 0)]
#[tokio::test(flavor = "multi_thread")]
async fn the_program_gives_back_what_is_not_done_when_it_is_told_to_stop(
    #[case] arguments: &[&str],
    #[case] signal: &str,
    #[case] code: i32,
) {
    let (database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    let before = recorded(1, host.recording("hanging_once-1")).insert(&db).await.unwrap();
    let mut told = program(arguments, &database.url, &host).spawn().unwrap();
    while host.requests("hanging_once-1") == 0 {
        assert!(told.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let kill = Command::new("kill").args([&format!("-{signal}"), &told.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = tokio::task::spawn_blocking(|| told.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    if code != 0 {
        assert_eq!(said, "calls: 0 finalised (0 failed), 1 postponed, 0 lost\n");
    }
    assert_eq!(the_call(&db).await, before, "as if it had never been begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_that_it_fetches_nothing() {
    let (database, _db) = migrated(Sqlite).await.unwrap();
    let told = |run: &Run| run.stderr.matches("no recording is fetched").count();
    let run = call_log_with(&["finalise", "--once"], &[("DATABASE_URL", &database.url)]);
    assert_eq!((run.code, told(&run)), (0, 1), "{run:?}");
    let host = RecordingHost::start().await;
    let run = finalise_once(&[], &database.url, &host);
    assert_eq!((run.code, told(&run)), (0, 0), "{run:?}");

    let log = Service::start_with(&database.url, &[], &[]).log();
    assert_eq!(log.matches("no recording is fetched").count(), 1, "{log}");
    let log = Service::start(&database.url, &[]).log();
    assert!(!log.contains("no recording is fetched"), "who does not finalise need not fetch: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_tells_a_database_that_is_not_there_from_one_that_is_not_migrated() {
    let host = RecordingHost::start().await;
    let run = finalise_once(&[], "postgres://postgres@127.0.0.1:1/calls", &host);
    assert_eq!(run.code, 69, "{run:?}");
    let database = Sqlite.empty_database().await.unwrap();
    let run = finalise_once(&[], &database.url, &host);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.starts_with("error[table-missing]") && run.stdout.contains("sqlite://"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_does_not_keep_it_from_finalising() {
    let (database, db) = migrated(Sqlite).await.unwrap();
    db.execute_unprepared("DROP INDEX ix_call_log_call_sid").await.unwrap();
    let host = RecordingHost::start().await;
    assert_eq!(finalise_once(&[], &database.url, &host).code, 1);
    let exceptions = database.file().with_extension("toml");
    let accepted = "[[exception]]\nrule = \"unique-missing\"\nobject = \"*\"\nlevel = \"warn\"\nreason = \"a test\"\n";
    std::fs::write(&exceptions, accepted).unwrap();
    let run = finalise_once(&["--exceptions", exceptions.to_str().unwrap()], &database.url, &host);
    assert_eq!((run.code, run.stdout.as_str()), (0, "calls: 0 finalised (0 failed), 0 postponed, 0 lost\n"), "{run:?}");
}
