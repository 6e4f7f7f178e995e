//! Generates calls as they happen: most are cheap, some are expensive, and the latest ones still go on.

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use entity::{
    CallId,
    call_log::Model,
    enums::{RecordingMode, TranscriptSource},
};
use fastrand::Rng;
use service::cost::Indicators;

use super::conversations::{CONVERSATIONS, Conversation};

/// The age of the oldest call, in days.
const MAX_AGE_DAYS: i64 = 28;

/// A call is final this long after it ended.
const FINAL_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Generates `number` calls of the last weeks, oldest first.
pub(super) fn make_up_calls(number: u32, seed: u64, now: NaiveDateTime) -> Vec<Model> {
    let mut random = Rng::with_seed(seed);
    let mut times: Vec<NaiveDateTime> = (0..number).map(|_| time(&mut random, now)).collect();
    times.sort_unstable();
    // Whatever the seed, something is going on right now.
    for (back, time) in times.iter_mut().rev().take(3).enumerate() {
        *time = now - TimeDelta::seconds(20 + 40 * i64::try_from(back).unwrap_or_default());
    }
    times.sort_unstable();
    (1..).zip(times).map(|(id, begun)| call(&mut random, CallId(id), begun, now)).collect()
}

/// A random time, mostly by day.
fn time(random: &mut Rng, now: NaiveDateTime) -> NaiveDateTime {
    loop {
        let time = now - TimeDelta::seconds(random.i64(0..MAX_AGE_DAYS * 86_400));
        if (7..18).contains(&time.hour()) || random.u8(0..8) == 0 {
            return time.with_nanosecond(0).unwrap_or(time);
        }
    }
}

fn call(random: &mut Rng, id: CallId, begun: NaiveDateTime, now: NaiveDateTime) -> Model {
    let is_inbound = happens_in_percent(random, 82);
    let line = format!("+1800555010{}", random.u8(0..4));
    let person = format!("+1212555{:04}", random.u16(100..200));
    let (from, to) = if is_inbound { (person, line) } else { (line, person) };
    let mut call = Model {
        id,
        business_id: *random.choice(&[1, 1, 1, 2, 2, 3, 4]).unwrap_or(&1),
        customer_id: happens_in_percent(random, 60).then(|| random.i32(1..900)),
        lead_id: happens_in_percent(random, 40).then(|| random.i32(1..2_000)),
        call_sid: Some(sid(random, "CA")),
        from_number: Some(from),
        to_number: Some(to),
        direction: Some(if is_inbound { "inbound" } else { "outbound" }.to_owned()),
        twilio_direction: Some(if is_inbound { "inbound" } else { "outbound-api" }.to_owned()),
        status: Some(status(random).to_owned()),
        duration: Some(0),
        created_at: Some(begun),
        updated_at: Some(begun),
        stream_connect_count: Some(0),
        webhook_11205_count: Some(0),
        webhook_retry_count: Some(0),
        recording_count: Some(0),
        finalise_attempts: Some(0),
        ..Model::default()
    };
    if call.status.as_deref() == Some("completed") {
        fill_answered_call(random, &mut call, begun, now);
    }
    add_webhook_failures(random, &mut call);
    let ended = begun + TimeDelta::seconds(call.duration.unwrap_or_default().into());
    if ended > now {
        call.duration = Some(0);
        call.status = Some("in-progress".to_owned());
    } else if now - ended >= FINAL_AFTER {
        finalise(random, &mut call);
        call.updated_at = Some(ended + TimeDelta::minutes(3));
    }
    call.deliveries = Some(deliveries(&call));
    call
}

fn status(random: &mut Rng) -> &'static str {
    match random.u8(0..100) {
        0..84 => "completed",
        84..91 => "no-answer",
        91..95 => "busy",
        95..98 => "canceled",
        _ => "failed",
    }
}

