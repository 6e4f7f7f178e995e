//! A copy of the entity with one field more, `recording_channels`, which no migration adds.

use entity::enums::{CostBucket, RecordingMode, TranscriptSource};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "call_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(indexed)]
    pub business_id: i32,
    pub customer_id: Option<i32>,
    #[sea_orm(indexed)]
    pub lead_id: Option<i32>,
    #[sea_orm(column_type = "String(StringLen::N(64))", unique)]
    pub call_sid: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))", indexed)]
    pub parent_call_sid: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))", indexed)]
    pub from_number: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub to_number: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(16))", default_value = "inbound")]
    pub direction: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(32))")]
    pub twilio_direction: Option<String>,
    #[sea_orm(default_value = 0)]
    pub duration: Option<i32>,
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "received")]
    pub status: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(512))")]
    pub recording_url: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub recording_sid: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub transcription: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub summary: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub final_transcript: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub extracted_service: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub extracted_city: Option<String>,
    pub extraction_confidence: Option<f64>,
    pub audio_bytes_len: Option<i32>,
    pub audio_duration_sec: Option<f64>,
    pub transcript_source: Option<TranscriptSource>,
    pub created_at: Option<DateTime>,
    pub updated_at: Option<DateTime>,
    pub recording_mode: Option<RecordingMode>,
    pub stream_started_at: Option<DateTime>,
    pub stream_ended_at: Option<DateTime>,
    pub stream_duration_sec: Option<f64>,
    #[sea_orm(default_value = 0)]
    pub stream_connect_count: Option<i32>,
    #[sea_orm(default_value = 0)]
    pub webhook_11205_count: Option<i32>,
    #[sea_orm(default_value = 0)]
    pub webhook_retry_count: Option<i32>,
    #[sea_orm(default_value = 0)]
    pub recording_count: Option<i32>,
    pub estimated_cost_bucket: Option<CostBucket>,
    #[sea_orm(column_type = "Text")]
    pub deliveries: Option<String>,
    #[sea_orm(default_value = 0)]
    pub finalise_attempts: Option<i32>,
    pub finalise_after: Option<DateTime>,
    pub recording_channels: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}
