//! The query parameters of the list's form. Empty ones count as missing.

use axum::http::Uri;
use chrono::{NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{enums::CostBucket, twilio::CallStatus};
use sea_orm::{ActiveEnum, Iterable};
use url::form_urlencoded;

use super::super::{api, principal::Principal, problem::Problem, tokens::Scope};
use crate::queries::{self, Cursor, Filter};

/// The fields as the user filled them in.
#[derive(Debug, Default)]
pub(super) struct ListQuery {
    pub(super) chooses_business: bool,
    pub(super) business: String,
    pub(super) direction: String,
    pub(super) status: String,
    pub(super) bucket: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cursor: String,
}

/// An option of a select element.
#[derive(Debug)]
pub(super) struct SelectOption {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_selected: bool,
}

fn options(selected: &str, values: &[(&'static str, &'static str)]) -> Vec<SelectOption> {
    let option =
        |&(value, label): &(&'static str, &'static str)| SelectOption { value, label, is_selected: value == selected };
    values.iter().map(option).collect()
}

impl ListQuery {
    pub(super) fn new(uri: &Uri, principal: Principal) -> Self {
        let mut query = Self { chooses_business: principal.0 == Scope::All, ..Self::default() };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            let field = match name.as_ref() {
                "business" => &mut query.business,
                "direction" => &mut query.direction,
                "status" => &mut query.status,
                "bucket" => &mut query.bucket,
                "from" => &mut query.from,
                "to" => &mut query.to,
                "cursor" => &mut query.cursor,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        query
    }

    pub(super) fn directions(&self) -> Vec<SelectOption> {
        options(&self.direction, &[("", "any"), ("inbound", "inbound"), ("outbound", "outbound")])
    }

    pub(super) fn statuses(&self) -> Vec<SelectOption> {
        let mut all = vec![("", "any")];
        all.extend(CallStatus::iter().map(<&str>::from).map(|status| (status, status)));
        options(&self.status, &all)
    }

    pub(super) fn buckets(&self) -> Vec<SelectOption> {
        options(&self.bucket, &[("", "any"), ("LOW", "low"), ("MED", "medium"), ("HIGH", "high")])
    }

    /// The filter and the cursor; the last seven days and today if no day is given.
    pub(super) fn filter(&self, principal: Principal) -> Result<(Filter, Option<Cursor>), Problem> {
        let business = match self.business.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| Problem::bad_request("The business must be a number."))?),
        };
        let bucket = match self.bucket.as_str() {
            "" => None,
            "LOW" => Some(CostBucket::Low),
            "MED" => Some(CostBucket::Med),
            "HIGH" => Some(CostBucket::High),
            _ => return Err(Problem::bad_request("The cost must be low, medium or high.")),
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        let to = to.and_then(|day| day.checked_add_signed(TimeDelta::days(1)));
        let text = |name, text: &str| match text {
            "" => Ok(None),
            text => api::bounded_text(name, text.to_owned()).map(Some),
        };
        let filter = Filter {
            business_id: principal.business_id(business),
            direction: text("direction", &self.direction)?,
            status: text("status", &self.status)?,
            bucket,
            from: from.map(|day| day.and_time(NaiveTime::MIN)),
            to: to.map(|day| day.and_time(NaiveTime::MIN)),
        };
        let filter = match (filter.from, filter.to) {
            (None, None) => Filter { from: queries::last_seven_whole_days(Utc::now().naive_utc()).from, ..filter },
            (None, Some(to)) => Filter { from: queries::last_seven_whole_days(to).from, ..filter },
            (Some(_), None | Some(_)) => filter,
        };
        Ok((filter, self.after()?))
    }

    fn after(&self) -> Result<Option<Cursor>, Problem> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let cursor = self.cursor.parse::<Cursor>().ok().filter(|cursor| api::is_storable(&cursor.created_at));
        cursor.map(Some).ok_or_else(|| Problem::bad_request("This link is invalid: start at the first page."))
    }

    /// The link to this list, from a cursor on or from its start.
    pub(super) fn link(&self, cursor: Option<Cursor>) -> String {
        let cursor = cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
        self.link_with(&self.bucket, &cursor)
    }

    /// The link to the calls of this list in one bucket.
    pub(super) fn link_to_bucket(&self, bucket: CostBucket) -> String {
        self.link_with(&bucket.to_value(), "")
    }

    fn link_with(&self, bucket: &str, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let fields = [
            ("business", self.business.as_str()),
            ("direction", &self.direction),
            ("status", &self.status),
            ("bucket", bucket),
            ("from", &self.from),
            ("to", &self.to),
            ("cursor", cursor),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        format!("/calls?{}", query.finish())
    }
}

fn day(text: &str) -> Result<Option<NaiveDate>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse::<NaiveDate>().ok().filter(|day| api::is_storable(&day.and_time(NaiveTime::MIN)));
    day.map(Some).ok_or_else(|| Problem::bad_request("Write a day as 2026-01-31."))
}
