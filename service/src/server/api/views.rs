//! The JSON of the API's responses.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Bucket;
use crate::queries::{CallDetails, CallPage, CallSummary, DayCosts};

/// A call in a list: without its texts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub(super) struct CallView {
    id: i64,
    business_id: i32,
    customer_id: Option<i32>,
    lead_id: Option<i32>,
    /// Twilio's id of the call.
    call_sid: Option<String>,
    /// Twilio's id of the call that dialled this one.
    parent_call_sid: Option<String>,
    from_number: Option<String>,
    to_number: Option<String>,
    /// `inbound` or `outbound`.
    direction: Option<String>,
    /// Last reported status.
    status: Option<String>,
    /// Length of the call, in seconds.
    duration: Option<i32>,
    recording_sid: Option<String>,
    /// `TWILIO_CALL_RECORD`, `RECORDING_API` or `OFF`.
    recording_mode: Option<String>,
    recording_count: Option<i32>,
    /// Length of the recording, in seconds.
    audio_duration_sec: Option<f64>,
    /// `recording`, `realtime` or `failed`.
    transcript_source: Option<String>,
    /// Length of the media stream, in seconds.
    stream_duration_sec: Option<f64>,
    stream_connect_count: Option<i32>,
    /// How often Twilio could not reach this service for the call.
    webhook_11205_count: Option<i32>,
    /// How often Twilio sent a webhook again.
    webhook_retry_count: Option<i32>,
    /// Set once the call is final.
    estimated_cost_bucket: Option<Bucket>,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
}

/// A call with its texts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallDetails)]
pub(super) struct CallDetailsView {
    #[serde(flatten)]
    call: CallView,
    /// Direction in Twilio's own words.
    twilio_direction: Option<String>,
    recording_url: Option<String>,
    /// Size of the recording, in bytes.
    audio_bytes_len: Option<i32>,
    /// Transcript of the live stream.
    transcription: Option<String>,
    summary: Option<String>,
    /// Final transcript.
    final_transcript: Option<String>,
    extracted_service: Option<String>,
    extracted_city: Option<String>,
    /// 0 to 1.
    extraction_confidence: Option<f64>,
    stream_started_at: Option<DateTime<Utc>>,
    stream_ended_at: Option<DateTime<Utc>>,
}

/// A page of a list, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallPage)]
pub(super) struct CallPageView {
    calls: Vec<CallView>,
    /// The `cursor` of the next page; null on the last one. A page may have fewer calls than `limit`, even none, where few of
    /// the calls that it examined match.
    next: Option<String>,
}

/// The calls of one day (UTC) with one cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Costs)]
pub(super) struct CostsView {
    day: NaiveDate,
    /// Null for calls that are not final yet.
    bucket: Option<Bucket>,
    calls: i64,
    /// Total length of the calls.
    seconds: i64,
    /// How often a stream connected more than once in a call.
    reconnects: i64,
    recordings: i64,
}

fn utc(time: Option<NaiveDateTime>) -> Option<DateTime<Utc>> {
    time.map(|time| time.and_utc())
}

impl From<CallSummary> for CallView {
    fn from(call: CallSummary) -> Self {
        Self {
            estimated_cost_bucket: call.bucket().map(Into::into),
            id: call.id.0,
            business_id: call.business_id,
            customer_id: call.customer_id,
            lead_id: call.lead_id,
            call_sid: call.call_sid,
            parent_call_sid: call.parent_call_sid,
            from_number: call.from_number,
            to_number: call.to_number,
            direction: call.direction,
            status: call.status,
            duration: call.duration,
            recording_sid: call.recording_sid,
            recording_mode: call.recording_mode,
            recording_count: call.recording_count,
            audio_duration_sec: call.audio_duration_sec,
            transcript_source: call.transcript_source,
            stream_duration_sec: call.stream_duration_sec,
            stream_connect_count: call.stream_connect_count,
            webhook_11205_count: call.webhook_11205_count,
            webhook_retry_count: call.webhook_retry_count,
            created_at: utc(call.created_at),
            updated_at: utc(call.updated_at),
        }
    }
}

impl From<CallDetails> for CallDetailsView {
    fn from(details: CallDetails) -> Self {
        Self {
            call: details.call.into(),
            twilio_direction: details.twilio_direction,
            recording_url: details.recording_url,
            audio_bytes_len: details.audio_bytes_len,
            transcription: details.transcription,
            summary: details.summary,
            final_transcript: details.final_transcript,
            extracted_service: details.extracted_service,
            extracted_city: details.extracted_city,
            extraction_confidence: details.extraction_confidence,
            stream_started_at: utc(details.stream_started_at),
            stream_ended_at: utc(details.stream_ended_at),
        }
    }
}

impl From<CallPage> for CallPageView {
    fn from(page: CallPage) -> Self {
        let next = page.next.map(|cursor| cursor.to_string());
        Self { calls: page.calls.into_iter().map(Into::into).collect(), next }
    }
}

impl From<DayCosts> for CostsView {
    fn from(costs: DayCosts) -> Self {
        let DayCosts { day, bucket, calls, seconds, reconnects, recordings } = costs;
        Self { day, bucket: bucket.map(Into::into), calls, seconds, reconnects, recordings }
    }
}
