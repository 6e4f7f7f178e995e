//! Query parameters, validated before they reach the database.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use chrono::{DateTime, Datelike, NaiveDateTime, SubsecRound, TimeDelta};
use entity::enums::CostBucket;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::super::{principal::Principal, problem::Problem};
use crate::queries::{Cursor, Filter};

/// Calls per page unless `limit` is given.
const DEFAULT_LIMIT: u64 = 50;

/// Most calls per page.
const MAX_LIMIT: u64 = 500;

/// How costly a call is estimated to have been, in three ranks: the [`CostBucket`] of the entity, as the API writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in super::super) enum Bucket {
    Low,
    Med,
    High,
}

impl From<Bucket> for CostBucket {
    fn from(bucket: Bucket) -> Self {
        match bucket {
            Bucket::Low => Self::Low,
            Bucket::Med => Self::Med,
            Bucket::High => Self::High,
        }
    }
}

impl From<CostBucket> for Bucket {
    fn from(bucket: CostBucket) -> Self {
        match bucket {
            CostBucket::Low => Self::Low,
            CostBucket::Med => Self::Med,
            CostBucket::High => Self::High,
        }
    }
}

/// Parameters of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Calls of this business only.
    pub(super) business: Option<i32>,
    /// `inbound` or `outbound`.
    #[param(max_length = 32)]
    pub(super) direction: Option<String>,
    /// Last reported status, such as `completed`.
    #[param(max_length = 32)]
    pub(super) status: Option<String>,
    /// Final calls with this cost.
    #[param(inline)]
    pub(super) bucket: Option<Bucket>,
    /// `next` of the previous page.
    pub(super) cursor: Option<String>,
    /// How many calls; default 50.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u64>,
}

/// Parameters of a list between two times.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RangeParams {
    /// Calls made at this time or later; RFC 3339.
    #[param(format = DateTime)]
    pub(super) from: String,
    /// Calls made before this time; RFC 3339.
    #[param(format = DateTime)]
    pub(super) to: String,
    /// Calls of this business only.
    pub(super) business: Option<i32>,
    /// `inbound` or `outbound`.
    #[param(max_length = 32)]
    pub(super) direction: Option<String>,
    /// Last reported status, such as `completed`.
    #[param(max_length = 32)]
    pub(super) status: Option<String>,
    /// Final calls with this cost.
    #[param(inline)]
    pub(super) bucket: Option<Bucket>,
    /// `next` of the previous page.
    pub(super) cursor: Option<String>,
    /// How many calls; default 50.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u64>,
}

/// Parameters of a summary.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SummaryParams {
    /// Calls made at this time or later; RFC 3339; default: the beginning of the day (UTC) seven days before `to`.
    #[param(format = DateTime)]
    pub(super) from: Option<String>,
    /// Calls made before this time; RFC 3339, at most 366 days after `from`; default: now.
    #[param(format = DateTime)]
    pub(super) to: Option<String>,
    /// Calls of this business only.
    pub(super) business: Option<i32>,
    /// `inbound` or `outbound`.
    #[param(max_length = 32)]
    pub(super) direction: Option<String>,
}

/// [`Query`] whose rejection is a problem.
#[derive(Debug)]
pub(super) struct ValidQuery<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ValidQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

/// The filter for the principal's own business, or for the requested one if they may read all.
pub(super) fn filter(
    principal: Principal,
    business: Option<i32>,
    direction: Option<String>,
    status: Option<String>,
) -> Result<Filter, Problem> {
    if let (Some(own), Some(requested)) = (principal.0.business_id(), business)
        && own != requested
    {
        return Err(Problem::forbidden("this token is for another business"));
    }
    Ok(Filter {
        business_id: principal.business_id(business),
        direction: direction.map(|text| bounded_text("direction", text)).transpose()?,
        status: status.map(|text| bounded_text("status", text)).transpose()?,
        ..Filter::default()
    })
}

/// Text that fits its column.
pub(in super::super) fn bounded_text(name: &str, text: String) -> Result<String, Problem> {
    let is_valid = text.chars().count() <= 32 && !text.chars().any(char::is_control);
    if is_valid {
        Ok(text)
    } else {
        Err(Problem::bad_request(format!("`{name}` must be text of at most 32 characters")))
    }
}

/// A time as the database stores it.
pub(super) fn parse_time(name: &str, text: &str) -> Result<NaiveDateTime, Problem> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.naive_utc().trunc_subsecs(6));
    time.ok().filter(is_storable).ok_or_else(|| {
        // A `+` in a query stands for a space.
        let hint = if text.contains(' ') { "; encode `+` as `%2B`" } else { "" };
        Problem::bad_request(format!(
            "`{name}` must be an RFC 3339 time between 1970 and 9998, such as 2026-01-31T00:00:00Z{hint}"
        ))
    })
}

/// Whether every supported database can store this time.
pub(in super::super) fn is_storable(time: &NaiveDateTime) -> bool {
    (1970..=9998).contains(&time.year())
}

/// Checks that `from` is not after `to`, and the range not longer than `max`.
pub(super) fn check_range(from: NaiveDateTime, to: NaiveDateTime, max: TimeDelta) -> Result<(), Problem> {
    if to < from {
        return Err(Problem::bad_request("`to` is before `from`"));
    }
    if to - from > max {
        return Err(Problem::bad_request(format!("`to` is more than {} days after `from`", max.num_days())));
    }
    Ok(())
}

pub(super) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let cursor = text.parse::<Cursor>().ok().filter(|cursor| is_storable(&cursor.created_at));
    cursor.map(Some).ok_or_else(|| Problem::bad_request("`cursor` must be the `next` of a previous page"))
}

pub(super) fn limit(requested: Option<u64>) -> Result<u64, Problem> {
    let limit = requested.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::bad_request("`limit` must be between 1 and 500"))
    }
}
