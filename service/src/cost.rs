//! What a call is estimated to have cost, from five signs of waste: in Rust, and as an expression for statements.

use entity::{
    call_log::{Column, Model},
    enums::CostBucket,
};
use sea_orm::sea_query::{Expr, ExprTrait};

/// What is known of a call that says something of its cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Indicators {
    /// How often the media stream connected.
    pub stream_connect_count: i32,
    /// Length of the media stream, in seconds.
    pub stream_duration_sec: Option<f64>,
    /// Length of the call, in seconds; 0 where it is not known.
    pub duration: i32,
    /// How many recordings were made.
    pub recording_count: i32,
    /// How often Twilio could not reach the service.
    pub webhook_11205_count: i32,
    /// How often Twilio sent a webhook again.
    pub webhook_retry_count: i32,
}

impl Indicators {
    /// No sign of waste is low, one is medium, more are high.
    pub fn bucket(&self) -> CostBucket {
        match self.signs() {
            0 => CostBucket::Low,
            1 => CostBucket::Med,
            _ => CostBucket::High,
        }
    }

    /// How many signs of waste there are: the stream connected again, it ran for more than 0.6 of the call, there is more
    /// than one recording, Twilio could not reach the service, or it sent more than two webhooks again.
    pub fn signs(&self) -> usize {
        // In whole multiples: 0.6 has no exact value, and 3 seconds of 5 are not more than that.
        let call = f64::from(self.duration);
        let has_long_stream =
            self.duration > 0 && self.stream_duration_sec.is_some_and(|stream| stream * 5.0 > call * 3.0);
        [
            self.stream_connect_count > 1,
            has_long_stream,
            self.recording_count > 1,
            self.webhook_11205_count > 0,
            self.webhook_retry_count > 2,
        ]
        .into_iter()
        .filter(|sign| *sign)
        .count()
    }
}

impl From<&Model> for Indicators {
    fn from(call: &Model) -> Self {
        Self {
            stream_connect_count: call.stream_connect_count.unwrap_or_default(),
            stream_duration_sec: call.stream_duration_sec,
            duration: call.duration.unwrap_or_default(),
            recording_count: call.recording_count.unwrap_or_default(),
            webhook_11205_count: call.webhook_11205_count.unwrap_or_default(),
            webhook_retry_count: call.webhook_retry_count.unwrap_or_default(),
        }
    }
}

/// [`Indicators::bucket`] as an expression, of the values that the statement gives to the columns.
pub fn bucket(value_of: impl Fn(Column) -> Expr) -> Expr {
    let call = value_of(Column::Duration);
    let has_long_stream = call.clone().gt(0).and(value_of(Column::StreamDurationSec).mul(5.0).gt(call.mul(3.0)));
    let signs = [
        value_of(Column::StreamConnectCount).gt(1),
        has_long_stream,
        value_of(Column::RecordingCount).gt(1),
        value_of(Column::Webhook11205Count).gt(0),
        value_of(Column::WebhookRetryCount).gt(2),
    ];
    // A column that is NULL is no sign: a comparison with it is neither true nor false.
    let count = signs
        .into_iter()
        .map(|sign| Expr::case(sign, constant(1)).finally(constant(0)).into())
        .reduce(|count: Expr, sign: Expr| count.add(sign))
        .expect("there are five signs");
    Expr::case(count.clone().eq(0), CostBucket::Low).case(count.eq(1), CostBucket::Med).finally(CostBucket::High).into()
}

fn constant(number: i32) -> Expr {
    Expr::Constant(number.into())
}
