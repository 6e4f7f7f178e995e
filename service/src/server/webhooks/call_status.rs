//! `statusCallback` of a call.

use axum::{extract::State as Given, http::StatusCode};

use super::{
    super::{app::App, problem::Problem},
    delivery::Delivery,
    record,
};
use crate::mutations::{CallStatusEvent, record_call_status};

pub(super) async fn post(Given(app): Given<App>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let event = CallStatusEvent {
        call: delivery.call()?,
        status: delivery.required("CallStatus", 32)?,
        duration: delivery.number("CallDuration")?,
    };
    let db = app.ready()?;
    record(|| record_call_status(db, &event)).await
}
