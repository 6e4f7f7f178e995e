//! The estimated cost of a call, from five signs of waste: as Rust code and as an SQL expression.

use entity::{
    call_log::{Column, Model},
    enums::CostBucket,
};
use sea_orm::{
    Value,
    sea_query::{Expr, ExprTrait},
};

/// The values of a call that its cost depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Indicators {
    /// How often the media stream connected.
    pub stream_connect_count: i32,
    /// Length of the media stream, in seconds.
    pub stream_duration_sec: Option<f64>,
    /// Length of the call, in seconds; 0 if unknown.
    pub duration: i32,
    /// How many recordings were made.
    pub recording_count: i32,
    /// How often Twilio could not reach the service.
    pub webhook_11205_count: i32,
    /// How often Twilio repeated a webhook.
    pub webhook_retry_count: i32,
}

impl Indicators {
    /// Low without a sign of waste, medium with one, high with more.
    pub fn bucket(&self) -> CostBucket {
        match self.signs() {
            0 => CostBucket::Low,
            1 => CostBucket::Med,
            _ => CostBucket::High,
        }
    }

    /// The number of signs of waste: the stream reconnected, it ran for more than 0.6 of the call, there is more than one
    /// recording, Twilio could not reach the service, it repeated more than two webhooks.
    pub fn signs(&self) -> usize {
        // Compares whole multiples: 0.6 has no exact binary value, and 3 of 5 seconds must not count as more.
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

/// The columns that a call's cost depends on.
pub(crate) const COLUMNS: [Column; 6] = [
    Column::StreamConnectCount,
    Column::StreamDurationSec,
    Column::Duration,
    Column::RecordingCount,
    Column::Webhook11205Count,
    Column::WebhookRetryCount,
];

/// [`Indicators::bucket`] as an SQL expression; `value_of` returns a column's new value.
pub fn bucket(value_of: impl Fn(Column) -> Expr) -> Expr {
    let call = value_of(Column::Duration);
    // Floating-point, also where the column is a small integer: bound, because a constant `3` would be an integer.
    let has_long_stream =
        call.clone().gt(constant(0)).and(value_of(Column::StreamDurationSec).mul(5.0).gt(call.mul(3.0)));
    let signs = [
        value_of(Column::StreamConnectCount).gt(constant(1)),
        has_long_stream,
        value_of(Column::RecordingCount).gt(constant(1)),
        value_of(Column::Webhook11205Count).gt(constant(0)),
        value_of(Column::WebhookRetryCount).gt(constant(2)),
    ];
    // NULL is not a sign: comparing with it is never true.
    let count = signs
        .into_iter()
        .map(|sign| Expr::case(sign, constant(1)).finally(constant(0)).into())
        .reduce(|count: Expr, sign: Expr| count.add(sign))
        .expect("there are five signs");
    Expr::case(count.clone().eq(constant(0)), constant(CostBucket::Low))
        .case(count.eq(constant(1)), constant(CostBucket::Med))
        .finally(constant(CostBucket::High))
        .into()
}

/// A value that is part of the statement's text: a number, or text that no `sql_mode` reads otherwise.
pub(crate) fn constant(value: impl Into<Value>) -> Expr {
    Expr::Constant(value.into())
}
