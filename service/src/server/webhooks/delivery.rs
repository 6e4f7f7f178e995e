//! One webhook as it arrived: bounded in size and time, signed by Twilio, its parameters apart. Unknown ones are no error.

use std::time::Duration;

use axum::{
    body::to_bytes,
    extract::{FromRequest, OriginalUri, Request},
    http::{StatusCode, header::CONTENT_TYPE},
};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use url::form_urlencoded;

use super::{
    super::{app::App, problem::Problem},
    signature,
};
use crate::mutations::Call;

/// As large as a body may be.
const MOST_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive. Twilio hears an answer before its own 15 seconds are over.
const PATIENCE: Duration = Duration::from_secs(5);

/// As long as a number in the table may be.
const NUMBER: usize = 64;

/// How far a time that Twilio names may be from now, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// A webhook that Twilio sent.
#[derive(Debug)]
pub(super) struct Delivery {
    parameters: Vec<(String, String)>,
    business_id: Option<i32>,
    /// When it was received, UTC.
    received: NaiveDateTime,
}

impl FromRequest<App> for Delivery {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let config = app.config();
        let (Some(token), Some(public_url)) = (&config.twilio.auth_token, &config.public_url) else {
            tracing::error!("webhooks are refused until `twilio.auth_token` and `public_url` are configured");
            let detail = "no webhook can be verified: `twilio.auth_token` and `public_url` must be configured";
            return Err(Problem::unavailable(detail));
        };
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        if !kind.to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded") {
            let detail = "a webhook is a form: application/x-www-form-urlencoded";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let header = parts.headers.get("x-twilio-signature").and_then(|header| header.to_str().ok());
        let header = header.ok_or_else(|| Problem::forbidden("the header X-Twilio-Signature is missing"))?;

        let body = tokio::time::timeout(PATIENCE, to_bytes(body, MOST_BYTES)).await;
        let too_slow = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in 5 s");
        let too_large =
            |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "a body may have 64 KiB, and must arrive whole");
        let body = body.map_err(too_slow)?.map_err(too_large)?;
        let parameters: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();

        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut tokens = std::iter::once(token).chain(&config.twilio.other_auth_tokens);
        if !tokens.any(|token| signature::is_valid(header, token.reveal(), public_url, path, &parameters)) {
            let detail =
                "the signature is not that of this URL and these parameters: see `public_url` and `twilio.auth_token`";
            return Err(Problem::forbidden(detail));
        }
        let business_id = business_id(uri.query())?.or(config.twilio.business_id);
        Ok(Self { parameters, business_id, received: Utc::now().naive_utc().trunc_subsecs(6) })
    }
}

/// What the address says of whose call it is.
pub(super) fn business_id(query: Option<&str>) -> Result<Option<i32>, Problem> {
    let query = query.unwrap_or_default();
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "business_id");
    let Some((_, value)) = named else { return Ok(None) };
    let id = value.parse().ok().filter(|id: &i32| *id > 0);
    id.map(Some).ok_or_else(|| Problem::bad_request("`business_id` in the address is no positive number"))
}

impl Delivery {
    /// The parameter, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The parameter, which fits into so many letters of a column.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        if value.chars().count() > most {
            return Err(Problem::bad_request(format!("`{name}` has more than {most} letters")));
        }
        if value.chars().any(char::is_control) {
            return Err(Problem::bad_request(format!("`{name}` has control characters")));
        }
        Ok(Some(value.to_owned()))
    }

    /// The parameter, which must be there.
    pub(super) fn required(&self, name: &str, most: usize) -> Result<String, Problem> {
        self.text(name, most)?.ok_or_else(|| Problem::bad_request(format!("`{name}` is missing")))
    }

    /// An id of Twilio, where it is there.
    pub(super) fn optional_sid(&self, name: &str, prefix: &str) -> Result<Option<String>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if is_sid(value, prefix) => Ok(Some(value.to_owned())),
            Some(_) => Err(Problem::bad_request(format!("`{name}` is not {prefix} and 32 hexadecimal digits"))),
        }
    }

    /// An id of Twilio, which must be there.
    pub(super) fn sid(&self, name: &str, prefix: &str) -> Result<String, Problem> {
        let sid = self.optional_sid(name, prefix)?;
        sid.ok_or_else(|| Problem::bad_request(format!("`{name}` is missing")))
    }

    /// A number that is not negative, where it is there.
    pub(super) fn number<T: std::str::FromStr + PartialOrd + Default>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.parse::<T>() {
            // -1 is how Twilio says that it does not know.
            Ok(number) => Ok(Some(number).filter(|number| *number >= T::default())),
            Err(_) => Err(Problem::bad_request(format!("`{name}` is no number that fits"))),
        }
    }

    /// When the event was, by Twilio's clock where it says so, because events overtake each other on their way.
    fn at(&self) -> NaiveDateTime {
        let named = self.get("Timestamp").and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        let named = named.map(|time| time.naive_utc().trunc_subsecs(6));
        named.filter(|time| (*time - self.received).num_seconds().abs() < DAY).unwrap_or(self.received)
    }

    /// Which business the webhook is for, where it or the configuration says so.
    pub(super) fn business_id(&self) -> Option<i32> {
        self.business_id
    }

    /// What the webhook says of its call.
    pub(super) fn call(&self) -> Result<Call, Problem> {
        let missing =
            "whose call is it? `business_id` belongs into the address, or `twilio.business_id` into the configuration";
        let business_id = self.business_id.ok_or_else(|| Problem::bad_request(missing))?;
        Ok(Call {
            call_sid: self.sid("CallSid", "CA")?,
            business_id,
            parent_call_sid: self.optional_sid("ParentCallSid", "CA")?,
            from_number: self.party("From")?,
            to_number: self.party("To")?,
            direction: self.text("Direction", 32)?,
            at: self.received,
        })
    }

    /// The same, at the time that Twilio names.
    pub(super) fn call_at_its_time(&self) -> Result<Call, Problem> {
        Ok(Call { at: self.at(), ..self.call()? })
    }

    /// The webhook's own call, for reports that are about another.
    pub(super) fn call_named(&self, call_sid: &str, business_id: i32) -> Call {
        Call {
            call_sid: call_sid.to_owned(),
            business_id,
            parent_call_sid: None,
            from_number: None,
            to_number: None,
            direction: None,
            at: self.received,
        }
    }

    /// An address of SIP may be longer than its column, and is no reason to lose the call.
    fn party(&self, name: &str) -> Result<Option<String>, Problem> {
        let party = self.text(name, usize::MAX)?;
        Ok(party.map(|party| party.chars().take(NUMBER).collect()))
    }
}

