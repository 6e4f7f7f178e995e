//! What every page has around it: the state of the schema, and a status that says whether there is anything else.

use askama::Template;
use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Response},
};

use super::super::{app::App, problem::RETRY, schema_watch::State};

/// The state of the schema, as the header shows it.
#[derive(Debug)]
pub(super) struct SchemaShown {
    pub(super) word: &'static str,
    pub(super) words: String,
    pub(super) report: Option<String>,
}

impl SchemaShown {
    pub(super) fn of(app: &App) -> Self {
        let state = app.schema().state();
        let report = state.report().filter(|_| state.word() != "in-sync").map(ToString::to_string);
        let words = match state.as_ref() {
            State::Starting => "not looked at yet".to_owned(),
            State::Unreachable(_) => "the database does not answer".to_owned(),
            State::NotCompared(_) => "cannot be compared".to_owned(),
            State::Drifted(_) => format!("drifted, {} differences would break this program", state.missing().len()),
            State::Fits(_) if state.word() == "pending" => "a migration is pending".to_owned(),
            State::Fits(_) => "in sync".to_owned(),
        };
        Self { word: state.word(), words, report }
    }
}

/// A page with a status.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) if status == StatusCode::SERVICE_UNAVAILABLE => {
            (status, [(RETRY_AFTER, RETRY.as_secs().to_string())], Html(html)).into_response()
        }
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
