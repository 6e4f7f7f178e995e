//! What the form of the page asks for. What is empty is not asked for.

use axum::http::Uri;
use chrono::{NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{enums::CostBucket, twilio::CallStatus};
use sea_orm::Iterable;
use url::form_urlencoded;

use super::super::{
    api,
    problem::Problem,
    tokens::{Caller, Scope},
};
use crate::queries::{self, Cursor, Filter};

/// The fields as they were filled in.
#[derive(Debug, Default)]
pub(super) struct AskedOfPage {
    pub(super) chooses_business: bool,
    pub(super) business: String,
    pub(super) direction: String,
    pub(super) status: String,
    pub(super) bucket: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cursor: String,
}

/// A choice in a list.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) is_chosen: bool,
}

fn choices(chosen: &str, values: &[(&'static str, &'static str)]) -> Vec<Choice> {
    let choice = |&(value, label): &(&'static str, &'static str)| Choice { value, label, is_chosen: value == chosen };
    values.iter().map(choice).collect()
}

impl AskedOfPage {
    pub(super) fn of(uri: &Uri, caller: Caller) -> Self {
        let mut asked = Self { chooses_business: caller.0 == Scope::All, ..Self::default() };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            let field = match name.as_ref() {
                "business" => &mut asked.business,
                "direction" => &mut asked.direction,
                "status" => &mut asked.status,
                "bucket" => &mut asked.bucket,
                "from" => &mut asked.from,
                "to" => &mut asked.to,
                "cursor" => &mut asked.cursor,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        asked
    }

    pub(super) fn directions(&self) -> Vec<Choice> {
        choices(&self.direction, &[("", "any"), ("inbound", "inbound"), ("outbound", "outbound")])
    }

    pub(super) fn statuses(&self) -> Vec<Choice> {
        let mut all = vec![("", "any")];
        all.extend(CallStatus::iter().map(<&str>::from).map(|status| (status, status)));
        choices(&self.status, &all)
    }

    pub(super) fn buckets(&self) -> Vec<Choice> {
        choices(&self.bucket, &[("", "any"), ("LOW", "low"), ("MED", "medium"), ("HIGH", "high")])
    }

    /// The calls that are meant; of the last seven days, where no day is named.
    pub(super) fn filter(&self, caller: Caller) -> Result<(Filter, Option<Cursor>), Problem> {
        let business = match self.business.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| Problem::bad_request("The business is no number."))?),
        };
        let bucket = match self.bucket.as_str() {
            "" => None,
            "LOW" => Some(CostBucket::Low),
            "MED" => Some(CostBucket::Med),
            "HIGH" => Some(CostBucket::High),
            _ => return Err(Problem::bad_request("There is no such cost.")),
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        let to = to.and_then(|day| day.checked_add_signed(TimeDelta::days(1)));
        let text = |name, text: &str| match text {
            "" => Ok(None),
            text => api::plain(name, text.to_owned()).map(Some),
        };
        let filter = Filter {
            business_id: caller.business_id(business),
            direction: text("direction", &self.direction)?,
            status: text("status", &self.status)?,
            bucket,
            from: from.map(|day| day.and_time(NaiveTime::MIN)),
            to: to.map(|day| day.and_time(NaiveTime::MIN)),
        };
        let filter = match (filter.from, filter.to) {
            (None, None) => Filter { from: queries::last_seven_days(Utc::now().naive_utc()).from, ..filter },
            (None, Some(to)) => Filter { from: queries::last_seven_days(to).from, ..filter },
            (Some(_), None | Some(_)) => filter,
        };
        Ok((filter, self.after()?))
    }

    fn after(&self) -> Result<Option<Cursor>, Problem> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let cursor = self.cursor.parse::<Cursor>().ok().filter(|cursor| api::within_reason(&cursor.created_at));
        cursor.map(Some).ok_or_else(|| Problem::bad_request("There is no such page."))
    }

    /// The address of this list from a cursor on, or from its beginning.
    pub(super) fn link(&self, cursor: Option<Cursor>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let cursor = cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
        let fields = [
            ("business", &self.business),
            ("direction", &self.direction),
            ("status", &self.status),
            ("bucket", &self.bucket),
            ("from", &self.from),
            ("to", &self.to),
            ("cursor", &cursor),
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
    let day = text.parse::<NaiveDate>().ok().filter(|day| api::within_reason(&day.and_time(NaiveTime::MIN)));
    day.map(Some).ok_or_else(|| Problem::bad_request("A day is written as 2026-01-31."))
}
