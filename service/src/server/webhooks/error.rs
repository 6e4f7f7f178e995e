//! Twilio's debugger: what went wrong on its side, of which one error is counted.

use axum::{extract::State as Given, http::StatusCode};
use serde_json::Value;

use super::{
    super::{app::App, problem::Problem},
    delivery::{Delivery, is_sid},
};
use crate::{mutations::record_unreachable, queries};

/// Twilio could not reach this service: <https://www.twilio.com/docs/api/errors/11205>.
const UNREACHABLE: &str = "11205";

pub(super) async fn post(Given(app): Given<App>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let db = app.ready()?;
    let report = delivery.sid("Sid", "NO")?;
    let payload = delivery.get("Payload").map(serde_json::from_str::<Value>).transpose();
    let payload = payload.map_err(|_| Problem::bad_request("`Payload` is no JSON"))?.unwrap_or_default();
    let Some(call_sid) = call_sid(&payload).filter(|_| is_unreachable(&payload)) else {
        return Ok(StatusCode::NO_CONTENT);
    };
    // The debugger belongs to the account, and a call that is known says whose it is.
    let business_id = match queries::by_sid(db, call_sid, None).await? {
        Some(call) => Some(call.business_id),
        None => delivery.business_id(),
    };
    // A call that nobody knows, of nobody: there is nothing to count it in.
    let Some(business_id) = business_id else { return Ok(StatusCode::NO_CONTENT) };
    record_unreachable(db, &delivery.call_named(call_sid, business_id), &report).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_unreachable(payload: &Value) -> bool {
    match &payload["error_code"] {
        Value::String(code) => code == UNREACHABLE,
        Value::Number(code) => code.to_string() == UNREACHABLE,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

fn call_sid(payload: &Value) -> Option<&str> {
    let named = [&payload["resource_sid"], &payload["webhook"]["request"]["parameters"]["CallSid"]];
    named.into_iter().filter_map(Value::as_str).find(|sid| is_sid(sid, "CA"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_call_is_found_where_twilio_names_it() {
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
}