/// Such as `CA` and 32 hexadecimal digits.
pub(super) fn is_sid(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn delivery(body: &str) -> Delivery {
        let received = NaiveDateTime::parse_from_str("2026-01-02 03:04:05", "%Y-%m-%d %H:%M:%S").unwrap();
        Delivery {
            parameters: form_urlencoded::parse(body.as_bytes()).into_owned().collect(),
            business_id: Some(7),
            received,
        }
    }

    const SID: &str = "CallSid=CA00000000000000000000000000000001";

    #[test]
    fn a_call_is_what_its_parameters_say() {
        let call =
            delivery(&format!("{SID}&From=%2B1415&To=&Direction=outbound-api&Invented=tomorrow")).call().unwrap();
        assert_eq!((call.business_id, call.from_number.as_deref(), call.to_number), (7, Some("+1415"), None));
        assert_eq!(call.direction.as_deref(), Some("outbound-api"));
    }

    #[rstest]
    #[case::no_sid("From=1")]
    #[case::a_short_sid("CallSid=CA1")]
    #[case::a_sid_of_something_else("CallSid=RE00000000000000000000000000000001")]
    #[case::more_behind_the_sid("CallSid=CA00000000000000000000000000000001'--")]
    #[case::other_digits("CallSid=CA0000000000000000000000000000000٠")]
    #[case::a_null_in_a_number("CallSid=CA00000000000000000000000000000001&From=%00")]
    #[case::a_direction_that_does_not_fit(
        "CallSid=CA00000000000000000000000000000001&Direction=0123456789012345678901234567890123"
    )]
    fn what_cannot_be_kept_is_refused(#[case] body: &str) {
        assert!(delivery(body).call().is_err());
    }

    #[rstest]
    #[case::a_time_is_taken("2026-01-02T03:04:01.25Z", "2026-01-02 03:04:01.250")]
    #[case::a_zone_is_understood("2026-01-02T05:04:01%2B02:00", "2026-01-02 03:04:01")]
    #[case::another_year_is_not_believed("2025-01-02T03:04:01Z", "2026-01-02 03:04:05")]
    #[case::no_time_is_no_harm("yesterday", "2026-01-02 03:04:05")]
    fn events_are_put_at_the_time_that_twilio_names(#[case] named: &str, #[case] expected: &str) {
        let call = delivery(&format!("{SID}&Timestamp={named}")).call_at_its_time().unwrap();
        assert_eq!(call.at.to_string(), expected);
    }

    #[test]
    fn a_long_address_is_cut_and_not_refused() {
        let call = delivery(&format!("{SID}&From=sip:{}@example.org", "x".repeat(100))).call().unwrap();
        assert_eq!(call.from_number.unwrap().len(), 64);
    }

    #[test]
    fn numbers_fit_or_are_refused() {
        let delivery = delivery("a=7&b=-1&c=99999999999&d=x");
        assert_eq!(delivery.number::<i32>("a").unwrap(), Some(7));
        assert_eq!(delivery.number::<i32>("b").unwrap(), None);
        assert!(delivery.number::<i32>("c").is_err() && delivery.number::<f64>("d").is_err());
    }
}
