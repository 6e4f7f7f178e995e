//! What is logged: what happened, and nothing of whom it happened to.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use entity::call_log;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use service::finaliser::{Settings, Summary};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use super::{LIVE, NUMBER, migrated, recorded, settings, transcribing, until_final};
use crate::{
    it::service::recording_host::{RecordingHost, TEXT},
    servers::Server::Sqlite,
};

/// Keeps all that any library of the program logs, however fine.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().unwrap();
        event.record(&mut Line(&mut log));
        log.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn nothing_of_a_caller_and_no_credential_is_logged() {
    let (_database, db) = migrated(Sqlite).await.unwrap();
    let host = RecordingHost::start().await;
    for (number, manner) in ["good", "broken", "leading_elsewhere", "endless", "cut_off"].into_iter().enumerate() {
        let call = recorded(i32::try_from(number).unwrap(), host.recording(manner));
        call_log::ActiveModel { transcription: Set(Some(LIVE.to_owned())), ..call }.insert(&db).await.unwrap();
    }
    recorded(9, format!("http://evil.example/{NUMBER}")).insert(&db).await.unwrap();

    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let refusing = Settings { transcription: Some(transcribing(&host, "refusing")), ..settings(&host) };
    let summary = until_final(&db, refusing).await;
    drop(guard);

    assert_eq!(summary, Summary { finalised: 6, failed: 6, postponed: 4, lost: 0 });
    let log = log.0.lock().unwrap();
    assert!(log.contains("the transcription server answers 400"), "{log}");
    assert!(log.contains("the recording host answers 500"), "{log}");
    for secret in
        [LIVE, TEXT, NUMBER, "s3cret", "k3y", "QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpzM2NyZXQ", "evil.example"]
    {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
