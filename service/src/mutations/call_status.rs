//! Events of the call itself.

use entity::call_log::Column;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Call,
    upsert::{Upsert, fit, old},
};

/// The call is in another status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStatusEvent {
    pub call: Call,
    /// In Twilio's own words.
    pub status: String,
    /// Length of the call, in seconds.
    pub duration: Option<i32>,
}

/// How a call goes on, in this order. `initiated` is what Twilio says between the two of its own documentation.
const ON_THE_WAY: [&str; 5] = ["received", "queued", "initiated", "ringing", "in-progress"];

/// How a call ends.
pub(super) const ENDED: [&str; 5] = ["completed", "busy", "failed", "no-answer", "canceled"];

/// Keeps the status that is furthest on, and of the ends of a call the first that was heard of.
///
/// A status that is not known here counts as `in-progress`: it undoes no end.
pub async fn record_call_status(db: &impl ConnectionTrait, event: &CallStatusEvent) -> Result<(), DbErr> {
    let Some(status) = fit(&event.status, 32) else {
        return Err(DbErr::Custom("`status` is empty".to_owned()));
    };
    let mut upsert = Upsert::new(db, &event.call, &format!("status:{status}"));
    let is_behind = is_behind(&status);
    if let Some(duration) = event.duration.filter(|duration| *duration >= 0) {
        let longest = Expr::case(old(Column::Duration).gte(duration), old(Column::Duration)).finally(duration);
        upsert.set(Column::Duration, duration, longest);
    }
    let furthest = Expr::case(is_behind, status.clone()).finally(old(Column::Status));
    upsert.set(Column::Status, status, furthest);
    upsert.execute(db).await
}

/// Whether the row's status is one that `status` comes after.
fn is_behind(status: &str) -> Expr {
    let known = old(Column::Status);
    let is_earlier = if ENDED.contains(&status) {
        known.clone().is_not_in(ENDED)
    } else {
        let rank = ON_THE_WAY.iter().position(|known| *known == status).unwrap_or(ON_THE_WAY.len() - 1);
        known.clone().is_in(ON_THE_WAY.into_iter().take(rank))
    };
    known.is_null().or(is_earlier)
}
