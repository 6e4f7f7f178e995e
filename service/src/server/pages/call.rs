//! The page of one call.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono_tz::Tz;
use sea_orm::DbErr;

use super::{
    super::{reads::Reads, state::AppState},
    chart::bucket_label,
    layout::{self, SchemaBadge},
    login::PagePrincipal,
    time::Time,
    zone::ReaderZone,
};
use crate::queries::{self, CallDetails};

#[derive(Debug, Template)]
#[template(path = "call.html")]
struct CallTemplate {
    schema: SchemaBadge,
    time: Option<Time>,
    facts: Vec<(&'static str, String)>,
    texts: Vec<(&'static str, String)>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    PagePrincipal(principal): PagePrincipal,
    ReaderZone(zone): ReaderZone,
    Path(call_sid): Path<String>,
) -> Response {
    let Ok(db) = app.read_db() else {
        return layout::message(&app, StatusCode::SERVICE_UNAVAILABLE, layout::unready(&app));
    };
    match find(db, &call_sid, principal.0.business_id()).await {
        Ok(Some(call)) => layout::render(StatusCode::OK, &CallTemplate::new(&app, call, zone)),
        Ok(None) => layout::message(&app, StatusCode::NOT_FOUND, "No such call.".to_owned()),
        Err(error) => layout::message(&app, StatusCode::SERVICE_UNAVAILABLE, layout::read_failed(&app, error)),
    }
}

async fn find(db: &Reads, call_sid: &str, business_id: Option<i32>) -> Result<Option<CallDetails>, DbErr> {
    if call_sid.chars().count() > 64 || call_sid.chars().any(char::is_control) {
        return Ok(None);
    }
    queries::by_sid(db, call_sid, business_id).await
}

impl CallTemplate {
    fn new(app: &AppState, details: CallDetails, zone: Tz) -> Self {
        let CallDetails { call, summary, transcription, final_transcript, .. } = details;
        let bucket = call.bucket();
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
            ("Cost", Some(bucket_label(bucket).1.to_owned())),
            ("Stream connections", count(call.stream_connect_count)),
            ("Stream", seconds(call.stream_duration_sec)),
            ("Recordings", count(call.recording_count)),
            ("Recording", seconds(call.audio_duration_sec)),
            ("Error 11205", count(call.webhook_11205_count)),
            ("Webhook retries", count(call.webhook_retry_count)),
            ("Service", details.extracted_service),
            ("City", details.extracted_city),
        ];
        let texts = [("Summary", summary), ("Transcript", final_transcript), ("Live transcript", transcription)];
        let present = |(name, value): (&'static str, Option<String>)| {
            value.filter(|value| !value.is_empty()).map(|value| (name, value))
        };
        Self {
            schema: SchemaBadge::new(app),
            time: call.created_at.map(|time| Time::new(time, zone)),
            facts: facts.into_iter().filter_map(present).collect(),
            texts: texts.into_iter().filter_map(present).collect(),
        }
    }
}
