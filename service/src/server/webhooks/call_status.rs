//! `statusCallback` of a call.

use axum::{extract::State, http::StatusCode};

use super::{
    super::{problem::Problem, state::AppState},
    delivery::Delivery,
    record,
};
use crate::mutations::{CallStatusEvent, record_call_status};

pub(super) async fn post(State(app): State<AppState>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let event = CallStatusEvent {
        call: delivery.call()?,
        status: delivery.required("CallStatus", 32)?,
        duration: delivery.number("CallDuration")?,
    };
    let db = app.ready()?;
    record(|| record_call_status(db, &event)).await
}
