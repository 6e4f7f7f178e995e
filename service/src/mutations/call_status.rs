//! Events of the call itself.

use entity::call_log::Column;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait},
};

use super::{
    call_fields::CallFields,
    upsert::{Upsert, fit, old},
};

/// The call changed its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStatusEvent {
    pub call: CallFields,
    /// As Twilio sent it.
    pub status: String,
    /// Length of the call, in seconds.
    pub duration: Option<i32>,
}

/// Statuses of a call that has not ended, in order. Twilio's documentation leaves `initiated` out.
const IN_PROGRESS: [&str; 5] = ["received", "queued", "initiated", "ringing", "in-progress"];

/// Statuses of an ended call.
pub(super) const ENDED: [&str; 5] = ["completed", "busy", "failed", "no-answer", "canceled"];

/// Keeps the latest status in a call's order, and the first of several final ones.
///
/// An unknown status ranks as `in-progress`, so it never replaces a final one.
pub async fn record_call_status(db: &impl ConnectionTrait, event: &CallStatusEvent) -> Result<(), DbErr> {
    let Some(status) = fit(&event.status, 32) else {
        return Err(DbErr::Custom("`status` is empty".to_owned()));
    };
    let mut upsert = Upsert::new(db, &event.call, &format!("status:{status}"));
    let is_later = precedes(&status);
    if let Some(duration) = event.duration.filter(|duration| *duration >= 0) {
        let longest = Expr::case(old(Column::Duration).gte(duration), old(Column::Duration)).finally(duration);
        upsert.set(Column::Duration, duration, longest);
    }
    let latest = Expr::case(is_later, status.clone()).finally(old(Column::Status));
    upsert.set(Column::Status, status, latest);
    upsert.execute(db).await
}

/// Whether the row's status comes before `status`.
fn precedes(status: &str) -> Expr {
    let known = old(Column::Status);
    let is_earlier = if ENDED.contains(&status) {
        known.clone().is_not_in(ENDED)
    } else {
        let rank = IN_PROGRESS.iter().position(|known| *known == status).unwrap_or(IN_PROGRESS.len() - 1);
        known.clone().is_in(IN_PROGRESS.into_iter().take(rank))
    };
    known.is_null().or(is_earlier)
}
