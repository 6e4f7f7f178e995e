//! A webhook request: limited in size and time, its signature verified, its parameters parsed. Unknown ones are ignored.

use axum::{
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use secrecy::ExposeSecret;
use url::form_urlencoded;

use super::{
    super::{
        body,
        config::{SecretString, Twilio},
        problem::Problem,
        state::AppState,
    },
    signature::{self, Algorithm},
};
use crate::{mutations::CallFields, sid::is_sid};

/// Largest body.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Length of the columns with phone numbers.
const MAX_NUMBER_CHARS: usize = 64;

/// Ignores timestamps further from now than this, in seconds.
const MAX_CLOCK_SKEW_SECONDS: i64 = 24 * 60 * 60;

/// A webhook with a valid signature.
#[derive(Debug)]
pub(super) struct Delivery {
    parameters: Vec<(String, String)>,
    business_id: Option<i32>,
    /// When it was received, UTC.
    received: NaiveDateTime,
}

impl FromRequest<AppState> for Delivery {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let config = app.config();
        let (Some(token), Some(public_url)) = (&config.twilio.auth_token, &config.public_url) else {
            tracing::error!("refusing webhooks: set `twilio.auth_token` and `public_url`");
            let detail = "webhooks cannot be verified: set `twilio.auth_token` and `public_url`";
            return Err(Problem::unavailable(detail));
        };
        let (parts, request_body) = request.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        if !kind.to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded") {
            let detail = "a webhook must have the content type application/x-www-form-urlencoded";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let header = parts.headers.get("x-twilio-signature").and_then(|header| header.to_str().ok());
        let header = header.ok_or_else(|| Problem::forbidden("missing header X-Twilio-Signature"))?;

        let body = body::read(request_body, MAX_BODY_BYTES).await?;
        let parameters: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();

        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let settings = parts.headers.get("x-twilio-webhooks-signature-settings");
        let (algorithm, keys) = signing(settings, token, &config.twilio)?;
        if !keys
            .into_iter()
            .any(|key| signature::is_valid(header, algorithm, key.expose_secret(), public_url, path, &parameters))
        {
            let keys = if settings.is_some() { "twilio.shared_key" } else { "twilio.auth_token" };
            let detail =
                format!("invalid signature for this URL and these parameters: check `public_url` and `{keys}`");
            return Err(Problem::forbidden(detail));
        }
        let business_id = business_id(uri.query())?.or(config.twilio.business_id);
        Ok(Self { parameters, business_id, received: Utc::now().naive_utc().trunc_subsecs(6) })
    }
}

/// How the webhook is signed, and with which keys it may be: a shared key where the header names one, and else a token. A
/// token does not count for a shared key, nor the other way round.
fn signing<'a>(
    settings: Option<&HeaderValue>,
    token: &'a SecretString,
    twilio: &'a Twilio,
) -> Result<(Algorithm, Vec<&'a SecretString>), Problem> {
    let Some(settings) = settings else {
        return Ok((Algorithm::HmacSha1, std::iter::once(token).chain(&twilio.other_auth_tokens).collect()));
    };
    let Some(algorithm) = settings.to_str().ok().and_then(Algorithm::of_settings) else {
        tracing::warn!("refusing a webhook: its signature has an algorithm other than HMAC_SHA1 and HMAC_SHA256");
        return Err(Problem::forbidden("unknown signature algorithm: HMAC_SHA1 and HMAC_SHA256 are supported"));
    };
    if twilio.shared_keys.is_empty() {
        tracing::warn!("refusing a webhook that is signed with a shared key: set `twilio.shared_key`");
        return Err(Problem::forbidden("signed with a shared key: set `twilio.shared_key`"));
    }
    Ok((algorithm, twilio.shared_keys.iter().collect()))
}

/// The business that the URL names.
pub(super) fn business_id(query: Option<&str>) -> Result<Option<i32>, Problem> {
    let query = query.unwrap_or_default();
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "business_id");
    let Some((_, value)) = named else { return Ok(None) };
    let id = value.parse().ok().filter(|id: &i32| *id > 0);
    id.map(Some).ok_or_else(|| Problem::bad_request("`business_id` in the URL must be a positive number"))
}

