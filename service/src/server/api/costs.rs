//! Summary of costs.

use axum::{Json, extract::State};
use chrono::{TimeDelta, Utc};

use super::{
    super::{
        principal::Principal,
        problem::{Problem, ProblemBody},
        state::AppState,
    },
    query::{SummaryParams, ValidQuery, check_range, filter, parse_time},
    views::CostsView,
};
use crate::queries::{self, Filter};

/// The longest range of a summary.
const MAX_RANGE: TimeDelta = TimeDelta::days(366);

/// Calls, seconds, reconnects and recordings by day and cost, oldest day first.
#[utoipa::path(get, path = "/api/costs/summary", tag = "costs", params(SummaryParams), security(("token" = [])), responses(
    (status = OK, description = "the sums", body = [CostsView]),
    (status = BAD_REQUEST, description = "invalid parameter", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "missing or invalid token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "the token is for another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "the service is not ready", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn summary(
    State(app): State<AppState>,
    principal: Principal,
    ValidQuery(params): ValidQuery<SummaryParams>,
) -> Result<Json<Vec<CostsView>>, Problem> {
    let time = |name, text: Option<&str>| text.map(|text| parse_time(name, text)).transpose();
    let (from, to) = (time("from", params.from.as_deref())?, time("to", params.to.as_deref())?);
    let until = to.unwrap_or(Utc::now().naive_utc());
    let from = from.or(queries::last_seven_whole_days(until).from);
    if let Some(from) = from {
        check_range(from, until, MAX_RANGE)?;
    }
    let filter = Filter { from, to, ..filter(principal, params.business, params.direction, None)? };
    let costs = app.call_cost_reader().read(app.read_db()?, &filter).await.map_err(Problem::of_read)?;
    Ok(Json(costs.into_iter().map(Into::into).collect()))
}
