//! The recent calls, with filters and a chart.

use askama::Template;
use axum::{
    extract::{OriginalUri, State as Given},
    http::StatusCode,
    response::Response,
};
use chrono::TimeDelta;
use sea_orm::DbErr;
use sea_orm_connect::PoolerSafe;
use url::form_urlencoded;

use super::{
    super::app::App,
    asked::AskedOfPage,
    chart::{Chart, named},
    login::Viewer,
    shell::{self, SchemaShown},
};
use crate::queries::{self, CallSummary, Cursor, Filter};

/// How many calls a page has.
const MOST: u64 = 50;

/// As much as a chart shows.
const CHARTED: TimeDelta = TimeDelta::days(366);

#[derive(Debug, Template)]
#[template(path = "calls.html")]
struct Calls {
    schema: SchemaShown,
    asked: AskedOfPage,
    message: Option<String>,
    chart: Option<Chart>,
    is_too_long_for_chart: bool,
    rows: Vec<Row>,
    newest: Option<String>,
    older: Option<String>,
}

#[derive(Debug)]
struct Row {
    link: Option<String>,
    time: String,
    from: String,
    to: String,
    status: String,
    seconds: String,
    class: &'static str,
    bucket: &'static str,
    reconnects: i32,
    recordings: i32,
    unreachable: i32,
    retries: i32,
}

impl From<CallSummary> for Row {
    fn from(call: CallSummary) -> Self {
        let (class, bucket) = named(call.bucket());
        Self {
            link: call.call_sid.as_deref().map(address),
            time: call.created_at.map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default(),
            from: call.from_number.unwrap_or_default(),
            to: call.to_number.unwrap_or_default(),
            status: call.status.unwrap_or_default(),
            seconds: call.duration.map(|seconds| seconds.to_string()).unwrap_or_default(),
            class,
            bucket,
            reconnects: (call.stream_connect_count.unwrap_or_default() - 1).max(0),
            recordings: call.recording_count.unwrap_or_default(),
            unreachable: call.webhook_11205_count.unwrap_or_default(),
            retries: call.webhook_retry_count.unwrap_or_default(),
        }
    }
}

/// Where the page of a call is.
fn address(call_sid: &str) -> String {
    // What a form writes as `+` is `%20` in a path.
    let call_sid: String = form_urlencoded::byte_serialize(call_sid.as_bytes()).collect();
    format!("/calls/{}", call_sid.replace('+', "%20"))
}

pub(super) async fn show(Given(app): Given<App>, Viewer(caller): Viewer, OriginalUri(uri): OriginalUri) -> Response {
    let asked = AskedOfPage::of(&uri, caller);
    let mut calls = Calls {
        schema: SchemaShown::of(&app),
        asked,
        message: None,
        chart: None,
        is_too_long_for_chart: false,
        rows: Vec::new(),
        newest: None,
        older: None,
    };
    let status = match calls.asked.filter(caller) {
        Err(problem) => {
            calls.message = problem.detail().map(str::to_owned);
            StatusCode::BAD_REQUEST
        }
        Ok((filter, after)) => fill(&app, &mut calls, &filter, after).await,
    };
    shell::page(status, &calls)
}

async fn fill(app: &App, calls: &mut Calls, filter: &Filter, after: Option<Cursor>) -> StatusCode {
    let Some(db) = app.db() else {
        calls.message = Some(shell::not_now(app));
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    calls.is_too_long_for_chart = !fits_into_chart(filter);
    match read(db, filter, after).await {
        Ok((page, chart)) => {
            calls.older = page.next.map(|next| calls.asked.link(Some(next)));
            calls.newest = after.map(|_| calls.asked.link(None));
            calls.rows = page.calls.into_iter().map(Into::into).collect();
            calls.chart = chart;
            StatusCode::OK
        }
        Err(error) => {
            calls.message = Some(shell::failed(app, &error));
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn read(
    db: &PoolerSafe,
    filter: &Filter,
    after: Option<Cursor>,
) -> Result<(queries::Page, Option<Chart>), DbErr> {
    let page = queries::calls(db, filter, after, MOST).await?;
    let chart = if fits_into_chart(filter) { Chart::of(&queries::costs(db, filter).await?) } else { None };
    Ok((page, chart))
}

fn fits_into_chart(filter: &Filter) -> bool {
    let to = filter.to.unwrap_or_else(|| chrono::Utc::now().naive_utc());
    filter.from.is_some_and(|from| to - from <= CHARTED)
}
