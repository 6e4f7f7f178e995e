//! One call, with its texts.

use askama::Template;
use axum::{
    extract::{Path, State as Given},
    http::StatusCode,
    response::Response,
};
use sea_orm::DbErr;
use sea_orm_connect::PoolerSafe;

use super::{
    super::app::App,
    chart::named,
    login::Viewer,
    shell::{self, SchemaShown},
};
use crate::queries::{self, WholeCall};

#[derive(Debug, Template)]
#[template(path = "call.html")]
struct Call {
    schema: SchemaShown,
    time: String,
    facts: Vec<(&'static str, String)>,
    texts: Vec<(&'static str, String)>,
}

pub(super) async fn show(Given(app): Given<App>, Viewer(caller): Viewer, Path(call_sid): Path<String>) -> Response {
    let Some(db) = app.db() else {
        return shell::message(&app, StatusCode::SERVICE_UNAVAILABLE, shell::not_now(&app));
    };
    match find(db, &call_sid, caller.0.business_id()).await {
        Ok(Some(call)) => shell::page(StatusCode::OK, &Call::of(&app, call)),
        Ok(None) => shell::message(&app, StatusCode::NOT_FOUND, "There is no such call.".to_owned()),
        Err(error) => shell::message(&app, StatusCode::SERVICE_UNAVAILABLE, shell::failed(&app, &error)),
    }
}

async fn find(db: &PoolerSafe, call_sid: &str, business_id: Option<i32>) -> Result<Option<WholeCall>, DbErr> {
    if call_sid.chars().count() > 64 || call_sid.chars().any(char::is_control) {
        return Ok(None);
    }
    queries::by_sid(db, call_sid, business_id).await
}

impl Call {
    fn of(app: &App, whole: WholeCall) -> Self {
        let WholeCall { call, summary, transcription, final_transcript, .. } = whole;
        let bucket = call.bucket();
        let time = call.created_at.map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default();
        let seconds = |seconds: Option<f64>| seconds.map(|seconds| format!("{seconds:.1} s"));
        let count = |count: Option<i32>| Some(count.unwrap_or_default().to_string());
        let facts = [
            ("Call", call.call_sid),
            ("Business", Some(call.business_id.to_string())),
            ("From", call.from_number),
            ("To", call.to_number),
            ("Direction", call.direction),
            ("Status", call.status),
            ("Length", call.duration.map(|seconds| format!("{seconds} s"))),
            ("Cost", Some(named(bucket).1.to_owned())),
            ("Stream connections", count(call.stream_connect_count)),
            ("Stream", seconds(call.stream_duration_sec)),
            ("Recordings", count(call.recording_count)),
            ("Recording", seconds(call.audio_duration_sec)),
            ("Error 11205", count(call.webhook_11205_count)),
            ("Webhooks sent again", count(call.webhook_retry_count)),
            ("Service", whole.extracted_service),
            ("City", whole.extracted_city),
        ];
        let texts = [("Summary", summary), ("Transcript", final_transcript), ("Live transcript", transcription)];
        let given = |(name, value): (&'static str, Option<String>)| {
            value.filter(|value| !value.is_empty()).map(|value| (name, value))
        };
        Self {
            schema: SchemaShown::of(app),
            time,
            facts: facts.into_iter().filter_map(given).collect(),
            texts: texts.into_iter().filter_map(given).collect(),
        }
    }
}
