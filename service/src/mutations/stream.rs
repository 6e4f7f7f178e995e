//! Events of the media stream.

use entity::call_log::Column;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{
    call_fields::CallFields,
    kind::{StreamEventKind, Unreachable},
    parameters::Parameter,
    upsert::{self, Upsert, earliest, fit, latest, old},
};

/// An event of a media stream, at the time it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    pub call: CallFields,
    /// Twilio's id of the stream.
    pub stream_sid: String,
    pub kind: StreamEventKind,
}

/// Keeps the first start, the last end, and the time between them once both are known.
///
/// A failed stream has ended, too. Repeated events of one stream count once.
pub async fn record_stream_event(db: &impl ConnectionTrait, event: &StreamEvent) -> Result<(), DbErr> {
    let name = match event.kind {
        StreamEventKind::Started => "stream-started",
        StreamEventKind::Stopped => "stream-stopped",
        StreamEventKind::Error => "stream-error",
    };
    let bindings = upsert::bindings(db, &event.call, &format!("{name}:{}", event.stream_sid))?;
    upsert::execute(db, event.kind, &bindings, assign).await
}

fn assign(upsert: &mut Upsert, kind: StreamEventKind) {
    let at = Parameter::At;
    let (column, value, started, ended) = match kind {
        StreamEventKind::Started => {
            let started = earliest(Column::StreamStartedAt, at);
            (Column::StreamStartedAt, started.clone(), started, old(Column::StreamEndedAt))
        }
        StreamEventKind::Stopped | StreamEventKind::Error => {
            let ended = latest(Column::StreamEndedAt, at);
            (Column::StreamEndedAt, ended.clone(), old(Column::StreamStartedAt), ended)
        }
    };
    let between = upsert.seconds(started.clone(), ended.clone());
    let duration =
        Expr::case(ended.lt(started), 0.0).finally(Func::coalesce([between, old(Column::StreamDurationSec)]));
    upsert.set(Column::StreamDurationSec, Option::<f64>::None, duration);
    upsert.set(column, at, value);
    if kind == StreamEventKind::Started {
        upsert.increment(Column::StreamConnectCount);
    }
}

/// Counts a report of error 11205 (Twilio could not reach the service); `report` is its id.
pub async fn record_unreachable(db: &impl ConnectionTrait, call: &CallFields, report: &str) -> Result<(), DbErr> {
    if fit(report, 64).is_none() {
        return Err(DbErr::Custom("`report` is empty".to_owned()));
    }
    let bindings = upsert::bindings(db, call, &format!("11205:{report}"))?;
    let assign = |upsert: &mut Upsert, _| {
        upsert.increment(Column::Webhook11205Count);
    };
    upsert::execute(db, Unreachable, &bindings, assign).await
}
