//! Events of the call itself.

use entity::call_log::Column;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait},
};

use super::{
    call_fields::CallFields,
    kind::StatusRank,
    parameters::Parameter,
    upsert::{self, Upsert, fit, old},
};
use crate::cost::constant;

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
    let mut bindings = upsert::bindings(db, &event.call, &format!("status:{status}"))?;
    bindings.bind_some(Parameter::Duration, event.duration.filter(|duration| *duration >= 0));
    let rank = rank(&status);
    bindings.bind(Parameter::Status, status);
    upsert::execute(db, rank, &bindings, assign).await
}

fn assign(upsert: &mut Upsert, rank: StatusRank) {
    if let Some(duration) = upsert.bound(Parameter::Duration) {
        let longest = Expr::case(old(Column::Duration).gte(duration), old(Column::Duration)).finally(duration);
        upsert.set(Column::Duration, duration, longest);
    }
    let latest = Expr::case(precedes(rank), Parameter::Status).finally(old(Column::Status));
    upsert.set(Column::Status, Parameter::Status, latest);
}

fn rank(status: &str) -> StatusRank {
    if ENDED.contains(&status) {
        return StatusRank::Ended;
    }
    let known = IN_PROGRESS.iter().position(|known| *known == status);
    StatusRank::InProgress(known.unwrap_or(IN_PROGRESS.len() - 1))
}

/// Whether the row's status comes before one of this rank.
fn precedes(rank: StatusRank) -> Expr {
    let known = old(Column::Status);
    let is_earlier = match rank {
        StatusRank::Ended => known.clone().is_not_in(ENDED.map(constant)),
        StatusRank::InProgress(rank) => known.clone().is_in(IN_PROGRESS.into_iter().take(rank).map(constant)),
    };
    known.is_null().or(is_earlier)
}
