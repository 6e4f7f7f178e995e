//! The page with a list of calls, filters and a chart.

use askama::Template;
use axum::{
    extract::{OriginalUri, State},
    http::StatusCode,
    response::Response,
};
use chrono::TimeDelta;
use chrono_tz::Tz;
use futures_util::future::join;
use url::form_urlencoded;

use super::{
    super::state::AppState,
    chart::{self, Chart, Total, bucket_label},
    layout::{self, SchemaBadge},
    login::PagePrincipal,
    query::ListQuery,
    time::Time,
    zone::ReaderZone,
};
use crate::queries::{self, CallSummary, Cursor, Filter};

/// How many calls a page lists.
const PAGE_SIZE: u64 = 50;

/// The longest range that the chart shows.
const MAX_CHART_RANGE: TimeDelta = TimeDelta::days(366);

#[derive(Debug, Template)]
#[template(path = "calls.html")]
struct ListTemplate {
    schema: SchemaBadge,
    query: ListQuery,
    message: Option<String>,
    chart: Option<Chart>,
    totals: Vec<Total>,
    chart_failed: bool,
    is_too_long_for_chart: bool,
    rows: Vec<Row>,
    newest: Option<String>,
    older: Option<String>,
}

#[derive(Debug)]
struct Row {
    link: Option<String>,
    time: Option<Time>,
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

impl Row {
    fn new(call: CallSummary, zone: Tz) -> Self {
        let (class, bucket) = bucket_label(call.bucket());
        Self {
            link: call.call_sid.as_deref().map(call_path),
            time: call.created_at.map(|time| Time::new(time, zone)),
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

/// The path of a call's page.
fn call_path(call_sid: &str) -> String {
    // Form encoding writes a space as `+`, a path needs `%20`.
    let call_sid: String = form_urlencoded::byte_serialize(call_sid.as_bytes()).collect();
    format!("/calls/{}", call_sid.replace('+', "%20"))
}

pub(super) async fn show(
    State(app): State<AppState>,
    PagePrincipal(principal): PagePrincipal,
    ReaderZone(zone): ReaderZone,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let query = ListQuery::new(&uri, principal);
    let mut list = ListTemplate {
        schema: SchemaBadge::new(&app),
        query,
        message: None,
        chart: None,
        totals: Vec::new(),
        chart_failed: false,
        is_too_long_for_chart: false,
        rows: Vec::new(),
        newest: None,
        older: None,
    };
    let status = match list.query.filter(principal) {
        Err(problem) => {
            list.message = problem.detail().map(str::to_owned);
            StatusCode::BAD_REQUEST
        }
        Ok((filter, after)) => fill(&app, &mut list, &filter, after, zone).await,
    };
    layout::render(status, &list)
}

async fn fill(app: &AppState, list: &mut ListTemplate, filter: &Filter, after: Option<Cursor>, zone: Tz) -> StatusCode {
    let Ok(db) = app.read_db() else {
        list.message = Some(layout::unready(app));
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    list.is_too_long_for_chart = !fits_chart(filter);
    let costs =
        async { if list.is_too_long_for_chart { None } else { Some(app.call_cost_reader().read(db, filter).await) } };
    let (page, costs) = join(queries::calls(db, filter, after, PAGE_SIZE), costs).await;
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            list.message = Some(layout::read_failed(app, error));
            return StatusCode::SERVICE_UNAVAILABLE;
        }
    };
    list.older = page.next.map(|next| list.query.link(Some(next)));
    list.newest = after.map(|_| list.query.link(None));
    list.rows = page.calls.into_iter().map(|call| Row::new(call, zone)).collect();
    match costs {
        Some(Ok(costs)) => {
            list.chart = Chart::new(&costs);
            list.totals = chart::totals(&costs, |bucket| list.query.link_to_bucket(bucket));
        }
        Some(Err(error)) => {
            layout::read_failed(app, error);
            list.chart_failed = true;
        }
        None => {}
    }
    StatusCode::OK
}

fn fits_chart(filter: &Filter) -> bool {
    let to = filter.to.unwrap_or_else(|| chrono::Utc::now().naive_utc());
    filter.from.is_some_and(|from| to - from <= MAX_CHART_RANGE)
}
