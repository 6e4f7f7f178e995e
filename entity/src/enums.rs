//! Closed sets: values that only this code writes, stored as short strings.
//!
//! A value outside the set makes the row unreadable, so sets that others own do not belong here;
//! those are in [`twilio`](crate::twilio).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How a call was recorded. Column `call_log.recording_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordingMode {
    /// `record="true"` on the call itself.
    #[sea_orm(string_value = "TWILIO_CALL_RECORD")]
    TwilioCallRecord,
    /// The recordings API, called once the call is up.
    #[sea_orm(string_value = "RECORDING_API")]
    RecordingApi,
    /// Not recorded.
    #[sea_orm(string_value = "OFF")]
    Off,
}

/// A cost bucket: one of three ranks, by the number of signs of waste in a call (its stream reconnected or ran long, it has a second
/// recording, webhooks failed or were repeated). It is not an amount of money. Column `call_log.estimated_cost_bucket`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CostBucket {
    /// No sign of waste.
    #[sea_orm(string_value = "LOW")]
    Low,
    /// One sign of waste.
    #[sea_orm(string_value = "MED")]
    Med,
    /// More than one sign of waste.
    #[sea_orm(string_value = "HIGH")]
    High,
}

/// What `call_log.final_transcript` was made from. Column `call_log.transcript_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
#[serde(rename_all = "snake_case")]
pub enum TranscriptSource {
    /// The recording, transcribed after the call.
    #[sea_orm(string_value = "recording")]
    Recording,
    /// The live stream, transcribed during the call.
    #[sea_orm(string_value = "realtime")]
    Realtime,
    /// Neither worked.
    #[sea_orm(string_value = "failed")]
    Failed,
}
