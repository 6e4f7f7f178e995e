//! What is logged: what happened, and nothing of whom it happened to.

use entity::call_log;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{LIVE, NUMBER, calls, migrated, program::environment, recorded};
use crate::{
    it::{
        program::call_log_with,
        service::recording_host::{RecordingHost, TEXT},
    },
    servers::Server::Sqlite,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_caller_and_no_credential_is_logged() {
    let (database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    for (number, manner) in ["good", "broken", "leading_elsewhere", "endless", "cut_off"].into_iter().enumerate() {
        let call = recorded(i32::try_from(number).unwrap(), host.recording(manner));
        call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..call }.insert(&db).await.unwrap();
    }
    recorded(9, format!("http://evil.example/{NUMBER}")).insert(&db).await.unwrap();

    let mut settings = environment(&database.url, &host);
    settings.extend([
        ("CALL_LOG_TRANSCRIPTION_URL", host.transcription("refusing")),
        ("CALL_LOG_TRANSCRIPTION_API_KEY", "k3y".to_owned()),
        ("CALL_LOG_TWILIO_RECORDING_MAX_BYTES", "100000".to_owned()),
        ("CALL_LOG_FINALISER_ATTEMPTS", "3".to_owned()),
        ("CALL_LOG_FINALISER_PAUSE", "1ms".to_owned()),
        // All that any library of the program says, however fine.
        ("CALL_LOG_LOG_FILTER", "trace".to_owned()),
    ]);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut log = String::new();
    while calls(&db).await.iter().any(|call| call.estimated_cost_bucket.is_none()) {
        let ran = call_log_with(&["finalise", "--once"], &settings);
        log.push_str(&ran.stderr);
        assert!(ran.stdout.starts_with("calls: "), "{ran:?}");
    }

    assert!(log.contains("TRACE"), "{log}");
    assert!(log.contains("the transcription server answered 400"), "{log}");
    assert!(log.contains("the recording host answered 500"), "{log}");
    for secret in
        [LIVE, TEXT, NUMBER, "s3cret", "k3y", "QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpzM2NyZXQ", "evil.example"]
    {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
