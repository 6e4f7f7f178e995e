//! What every page has around it: the state of the schema, and a status that says whether there is anything else.

use askama::Template;
use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Response},
};
use sea_orm::DbErr;

use super::super::{
    app::App,
    problem::{RETRY, told},
    schema_watch::State,
};

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
            State::ReadOnly => "the database takes no writes".to_owned(),
            State::NotMigrated(_) => "the migrations cannot be applied".to_owned(),
            State::NotCompared(_) => "cannot be compared".to_owned(),
            State::Drifted(_) => format!("drifted, {} differences would break this program", state.missing().len()),
            State::Fits(_) => match state.word() {
                "pending" => "a migration is pending".to_owned(),
                "differs" => "fits, with differences".to_owned(),
                _ => "in sync".to_owned(),
            },
        };
        Self { word: state.word(), words, report }
    }
}

/// A page that says only this.
#[derive(Debug, Template)]
#[template(path = "message.html")]
struct Message {
    schema: SchemaShown,
    message: String,
}

pub(super) fn message(app: &App, status: StatusCode, message: String) -> Response {
    page(status, &Message { schema: SchemaShown::of(app), message })
}

/// Why nothing is shown while this is not ready.
pub(super) fn not_now(app: &App) -> String {
    format!("Nothing can be shown now: {}.", app.schema().state().missing().join(", "))
}

/// The same for a database that failed, which is looked into.
pub(super) fn failed(app: &App, error: &DbErr) -> String {
    tracing::error!(error = told(error), "the database failed");
    app.schema().poke();
    "The database cannot be used now.".to_owned()
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
