//! Twilio's debugger: counts error 11205, ignores the others.

use axum::{extract::State, http::StatusCode};
use serde_json::Value;
use url::Url;

use super::{
    super::{problem::Problem, state::AppState},
    delivery::{Delivery, business_id},
    record::{record, with_retries},
};
use crate::{mutations::Event, queries, sid::is_sid};

/// Twilio could not reach this service: <https://www.twilio.com/docs/api/errors/11205>.
const UNREACHABLE_ERROR: &str = "11205";

pub(super) async fn post(State(app): State<AppState>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let db = app.webhook_recorder()?.db();
    let report = delivery.sid("Sid", "NO")?;
    let payload = delivery.get("Payload").map(serde_json::from_str::<Value>).transpose();
    let payload = payload.map_err(|_| Problem::bad_request("`Payload` must be JSON"))?.unwrap_or_default();
    let Some(call_sid) = call_sid(&payload).filter(|_| is_unreachable(&payload)) else {
        return Ok(StatusCode::NO_CONTENT);
    };
    // The debugger belongs to the account, not to a business: a known call has the business.
    let known = with_retries(|| queries::business_of(db, call_sid)).await?;
    let Some(business_id) = known.or_else(|| business_in_url(&payload)).or(delivery.business_id()) else {
        tracing::warn!(call_sid, "ignoring error 11205: neither the call nor the URL names a known business");
        return Ok(StatusCode::NO_CONTENT);
    };
    let call = delivery.other_call(call_sid, business_id);
    record(&app, Event::Unreachable { call, report }).await
}

fn is_unreachable(payload: &Value) -> bool {
    match &payload["error_code"] {
        Value::String(code) => code == UNREACHABLE_ERROR,
        Value::Number(code) => code.to_string() == UNREACHABLE_ERROR,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

fn call_sid(payload: &Value) -> Option<&str> {
    let candidates = [&payload["resource_sid"], &payload["webhook"]["request"]["parameters"]["CallSid"]];
    candidates.into_iter().filter_map(Value::as_str).find(|sid| is_sid(sid, "CA"))
}

/// The URL that Twilio could not reach is one of ours, so it may name the business.
fn business_in_url(payload: &Value) -> Option<i32> {
    let url = Url::parse(payload["webhook"]["request"]["url"].as_str()?).ok()?;
    business_id(url.query()).ok()?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_call_sid_is_found_in_the_resource_or_the_request() {
        let sid = "CA00000000000000000000000000000001";
        let by_resource = json!({ "resource_sid": sid, "error_code": "11205" });
        let by_webhook = json!({
            "resource_sid": "MZ00000000000000000000000000000001", "error_code": 11205,
            "webhook": { "request": { "parameters": { "CallSid": sid } } },
        });
        for payload in [by_resource, by_webhook] {
            assert_eq!((call_sid(&payload), is_unreachable(&payload)), (Some(sid), true));
        }
        let other = json!({ "resource_sid": "CA1", "error_code": "11200" });
        assert_eq!((call_sid(&other), is_unreachable(&other)), (None, false));
        assert_eq!(call_sid(&Value::Null), None);
    }

    #[test]
    fn the_business_is_found_in_the_called_url() {
        let called = |url: &str| business_in_url(&json!({ "webhook": { "request": { "url": url } } }));
        assert_eq!(called("https://calls.example.org/webhooks/twilio/call-status?business_id=7"), Some(7));
        assert_eq!(called("https://calls.example.org/webhooks/twilio/call-status"), None);
        assert_eq!(called("https://calls.example.org/?business_id=-7"), None);
        assert_eq!(called("nowhere"), None);
    }
}
