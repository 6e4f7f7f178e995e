//! What a request asks for, checked before the database sees it.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use chrono::{DateTime, Datelike, NaiveDateTime, SubsecRound, TimeDelta};
use entity::enums::CostBucket;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::super::{problem::Problem, tokens::Caller};
use crate::queries::{Cursor, Filter};

/// How many calls a page has, if nothing else is asked for.
const USUAL: u64 = 50;

/// As many as a page may have.
const MOST: u64 = 500;

/// Estimated cost of a call.
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

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Listed {
    /// Calls of this business only.
    pub(super) business: Option<i32>,
    /// `inbound` or `outbound`.
    #[param(max_length = 32)]
    pub(super) direction: Option<String>,
    /// The last status that was heard, such as `completed`.
    #[param(max_length = 32)]
    pub(super) status: Option<String>,
    /// Final calls with this cost.
    #[param(inline)]
    pub(super) bucket: Option<Bucket>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// How many calls; 50 if nothing is said.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u64>,
}

/// Which part of a list, between two times.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Ranged {
    /// Calls made then or later; RFC 3339.
    #[param(format = DateTime)]
    pub(super) from: String,
    /// Calls made before; RFC 3339.
    #[param(format = DateTime)]
    pub(super) to: String,
    /// Calls of this business only.
    pub(super) business: Option<i32>,
    /// `inbound` or `outbound`.
    #[param(max_length = 32)]
    pub(super) direction: Option<String>,
    /// The last status that was heard, such as `completed`.
    #[param(max_length = 32)]
    pub(super) status: Option<String>,
    /// Final calls with this cost.
    #[param(inline)]
    pub(super) bucket: Option<Bucket>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// How many calls; 50 if nothing is said.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<u64>,
}

/// Which calls are summed up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Summed {
    /// Calls made then or later; RFC 3339. Seven days before `to` if nothing is said.
    #[param(format = DateTime)]
    pub(super) from: Option<String>,
    /// Calls made before; RFC 3339. At most 366 days after `from`; now if nothing is said.
    #[param(format = DateTime)]
    pub(super) to: Option<String>,
    /// Calls of this business only.
    pub(super) business: Option<i32>,
    /// `inbound` or `outbound`.
    #[param(max_length = 32)]
    pub(super) direction: Option<String>,
}

/// [`Query`] whose errors are problem details.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

/// Of the caller's own business, or of the one that is asked for.
pub(super) fn filter(
    caller: Caller,
    business: Option<i32>,
    direction: Option<String>,
    status: Option<String>,
) -> Result<Filter, Problem> {
    if let (Some(own), Some(asked)) = (caller.0.business_id(), business)
        && own != asked
    {
        return Err(Problem::forbidden("this token is for another business"));
    }
    Ok(Filter {
        business_id: caller.business_id(business),
        direction: direction.map(|text| plain("direction", text)).transpose()?,
        status: status.map(|text| plain("status", text)).transpose()?,
        ..Filter::default()
    })
}

/// A text that a column could hold.
pub(in super::super) fn plain(name: &str, text: String) -> Result<String, Problem> {
    let is_plain = text.chars().count() <= 32 && !text.chars().any(char::is_control);
    if is_plain { Ok(text) } else { Err(Problem::bad_request(format!("`{name}` is no text of at most 32 letters"))) }
}

/// A point in time, as the database keeps it.
pub(in super::super) fn point_in_time(name: &str, text: &str) -> Result<NaiveDateTime, Problem> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.naive_utc().trunc_subsecs(6));
    time.ok().filter(within_reason).ok_or_else(|| {
        // What a `+` becomes that stands for itself.
        let hint = if text.contains(' ') { "; a `+` in an address is written as `%2B`" } else { "" };
        Problem::bad_request(format!(
            "`{name}` is no time of RFC 3339 between 1970 and 9998, such as 2026-01-31T00:00:00Z{hint}"
        ))
    })
}

/// A time that every database can hold.
pub(in super::super) fn within_reason(time: &NaiveDateTime) -> bool {
    (1970..=9998).contains(&time.year())
}

/// Two times, the earlier first.
pub(in super::super) fn between(from: NaiveDateTime, to: NaiveDateTime, most: TimeDelta) -> Result<(), Problem> {
    if to < from {
        return Err(Problem::bad_request("`to` is before `from`"));
    }
    if to - from > most {
        return Err(Problem::bad_request(format!("`to` is more than {} days after `from`", most.num_days())));
    }
    Ok(())
}

pub(super) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let cursor = text.parse::<Cursor>().ok().filter(|cursor| within_reason(&cursor.created_at));
    cursor.map(Some).ok_or_else(|| Problem::bad_request("`cursor` is not one that a page gave as its `next`"))
}

pub(super) fn limit(asked: Option<u64>) -> Result<u64, Problem> {
    let limit = asked.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(Problem::bad_request("`limit` is not between 1 and 500")) }
}
