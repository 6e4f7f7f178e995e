//! One row per telephone call.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::CallId;
use crate::enums::{CostBucket, RecordingMode, TranscriptSource};

/// A call as stored. All times are UTC without a zone.
#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "call_log")]
pub struct Model {
    /// Surrogate key.
    #[sea_orm(primary_key)]
    pub id: CallId,
    /// The call's business: `business.id` of the host application.
    #[sea_orm(indexed)]
    pub business_id: i32,
    /// `customer.id` of the host application.
    pub customer_id: Option<i32>,
    /// `leads.id` of the host application.
    #[sea_orm(indexed)]
    pub lead_id: Option<i32>,
    /// Twilio's id of the call: `CA` and 32 hexadecimal digits.
    #[sea_orm(column_type = "String(StringLen::N(64))", unique)]
    pub call_sid: Option<String>,
    /// Twilio's id of the call that dialled this one.
    #[sea_orm(column_type = "String(StringLen::N(64))", indexed)]
    pub parent_call_sid: Option<String>,
    /// Caller, E.164 where Twilio knows it.
    #[sea_orm(column_type = "String(StringLen::N(64))", indexed)]
    pub from_number: Option<String>,
    /// Called party, E.164 where Twilio knows it.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub to_number: Option<String>,
    /// `inbound` or `outbound`; see [`CallDirection`](crate::twilio::CallDirection).
    #[sea_orm(column_type = "String(StringLen::N(16))", default_value = "inbound")]
    pub direction: Option<String>,
    /// Direction as Twilio sent it; see [`CallDirection`](crate::twilio::CallDirection).
    #[sea_orm(column_type = "String(StringLen::N(32))")]
    pub twilio_direction: Option<String>,
    /// Length of the call, in seconds.
    #[sea_orm(default_value = 0)]
    pub duration: Option<i32>,
    /// Last reported status; see [`CallStatus`](crate::twilio::CallStatus).
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "received")]
    pub status: Option<String>,
    /// The recording's URL at Twilio.
    #[sea_orm(column_type = "String(StringLen::N(512))")]
    pub recording_url: Option<String>,
    /// Twilio's id of the recording: `RE` and 32 hexadecimal digits.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub recording_sid: Option<String>,
    /// Transcript of the live stream.
    #[sea_orm(column_type = "Text")]
    pub transcription: Option<String>,
    /// Summary for the person on duty.
    #[sea_orm(column_type = "Text")]
    pub summary: Option<String>,
    /// Final transcript; [`TranscriptSource`] says what it was made from.
    #[sea_orm(column_type = "Text")]
    pub final_transcript: Option<String>,
    /// Service the caller asked for.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub extracted_service: Option<String>,
    /// City the caller named.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub extracted_city: Option<String>,
    /// Confidence in the two extracted values, 0 to 1.
    pub extraction_confidence: Option<f64>,
    /// Size of the recording, in bytes.
    pub audio_bytes_len: Option<i32>,
    /// Length of the recording, in seconds.
    pub audio_duration_sec: Option<f64>,
    /// What `final_transcript` was made from.
    pub transcript_source: Option<TranscriptSource>,
    /// When the call was made, UTC. Lists leave out calls without it.
    pub created_at: Option<DateTime>,
    /// When the row was last changed, UTC.
    pub updated_at: Option<DateTime>,
    /// How the call was recorded.
    pub recording_mode: Option<RecordingMode>,
    /// When the media stream began, UTC.
    pub stream_started_at: Option<DateTime>,
    /// When the media stream ended, UTC.
    pub stream_ended_at: Option<DateTime>,
    /// Length of the media stream, in seconds.
    pub stream_duration_sec: Option<f64>,
    /// How often the media stream connected; more than once costs money.
    #[sea_orm(default_value = 0)]
    pub stream_connect_count: Option<i32>,
    /// How often Twilio reported error 11205 (no HTTP connection) for this call.
    #[sea_orm(default_value = 0)]
    pub webhook_11205_count: Option<i32>,
    /// How often Twilio repeated a webhook of this call.
    #[sea_orm(default_value = 0)]
    pub webhook_retry_count: Option<i32>,
    /// How many recordings were made; 0 or 1 unless something is wrong.
    #[sea_orm(default_value = 0)]
    pub recording_count: Option<i32>,
    /// How costly the call is estimated to have been, in three ranks; NULL until the call is final.
    pub estimated_cost_bucket: Option<CostBucket>,
    /// The webhook deliveries counted in this row, one per line; written by the service.
    #[sea_orm(column_type = "Text")]
    pub deliveries: Option<String>,
    /// How often finalising was started since the call was last final.
    #[sea_orm(default_value = 0)]
    pub finalise_attempts: Option<i32>,
    /// When the current lease expires or the next attempt is due, UTC.
    pub finalise_after: Option<DateTime>,
}

impl ActiveModelBehavior for ActiveModel {}
