//! The frame of every page: the header with the schema's state, and the page that shows a message only.

use askama::Template;
use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Response},
};
use sea_orm::DbErr;

use super::super::{
    problem::{Problem, RETRY_AFTER_UNREADY},
    schema_state::SchemaState,
    state::AppState,
};

/// The schema's state in the header.
#[derive(Debug)]
pub(super) struct SchemaBadge {
    pub(super) class: &'static str,
    pub(super) label: String,
    pub(super) report: Option<String>,
}

impl SchemaBadge {
    pub(super) fn new(app: &AppState) -> Self {
        let state = app.schema_watch().state();
        let report = state.report().filter(|_| state.name() != "in-sync").map(ToString::to_string);
        let label = match state.as_ref() {
            SchemaState::Starting => "not checked yet".to_owned(),
            SchemaState::Unreachable(_) => "the database does not answer".to_owned(),
            SchemaState::ReadOnly => "the database takes no writes".to_owned(),
            SchemaState::NotMigrated(_) => "a migration failed".to_owned(),
            SchemaState::NotCompared(_) => "cannot be read".to_owned(),
            SchemaState::Drifted(_) => format!("drifted: {} differences break this program", state.missing().len()),
            SchemaState::Fits(_) => match state.name() {
                "pending" => "a migration is pending".to_owned(),
                "differs" => "fits, with differences".to_owned(),
                _ => "in sync".to_owned(),
            },
        };
        Self { class: state.name(), label, report }
    }
}

/// A page with a message only.
#[derive(Debug, Template)]
#[template(path = "message.html")]
struct Message {
    schema: SchemaBadge,
    message: String,
}

pub(super) fn message(app: &AppState, status: StatusCode, message: String) -> Response {
    render(status, &Message { schema: SchemaBadge::new(app), message })
}

/// The message while the service is not ready.
pub(super) fn unready(app: &AppState) -> String {
    format!("The service is not ready: {}.", app.schema_watch().state().missing().join(", "))
}

/// The message after a failed read; requests a schema check if the schema may be the cause.
pub(super) fn read_failed(app: &AppState, error: DbErr) -> String {
    let problem = Problem::of_read(error);
    if problem.is_of_database() {
        app.schema_watch().request_check();
    }
    sentence(problem.detail().unwrap_or_default())
}

fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// Renders a page.
pub(super) fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) if status == StatusCode::SERVICE_UNAVAILABLE => {
            (status, [(RETRY_AFTER, RETRY_AFTER_UNREADY.as_secs().to_string())], Html(html)).into_response()
        }
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot render a page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
