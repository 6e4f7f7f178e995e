//! What calls cost.

use axum::{Json, extract::State as Given};
use chrono::{TimeDelta, Utc};

use super::{
    super::{
        app::App,
        problem::{Problem, ProblemBody},
        tokens::Caller,
    },
    asked::{Asked, Summed, between, filter, point_in_time},
    views::Costs,
};
use crate::queries::{self, Filter};

/// As much as is summed up at once.
const MOST: TimeDelta = TimeDelta::days(366);

/// Calls, seconds, reconnects and recordings by day and cost, oldest day first.
#[utoipa::path(get, path = "/api/costs/summary", tag = "costs", params(Summed), security(("token" = [])), responses(
    (status = OK, description = "the sums", body = [Costs]),
    (status = BAD_REQUEST, description = "a parameter makes no sense", body = ProblemBody, content_type = "application/problem+json"),
    (status = UNAUTHORIZED, description = "no token", body = ProblemBody, content_type = "application/problem+json"),
    (status = FORBIDDEN, description = "a token of another business", body = ProblemBody, content_type = "application/problem+json"),
    (status = SERVICE_UNAVAILABLE, description = "not now", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn summary(
    Given(app): Given<App>,
    caller: Caller,
    Asked(asked): Asked<Summed>,
) -> Result<Json<Vec<Costs>>, Problem> {
    let time = |name, text: Option<&str>| text.map(|text| point_in_time(name, text)).transpose();
    let (from, to) = (time("from", asked.from.as_deref())?, time("to", asked.to.as_deref())?);
    let until = to.unwrap_or(Utc::now().naive_utc());
    let from = from.or(queries::last_seven_days(until).from);
    if let Some(from) = from {
        between(from, until, MOST)?;
    }
    let filter = Filter { from, to, ..filter(caller, asked.business, asked.direction, None)? };
    let costs = queries::costs(app.ready()?, &filter).await?;
    Ok(Json(costs.into_iter().map(Into::into).collect()))
}
