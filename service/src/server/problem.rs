//! Errors as RFC 9457 problem details. Nothing that a database says gets into one.

use std::time::Duration;

use axum::{
    Json,
    extract::Request,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use sea_orm::{DbErr, SqlErr, SqlxError};
use sea_orm_connect::driver_error;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// When to come back to a service that is not ready.
pub(super) const RETRY: Duration = Duration::from_secs(5);

/// An error that a client is told; the status, and what was wrong.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    detail: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    is_of_database: bool,
}

/// What is sent; `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Always `about:blank`: the status says what kind of problem it is.
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

/// Marks an answer that a failing database is the cause of.
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

    /// Something that passes, or that an operator mends.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        problem.headers.push((RETRY_AFTER, HeaderValue::from(RETRY.as_secs())));
        problem
    }
}

/// A row that belongs to nobody is refused for good. Otherwise a database that fails is one that cannot be reached, or one
/// whose schema is not what it was: both may pass.
impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        tracing::error!(error = told(&error), "the database failed");
        if let Some(SqlErr::ForeignKeyConstraintViolation(_)) = error.sql_err() {
            return Self::bad_request("the database knows no such business");
        }
        let problem = Self::unavailable("the database cannot be used now");
        Self { is_of_database: true, ..problem }
    }
}

/// An error of a database without the values that a server may repeat in its message.
pub fn told(error: &DbErr) -> String {
    let Some(cause) = driver_error(error) else { return error.to_string() };
    match cause {
        SqlxError::Database(cause) => {
            let code = cause.code().unwrap_or_default();
            // An unknown column or table is named, and is nobody's secret: 42 of SQLSTATE, 1 of SQLite.
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

/// Gives every error its problem details, also those that others answered with.
pub(super) async fn everywhere(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_told = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        kind == PROBLEM_JSON || kind.as_bytes().starts_with(b"text/html") || kind == "application/json"
    });
    if is_told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, _) = response.into_parts();
    let detail = match status {
        StatusCode::NOT_FOUND => "there is nothing at this path",
        StatusCode::METHOD_NOT_ALLOWED => "this path takes another method",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body is of a type that is not taken here",
        StatusCode::INTERNAL_SERVER_ERROR => "the program failed; its log has more under the request's id",
        _ => "the request cannot be understood",
    };
    let mut answer = Problem::new(status, detail).into_response();
    for (name, value) in parts.headers.iter().filter(|(name, _)| !name.as_str().starts_with("content-")) {
        answer.headers_mut().insert(name, value.clone());
    }
    answer.extensions_mut().extend(parts.extensions);
    answer
}
