//! Errors as RFC 9457 problem details. They never contain database messages.

use std::time::Duration;

use axum::{
    Json,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use sea_orm::{ConnAcquireErr, DbErr, SqlErr, SqlxError};
use sea_orm_connect::{ErrorKind, driver_error};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type.
pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// `Retry-After` while the service is not ready.
pub(super) const RETRY_AFTER_UNREADY: Duration = Duration::from_secs(5);

/// An error response: the status, and what was wrong.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    detail: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    is_of_database: bool,
}

/// The body of an error response; `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Always `about:blank`: the status is the type.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The name of the status.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was wrong with this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Response extension: a database error caused this response.
#[derive(Clone, Copy, Debug)]
pub(super) struct DatabaseFailed;

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: Some(detail.into()), headers: Vec::new(), is_of_database: false }
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, detail);
        problem.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        problem
    }

    /// What was wrong.
    pub(super) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// A failed read. One that takes too long, or finds all connections for reading in use, says nothing about the database.
    pub(super) fn of_read(error: DbErr) -> Self {
        if ErrorKind::is_time_out(&error) {
            tracing::warn!("a read took longer than `database.read_timeout`");
            return Self::unavailable("this takes too long: narrow it by a shorter range or a business");
        }
        if matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) {
            tracing::warn!("all of `database.read_connections` are in use");
            return Self::unavailable("too many reads at the same time: try again");
        }
        error.into()
    }

    /// Whether a database error caused it that the schema may explain.
    pub(super) fn is_of_database(&self) -> bool {
        self.is_of_database
    }

    /// 503 with `Retry-After`: a temporary failure, or one that an operator fixes.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        problem.headers.push((RETRY_AFTER, HeaderValue::from(RETRY_AFTER_UNREADY.as_secs())));
        problem
    }
}

/// An unknown business is the client's error. All other database errors may be temporary: it is unreachable, or its schema
/// changed.
impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        tracing::error!(error = redacted(&error), "database error");
        if let Some(SqlErr::ForeignKeyConstraintViolation(_)) = error.sql_err() {
            return Self::bad_request("unknown business");
        }
        let problem = Self::unavailable("the database is unavailable");
        Self { is_of_database: true, ..problem }
    }
}

/// The message of a database error without data from rows, which servers quote.
pub fn redacted(error: &DbErr) -> String {
    let Some(cause) = driver_error(error) else { return error.to_string() };
    match cause {
        SqlxError::Database(cause) => {
            let code = cause.code().unwrap_or_default();
            // SQLSTATE class 42 and SQLite's code 1 name unknown tables and columns, which are not secret.
            let is_of_schema = code.starts_with("42") || code == "1";
            let constraint = cause.constraint().map(|name| format!(", constraint {name}")).unwrap_or_default();
            if is_of_schema { format!("{code}: {}", cause.message()) } else { format!("code {code}{constraint}") }
        }
        other => other.to_string(),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
        response.headers_mut().extend(self.headers);
        if self.is_of_database {
            response.extensions_mut().insert(DatabaseFailed);
        }
        response
    }
}
