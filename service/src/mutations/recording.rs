//! Events of recordings.

use entity::{call_log::Column, enums::RecordingMode};
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{
    call_fields::CallFields,
    kind::RecordingKind,
    parameters::Parameter,
    upsert::{self, Upsert, fit, old},
};
use crate::cost::constant;

/// A recording of the call changed its status.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingEvent {
    pub call: CallFields,
    /// Twilio's id of the recording.
    pub recording_sid: String,
    /// `in-progress`, `completed`, `absent`, `failed`.
    pub status: String,
    /// The recording's URL; ignored if longer than 512 characters.
    pub url: Option<String>,
    /// Length of the recording, in seconds.
    pub duration: Option<f64>,
    pub mode: Option<RecordingMode>,
}

/// Prefix of a recording's line in `deliveries`; its id and status follow.
const LINE_PREFIX: &str = "recording:";

/// Statuses after which there will be no recording.
const UNAVAILABLE: [&str; 2] = ["absent", "failed"];

/// Counts completed recordings and keeps the URL of one of them.
///
/// Of several recordings with a URL it keeps the one with the smallest id, whatever the order of events, unless it has measured
/// another one.
/// A call that became final without the recording is finalised again.
pub async fn record_recording(db: &impl ConnectionTrait, event: &RecordingEvent) -> Result<(), DbErr> {
    let (Some(sid), Some(status)) = (fit(&event.recording_sid, 64), fit(&event.status, 32)) else {
        return Err(DbErr::Custom("`recording_sid` or `status` is empty".to_owned()));
    };
    let mut bindings = upsert::bindings(db, &event.call, &format!("{LINE_PREFIX}{sid}:{status}"))?;
    let is_completed = status == "completed";
    if is_completed {
        let url = event.url.as_deref().filter(|url| url.chars().count() <= 512).and_then(|url| fit(url, 512));
        let duration = event.duration.filter(|duration| duration.is_finite() && *duration >= 0.0);
        bindings.bind(Parameter::RecordingSid, sid);
        bindings.bind(Parameter::AudioDurationSec, duration);
        bindings.bind_some(Parameter::RecordingUrl, url);
    }
    upsert::execute(db, RecordingKind { is_completed, mode: event.mode }, &bindings, assign).await
}

fn assign(upsert: &mut Upsert, RecordingKind { is_completed, mode }: RecordingKind) {
    if let Some(mode) = mode {
        let known_mode = old(Column::RecordingMode);
        let is_weaker =
            known_mode.clone().is_null().or(known_mode.clone().is_in(weaker(mode).iter().copied().map(constant)));
        upsert.set(Column::RecordingMode, constant(mode), Expr::case(is_weaker, constant(mode)).finally(known_mode));
    }
    if is_completed {
        upsert.increment(Column::RecordingCount);
        keep_better_recording(upsert);
    }
}

fn keep_better_recording(upsert: &mut Upsert) {
    let (sid, duration) = (Parameter::RecordingSid, Parameter::AudioDurationSec);
    let url = upsert.bound(Parameter::RecordingUrl);
    let (known_sid, known_url) = (old(Column::RecordingSid), old(Column::RecordingUrl));
    let sorts_first = known_sid.clone().is_null().or(known_sid.clone().gt(sid));
    let is_unmeasured = old(Column::AudioBytesLen).is_null();
    let is_better = match url {
        Some(_) => known_url.clone().is_null().or(is_unmeasured.clone().and(sorts_first)),
        None => known_url.clone().is_null().and(sorts_first),
    };
    let is_same = known_sid.clone().is_not_null().and(known_sid.clone().eq(sid));
    let takes_url = is_better.clone().or(is_same.clone());
    // Drops the length of another recording; a measured length stays.
    let known = old(Column::AudioDurationSec);
    let corrected = Func::coalesce([duration.into(), known.clone()]);
    let new_duration = Expr::case(is_better.clone().and(is_same.clone().not()), duration)
        .case(is_same.and(is_unmeasured.clone()), corrected)
        .finally(known);
    upsert.set(Column::AudioDurationSec, duration, new_duration);
    upsert.set(Column::RecordingSid, sid, Expr::case(is_better, sid).finally(known_sid));
    if let Some(url) = url {
        upsert.refinalise_if(takes_url.clone().and(is_unmeasured));
        // On MySQL the id is assigned already, so `is_better` may be false; then `is_same` is true.
        upsert.set(Column::RecordingUrl, url, Expr::case(takes_url, url).finally(known_url));
    }
}

/// Whether Twilio reported a recording as absent or failed. If there is another one, it has an event of its own.
pub(super) fn has_unavailable_recording(deliveries: &str) -> bool {
    let mut statuses = deliveries.lines().filter_map(|line| line.strip_prefix(LINE_PREFIX)?.rsplit(':').next());
    statuses.any(|status| UNAVAILABLE.contains(&status))
}

/// The modes that `mode` replaces: of two, the explicitly requested one counts.
fn weaker(mode: RecordingMode) -> &'static [RecordingMode] {
    match mode {
        RecordingMode::Off => &[],
        RecordingMode::TwilioCallRecord => &[RecordingMode::Off],
        RecordingMode::RecordingApi => &[RecordingMode::Off, RecordingMode::TwilioCallRecord],
    }
}
