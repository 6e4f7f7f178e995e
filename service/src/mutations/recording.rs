//! Events of recordings.

use entity::{call_log::Column, enums::RecordingMode};
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{
    Call,
    upsert::{Upsert, fit, old},
};

/// A recording of the call is in another status.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingEvent {
    pub call: Call,
    /// Twilio's id of the recording.
    pub recording_sid: String,
    /// `in-progress`, `completed`, `absent`, `failed`.
    pub status: String,
    /// Where Twilio keeps it; nothing is kept of one that has more than 512 characters.
    pub url: Option<String>,
    /// Length of the recording, in seconds.
    pub duration: Option<f64>,
    pub mode: Option<RecordingMode>,
}

/// What begins a line of `deliveries` about a recording; its id and its status follow.
const LINE: &str = "recording:";

/// Statuses after which there will be no recording.
const NOTHING: [&str; 2] = ["absent", "failed"];

/// Counts completed recordings, and keeps the place of one of them.
///
/// Of several it is one that has an address, and of those the one whose id sorts first, so that it does not matter which came
/// first; it stays once it was measured. A call that became final without it is finalised again.
pub async fn record_recording(db: &impl ConnectionTrait, event: &RecordingEvent) -> Result<(), DbErr> {
    let (Some(sid), Some(status)) = (fit(&event.recording_sid, 64), fit(&event.status, 32)) else {
        return Err(DbErr::Custom("`recording_sid` or `status` is empty".to_owned()));
    };
    let mut upsert = Upsert::new(db, &event.call, &format!("{LINE}{sid}:{status}"));
    if let Some(mode) = event.mode {
        let other = old(Column::RecordingMode);
        let is_weaker = other.clone().is_null().or(other.clone().is_in(weaker(mode)));
        upsert.set(Column::RecordingMode, mode, Expr::case(is_weaker, mode).finally(other));
    }
    if status == "completed" {
        upsert.count(Column::RecordingCount);
        keep(&mut upsert, &sid, event);
    }
    upsert.execute(db).await
}

fn keep(upsert: &mut Upsert<'_>, sid: &str, event: &RecordingEvent) {
    let url = event.url.as_deref().filter(|url| url.chars().count() <= 512).and_then(|url| fit(url, 512));
    let (known_sid, known_url) = (old(Column::RecordingSid), old(Column::RecordingUrl));
    let sorts_first = known_sid.clone().is_null().or(known_sid.clone().gt(sid));
    let is_unmeasured = old(Column::AudioBytesLen).is_null();
    let is_better = match url {
        Some(_) => known_url.clone().is_null().or(is_unmeasured.clone().and(sorts_first)),
        None => known_url.clone().is_null().and(sorts_first),
    };
    let is_same = known_sid.clone().is_not_null().and(known_sid.clone().eq(sid));
    let is_kept = is_better.clone().or(is_same.clone());
    // Of another recording it is worse than nothing, and what was measured is better than what is reported.
    let duration = event.duration.filter(|duration| duration.is_finite() && *duration >= 0.0);
    let known = old(Column::AudioDurationSec);
    let corrected = Func::coalesce([duration.into(), known.clone()]);
    let length = Expr::case(is_better.clone().and(is_same.clone().not()), duration)
        .case(is_same.and(is_unmeasured.clone()), corrected)
        .finally(known);
    upsert.set(Column::AudioDurationSec, duration, length);
    upsert.set(Column::RecordingSid, sid, Expr::case(is_better, sid).finally(known_sid));
    if let Some(url) = url {
        upsert.reopen_if(is_kept.clone().and(is_unmeasured));
        // Where the id was assigned before, `is_better` may be false by now; then it is the same id.
        upsert.set(Column::RecordingUrl, url.clone(), Expr::case(is_kept, url).finally(known_url));
    }
}

/// Whether these deliveries tell of a recording that will never be there. Should there be another one, it is reported.
pub(super) fn came_to_nothing(deliveries: &str) -> bool {
    let mut statuses = deliveries.lines().filter_map(|line| line.strip_prefix(LINE)?.rsplit(':').next());
    statuses.any(|status| NOTHING.contains(&status))
}

/// A call recorded in two ways is said to be recorded by the one that somebody had to ask for.
fn weaker(mode: RecordingMode) -> Vec<RecordingMode> {
    match mode {
        RecordingMode::Off => Vec::new(),
        RecordingMode::TwilioCallRecord => vec![RecordingMode::Off],
        RecordingMode::RecordingApi => vec![RecordingMode::Off, RecordingMode::TwilioCallRecord],
    }
}
