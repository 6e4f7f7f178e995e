//! Lists of calls, and one call.

use axum::{
    Json,
    extract::{Path, State as Given},
};
use chrono::{TimeDelta, Utc};

use super::{
    super::{
        app::App,
        problem::{Problem, ProblemBody},
        tokens::Caller,
    },
    asked::{Asked, Listed, Ranged, between, cursor, filter, limit, point_in_time},
    views::{Page, WholeCall},
};
use crate::queries::{self, Filter};

/// The calls of the last seven days, newest first.
#[utoipa::path(get, path = "/api/calls/last7d", tag = "calls", params(Listed), security(("token" = [])), responses(
    (status = OK, description = "part of the list", body = Page),
    (status = BAD_REQUEST, description = "a parameter makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "no token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "a token of another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "not now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn last_seven_days(
    Given(app): Given<App>,
    caller: Caller,
    Asked(asked): Asked<Listed>,
) -> Result<Json<Page>, Problem> {
    let filter = Filter {
        bucket: asked.bucket.map(Into::into),
        from: queries::last_seven_days(Utc::now().naive_utc()).from,
        ..filter(caller, asked.business, asked.direction, asked.status)?
    };
    let (after, limit) = (cursor(asked.cursor.as_deref())?, limit(asked.limit)?);
    Ok(Json(queries::calls(app.ready()?, &filter, after, limit).await?.into()))
}

/// The calls between two times, newest first.
#[utoipa::path(get, path = "/api/calls/range", tag = "calls", params(Ranged), security(("token" = [])), responses(
    (status = OK, description = "part of the list", body = Page),
    (status = BAD_REQUEST, description = "a parameter makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "no token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "a token of another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "not now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn range(
    Given(app): Given<App>,
    caller: Caller,
    Asked(asked): Asked<Ranged>,
) -> Result<Json<Page>, Problem> {
    let (from, to) = (point_in_time("from", &asked.from)?, point_in_time("to", &asked.to)?);
    between(from, to, TimeDelta::MAX)?;
    let filter = Filter {
        bucket: asked.bucket.map(Into::into),
        from: Some(from),
        to: Some(to),
        ..filter(caller, asked.business, asked.direction, asked.status)?
    };
    let (after, limit) = (cursor(asked.cursor.as_deref())?, limit(asked.limit)?);
    Ok(Json(queries::calls(app.ready()?, &filter, after, limit).await?.into()))
}

/// One call, with its texts.
#[utoipa::path(get, path = "/api/calls/{call_sid}", tag = "calls", security(("token" = [])),
    params(("call_sid" = String, Path, description = "Twilio's id of the call")), responses(
    (status = OK, description = "the call", body = WholeCall),
    (status = BAD_REQUEST, description = "the path is no text", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "no token", body = ProblemBody, content_type = "application/problem+json"),
    (status = NOT_FOUND, description = "no such call of this business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "not now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn one(
    Given(app): Given<App>,
    caller: Caller,
    Path(call_sid): Path<String>,
) -> Result<Json<WholeCall>, Problem> {
    let unknown = || Problem::not_found("there is no such call");
    if call_sid.chars().count() > 64 || call_sid.chars().any(char::is_control) {
        return Err(unknown());
    }
    let call = queries::by_sid(app.ready()?, &call_sid, caller.0.business_id()).await?.ok_or_else(unknown)?;
    Ok(Json(call.into()))
}