/// Somebody picked up: there is a stream, mostly a recording, and something was said.
fn fill_answered_call(random: &mut Rng, call: &mut Model, begun: NaiveDateTime, now: NaiveDateTime) {
    let length = random.i32(15..150) + if happens_in_percent(random, 20) { random.i32(60..600) } else { 0 };
    let connected = begun + TimeDelta::milliseconds(random.i64(800..2_500));
    call.duration = Some(length);
    call.stream_started_at = Some(connected);
    call.stream_connect_count = Some(if happens_in_percent(random, 8) { random.i32(2..6) } else { 1 });
    let conversation = random.choice(&CONVERSATIONS).unwrap_or(&CONVERSATIONS[0]);
    let city = random.choice(conversation.cities).unwrap_or(conversation.cities[0]);
    call.transcription =
        happens_in_percent(random, 93).then(|| Conversation::fill_in_city(conversation.transcript, city));
    if begun + TimeDelta::seconds(length.into()) > now {
        return;
    }
    // Most streams are only part of the call; some run almost to its end, which is expensive.
    let share = if happens_in_percent(random, 14) { random.i32(65..98) } else { random.i32(20..58) };
    let milliseconds = i64::from(length) * i64::from(share) * 10;
    call.stream_ended_at = Some(connected + TimeDelta::milliseconds(milliseconds));
    call.stream_duration_sec = Some(f64::from(length) * f64::from(share) / 100.0);
    call.summary = Some(Conversation::fill_in_city(conversation.summary, city));
    call.extracted_service = Some(conversation.trade.to_owned());
    call.extracted_city = Some(city.to_owned());
    call.extraction_confidence = Some(f64::from(random.i32(55..100)) / 100.0);
    call.recording_mode = Some(match random.u8(0..10) {
        0 => RecordingMode::Off,
        1..4 => RecordingMode::RecordingApi,
        _ => RecordingMode::TwilioCallRecord,
    });
    if call.recording_mode != Some(RecordingMode::Off) {
        let recording = sid(random, "RE");
        let account = "AC00000000000000000000000000000000";
        call.recording_url =
            Some(format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording}"));
        call.recording_sid = Some(recording);
        call.recording_count = Some(if happens_in_percent(random, 4) { 2 } else { 1 });
    }
}

/// Webhooks that did not reach the service, or only when Twilio sent them again.
fn add_webhook_failures(random: &mut Rng, call: &mut Model) {
    if happens_in_percent(random, 4) {
        call.webhook_11205_count = Some(random.i32(1..4));
    }
    if happens_in_percent(random, 9) {
        call.webhook_retry_count = Some(random.i32(1..7));
    }
}

/// Sets the fields that the finaliser sets.
fn finalise(random: &mut Rng, call: &mut Model) {
    if call.recording_sid.is_some() {
        // 8,000 samples of two bytes in a second, and the header.
        let length = call.duration.unwrap_or_default();
        call.audio_bytes_len = Some(length * 16_000 + 44);
        call.audio_duration_sec = Some(f64::from(length));
    }
    let is_transcribed = call.recording_sid.is_some() && happens_in_percent(random, 90);
    (call.final_transcript, call.transcript_source) = match &call.transcription {
        Some(text) if is_transcribed => (Some(text.clone()), Some(TranscriptSource::Recording)),
        Some(text) => (Some(text.clone()), Some(TranscriptSource::Realtime)),
        None if call.recording_sid.is_some() => (None, Some(TranscriptSource::Failed)),
        None => (None, None),
    };
    call.estimated_cost_bucket = Some(Indicators::from(&*call).bucket());
}

/// The lines that the webhooks would have stored.
fn deliveries(call: &Model) -> String {
    let status = call.status.as_deref().unwrap_or_default();
    let mut lines = vec![format!("status:{status}")];
    if let Some(recording) = &call.recording_sid {
        lines.push(format!("recording:{recording}:completed"));
    }
    lines.join("\n")
}

fn sid(random: &mut Rng, prefix: &str) -> String {
    format!("{prefix}{:032x}", random.u128(..))
}

fn happens_in_percent(random: &mut Rng, share: u8) -> bool {
    random.u8(0..100) < share
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_seed_makes_up_the_same_calls_and_all_kinds_of_them() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap().naive_utc();
        let calls = make_up_calls(4_000, 7, now);
        assert_eq!(calls, make_up_calls(4_000, 7, now));
        assert_ne!(calls, make_up_calls(4_000, 8, now));

        let kinds = |of: fn(&Model) -> String| calls.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!(kinds(|call| format!("{:?}", call.estimated_cost_bucket)), 4, "three, and not final");
        assert_eq!(kinds(|call| format!("{:?}", call.transcript_source)), 4, "three, and none");
        assert_eq!(kinds(|call| format!("{:?}", call.recording_mode)), 4, "three, and none");
        assert_eq!(kinds(|call| format!("{:?}", call.status)), 6);
        assert_eq!(kinds(|call| call.business_id.to_string()), 4);
        assert_eq!(kinds(|call| format!("{:?}", call.call_sid)), 4_000);
        assert!(calls.is_sorted_by_key(|call| call.created_at));
        assert!(calls.iter().all(|call| call.created_at <= Some(now)));
    }
}
