//! Databases that are busy, refuse what is written, or keep everybody waiting.

use std::time::Duration;

use entity::{call_log, enums::TranscriptSource};
use rstest::rstest;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbConn, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use service::worker::{Finaliser, Summary};

use super::{ended, migrated, program::environment, recorded, settings, the_call};
use crate::{
    it::service::{
        recording_host::{BYTES, RecordingHost},
        serving::Service,
    },
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

async fn until_asked(host: &RecordingHost, recording: &str) {
    while host.requests(recording) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_transcript_is_not_paid_for_again_because_the_database_is_busy() {
    let (database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    recorded(1, host.recording("slow-1")).insert(&db).await.unwrap();
    let busy = async {
        until_asked(&host, "slow-1").await;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let writer = database.connect().await.begin_with_options(options).await.unwrap();
        // Longer than one attempt to write waits.
        tokio::time::sleep(Duration::from_secs(3)).await;
        writer.rollback().await.unwrap();
    };
    let finaliser = Finaliser::new(settings(&host)).unwrap();
    let (summary, ()) = tokio::join!(finaliser.run_once(&db), busy);
    assert_eq!(summary.unwrap(), Summary { finalised: 1, ..Summary::default() });
    assert_eq!((host.requests("slow-1"), host.requests("transcription")), (1, 1));
    assert_eq!(the_call(&db).await.transcript_source, Some(TranscriptSource::Recording));
}

/// No row may be written any more of which this is so; `NEW` is that row.
async fn refuse(db: &DbConn, server: Server, what: &str) {
    let statement = match server {
        Sqlite => {
            format!("CREATE TRIGGER refused BEFORE UPDATE ON call_log WHEN {what} BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        _ => format!("ALTER TABLE call_log ADD CONSTRAINT refused CHECK (NOT ({}))", what.replace("NEW.", "")),
    };
    db.execute_unprepared(&statement).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_text_that_the_database_refuses_is_left_out_at_once(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    recorded(1, host.recording("good-1")).insert(&db).await.unwrap();
    refuse(&db, server, "NEW.final_transcript IS NOT NULL").await;
    let summary = Finaliser::new(settings(&host)).unwrap().run_once(&db).await.unwrap();
    assert_eq!(summary, Summary { finalised: 1, failed: 1, postponed: 0, lost: 0 });
    let call = the_call(&db).await;
    assert_eq!((call.transcript_source, call.final_transcript), (Some(TranscriptSource::Failed), None));
    assert_eq!((call.audio_bytes_len, host.requests("transcription")), (Some(i32::try_from(BYTES).unwrap()), 1));
}

#[rstest]
#[tokio::test]
async fn a_call_that_cannot_be_written_hides_no_other(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    call_log::ActiveModel { duration: Set(Some(13)), ..ended(1) }.insert(&db).await.unwrap();
    ended(2).insert(&db).await.unwrap();
    refuse(&db, server, "NEW.duration = 13 AND NEW.estimated_cost_bucket IS NOT NULL").await;
    let finaliser = Finaliser::new(settings(&host)).unwrap();
    let (summary, ended) = finaliser.run_once_until(&db, std::future::pending()).await;
    assert_eq!(summary, Summary { finalised: 1, ..Summary::default() });
    let error = ended.unwrap_err();
    assert!(!error.is_unreachable() && error.to_string().contains("rejected"), "{error}");
}

/// Whether it is to claim calls, or to give back what it has.
#[rstest]
#[case::before_there_is_a_call(false)]
#[case::with_a_call_in_hand(true)]
#[tokio::test]
async fn it_stops_while_somebody_has_locked_the_table(
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
    #[case] in_hand: bool,
) {
    let Some((database, db)) = migrated(server).await else { return };
    let host = RecordingHost::start().await;
    recorded(1, host.recording("hanging-1")).insert(&db).await.unwrap();
    let other = database.connect().await.begin().await.unwrap();
    let lock = if server == Postgres { "LOCK TABLE call_log" } else { "LOCK TABLES call_log WRITE" };
    if !in_hand {
        other.execute_unprepared(lock).await.unwrap();
    }
    let stop = async {
        if in_hand {
            until_asked(&host, "hanging-1").await;
            other.execute_unprepared(lock).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let finaliser = Finaliser::new(settings(&host)).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(9), finaliser.run(&db, stop)).await;
    assert!(ended.is_ok(), "it does not stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_ends_while_somebody_has_locked_the_table() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let host = RecordingHost::start().await;
    recorded(1, host.recording("hanging-1")).insert(&db).await.unwrap();
    let mut service = Service::start_with(&database.url, &[], &environment(&database.url, &host));
    until_asked(&host, "hanging-1").await;
    let other = database.connect().await.begin().await.unwrap();
    other.execute_unprepared("LOCK TABLE call_log").await.unwrap();
    service.signal("TERM");
    let code = tokio::time::timeout(Duration::from_secs(15), service.ended()).await;
    assert_eq!(code, Ok(0), "{}", service.log());
}