impl Delivery {
    /// A parameter, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A parameter of at most `max` characters.
    pub(super) fn text(&self, name: &str, max: usize) -> Result<Option<String>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        if value.chars().count() > max {
            return Err(Problem::bad_request(format!("`{name}` is longer than {max} characters")));
        }
        if value.chars().any(char::is_control) {
            return Err(Problem::bad_request(format!("`{name}` contains control characters")));
        }
        Ok(Some(value.to_owned()))
    }

    /// A required parameter of at most `max` characters.
    pub(super) fn required(&self, name: &str, max: usize) -> Result<String, Problem> {
        self.text(name, max)?.ok_or_else(|| Problem::bad_request(format!("`{name}` is missing")))
    }

    /// An optional Twilio id.
    pub(super) fn optional_sid(&self, name: &str, prefix: &str) -> Result<Option<String>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if is_sid(value, prefix) => Ok(Some(value.to_owned())),
            Some(_) => Err(Problem::bad_request(format!("`{name}` must be {prefix} and 32 hexadecimal digits"))),
        }
    }

    /// A required Twilio id.
    pub(super) fn sid(&self, name: &str, prefix: &str) -> Result<String, Problem> {
        let sid = self.optional_sid(name, prefix)?;
        sid.ok_or_else(|| Problem::bad_request(format!("`{name}` is missing")))
    }

    /// An optional number, at least 0.
    pub(super) fn number<T: std::str::FromStr + PartialOrd + Default>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.parse::<T>() {
            // Twilio sends -1 for unknown.
            Ok(number) => Ok(Some(number).filter(|number| *number >= T::default())),
            Err(_) => Err(Problem::bad_request(format!("`{name}` must be a number in range"))),
        }
    }

    /// When the event happened: by Twilio's clock if it says so, because events can overtake each other.
    fn event_time(&self) -> NaiveDateTime {
        let named = self.get("Timestamp").and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        let named = named.map(|time| time.naive_utc().trunc_subsecs(6));
        named
            .filter(|time| (*time - self.received).num_seconds().abs() < MAX_CLOCK_SKEW_SECONDS)
            .unwrap_or(self.received)
    }

    /// The business that the URL or the configuration names.
    pub(super) fn business_id(&self) -> Option<i32> {
        self.business_id
    }

    /// What the webhook says about its call.
    pub(super) fn call(&self) -> Result<CallFields, Problem> {
        let missing = "unknown business: add `business_id` to the URL, or set `twilio.business_id`";
        let business_id = self.business_id.ok_or_else(|| Problem::bad_request(missing))?;
        Ok(CallFields {
            call_sid: self.sid("CallSid", "CA")?,
            business_id,
            parent_call_sid: self.optional_sid("ParentCallSid", "CA")?,
            from_number: self.party("From")?,
            to_number: self.party("To")?,
            direction: self.text("Direction", 32)?,
            at: self.received,
        })
    }

    /// [`call`](Self::call) at the time of the event.
    pub(super) fn call_at_event_time(&self) -> Result<CallFields, Problem> {
        Ok(CallFields { at: self.event_time(), ..self.call()? })
    }

    /// Another call that the webhook is about.
    pub(super) fn other_call(&self, call_sid: &str, business_id: i32) -> CallFields {
        CallFields {
            call_sid: call_sid.to_owned(),
            business_id,
            parent_call_sid: None,
            from_number: None,
            to_number: None,
            direction: None,
            at: self.received,
        }
    }

    /// A caller or called party. Cuts SIP addresses that are longer than their column, rather than lose the call.
    fn party(&self, name: &str) -> Result<Option<String>, Problem> {
        let party = self.text(name, usize::MAX)?;
        Ok(party.map(|party| party.chars().take(MAX_NUMBER_CHARS).collect()))
    }
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
    fn a_call_is_read_from_the_parameters() {
        let call =
            delivery(&format!("{SID}&From=%2B1415&To=&Direction=outbound-api&Invented=tomorrow")).call().unwrap();
        assert_eq!((call.business_id, call.from_number.as_deref(), call.to_number), (7, Some("+1415"), None));
        assert_eq!(call.direction.as_deref(), Some("outbound-api"));
    }

    #[rstest]
    #[case::no_sid("From=1")]
    #[case::a_short_sid("CallSid=CA1")]
    #[case::a_sid_of_something_else("CallSid=RE00000000000000000000000000000001")]
    #[case::more_after_the_sid("CallSid=CA00000000000000000000000000000001'--")]
    #[case::other_digits("CallSid=CA0000000000000000000000000000000٠")]
    #[case::a_null_in_a_number("CallSid=CA00000000000000000000000000000001&From=%00")]
    #[case::a_direction_that_does_not_fit(
        "CallSid=CA00000000000000000000000000000001&Direction=0123456789012345678901234567890123"
    )]
    fn values_that_do_not_fit_are_refused(#[case] body: &str) {
        assert!(delivery(body).call().is_err());
    }

    #[rstest]
    #[case::a_timestamp_counts("2026-01-02T03:04:01.25Z", "2026-01-02 03:04:01.250")]
    #[case::a_zone_is_converted("2026-01-02T05:04:01%2B02:00", "2026-01-02 03:04:01")]
    #[case::another_year_is_ignored("2025-01-02T03:04:01Z", "2026-01-02 03:04:05")]
    #[case::other_text_is_ignored("yesterday", "2026-01-02 03:04:05")]
    fn an_event_happens_at_its_timestamp(#[case] timestamp: &str, #[case] expected: &str) {
        let call = delivery(&format!("{SID}&Timestamp={timestamp}")).call_at_event_time().unwrap();
        assert_eq!(call.at.to_string(), expected);
    }

    #[test]
    fn a_long_sip_address_is_cut_and_not_refused() {
        let call = delivery(&format!("{SID}&From=sip:{}@example.org", "x".repeat(100))).call().unwrap();
        assert_eq!(call.from_number.unwrap().len(), 64);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let delivery = delivery("a=7&b=-1&c=99999999999&d=x");
        assert_eq!(delivery.number::<i32>("a").unwrap(), Some(7));
        assert_eq!(delivery.number::<i32>("b").unwrap(), None);
        assert!(delivery.number::<i32>("c").is_err() && delivery.number::<f64>("d").is_err());
    }
}
