//! `statusCallback` of a call.

use axum::{extract::State, http::StatusCode};

use super::{
    super::{problem::Problem, state::AppState},
    delivery::Delivery,
    record::record,
};
use crate::mutations::{CallStatusEvent, Event};

pub(super) async fn post(State(app): State<AppState>, delivery: Delivery) -> Result<StatusCode, Problem> {
    let event = CallStatusEvent {
        call: delivery.call()?,
        status: delivery.required("CallStatus", 32)?,
        duration: delivery.number("CallDuration")?,
    };
    record(&app, Event::Status(event)).await
}
