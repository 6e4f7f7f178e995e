//! Lists of calls, and one call.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{TimeDelta, Utc};

use super::{
    super::{
        principal::Principal,
        problem::{Problem, ProblemBody},
        state::AppState,
    },
    query::{ListParams, RangeParams, ValidQuery, check_range, cursor, filter, limit, parse_time},
    views::{CallDetailsView, CallPageView},
};
use crate::queries::{self, Filter};

/// The calls of the last seven days, newest first.
#[utoipa::path(get, path = "/api/calls/last7d", tag = "calls", params(ListParams), security(("token" = [])), responses(
    (status = OK, description = "part of the list", body = CallPageView),
    (status = BAD_REQUEST, description = "invalid parameter", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "missing or invalid token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "the token is for another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "the service is not ready", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn last_seven_days(
    State(app): State<AppState>,
    principal: Principal,
    ValidQuery(params): ValidQuery<ListParams>,
) -> Result<Json<CallPageView>, Problem> {
    let filter = Filter {
        bucket: params.bucket.map(Into::into),
        from: queries::last_seven_days(Utc::now().naive_utc()).from,
        ..filter(principal, params.business, params.direction, params.status)?
    };
    let (after, limit) = (cursor(params.cursor.as_deref())?, limit(params.limit)?);
    Ok(Json(queries::calls(app.read_db()?, &filter, after, limit).await.map_err(Problem::of_read)?.into()))
}

/// The calls between two times, newest first.
#[utoipa::path(get, path = "/api/calls/range", tag = "calls", params(RangeParams), security(("token" = [])), responses(
    (status = OK, description = "part of the list", body = CallPageView),
    (status = BAD_REQUEST, description = "invalid parameter", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "missing or invalid token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "the token is for another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "the service is not ready", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn range(
    State(app): State<AppState>,
    principal: Principal,
    ValidQuery(params): ValidQuery<RangeParams>,
) -> Result<Json<CallPageView>, Problem> {
    let (from, to) = (parse_time("from", &params.from)?, parse_time("to", &params.to)?);
    check_range(from, to, TimeDelta::MAX)?;
    let filter = Filter {
        bucket: params.bucket.map(Into::into),
        from: Some(from),
        to: Some(to),
        ..filter(principal, params.business, params.direction, params.status)?
    };
    let (after, limit) = (cursor(params.cursor.as_deref())?, limit(params.limit)?);
    Ok(Json(queries::calls(app.read_db()?, &filter, after, limit).await.map_err(Problem::of_read)?.into()))
}

/// One call, with its texts.
#[utoipa::path(get, path = "/api/calls/{call_sid}", tag = "calls", security(("token" = [])),
    params(("call_sid" = String, Path, description = "Twilio's id of the call")), responses(
    (status = OK, description = "the call", body = CallDetailsView),
    (status = BAD_REQUEST, description = "invalid path", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "missing or invalid token", body = ProblemBody, content_type = "application/problem+json"),
    (status = NOT_FOUND, description = "no such call, or it belongs to another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "the service is not ready", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn one(
    State(app): State<AppState>,
    principal: Principal,
    Path(call_sid): Path<String>,
) -> Result<Json<CallDetailsView>, Problem> {
    let unknown = || Problem::not_found("no such call");
    if call_sid.chars().count() > 64 || call_sid.chars().any(char::is_control) {
        return Err(unknown());
    }
    let call = queries::by_sid(app.read_db()?, &call_sid, principal.0.business_id())
        .await
        .map_err(Problem::of_read)?
        .ok_or_else(unknown)?;
    Ok(Json(call.into()))
}
