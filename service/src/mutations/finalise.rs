//! Leases on ended calls, and the results of finalising them.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{
    CallId,
    call_log::{self, Column},
    enums::{RecordingMode, TranscriptSource},
};
use sea_orm::{
    ActiveEnum, ConnectionTrait, DbBackend, DbErr, FromQueryResult, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionSession, TransactionTrait,
    prelude::DateTime,
    sea_query::{Condition, Expr, ExprTrait, Func, LockBehavior, LockType, Query, SelectStatement, UpdateStatement},
};

use super::{
    call_status::ENDED,
    recording,
    upsert::{latest, old, stored},
};
use crate::cost;

/// The exclusive right to finalise a call until it expires, and what the row contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedCall {
    pub id: CallId,
    pub call_sid: String,
    pub business_id: i32,
    pub recording_url: Option<String>,
    pub recording_sid: Option<String>,
    /// `None` also for values of the host application that are unknown here.
    pub recording_mode: Option<RecordingMode>,
    /// Whether Twilio reported a recording that will never be available: too short, silent, or failed.
    pub recording_unavailable: bool,
    /// Transcript of the live stream.
    pub transcription: Option<String>,
    pub final_transcript: Option<String>,
    /// As stored; the host application may use values that [`TranscriptSource`] lacks.
    pub transcript_source: Option<String>,
    /// How often the call was leased, including this time.
    pub attempts: i32,
    /// When the call became due; `None` if it was never leased.
    pub deferred_until: Option<DateTime>,
    /// When the lease expires, UTC.
    pub expires_at: DateTime,
}

/// The results of finalising; `None` keeps the stored value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finalised {
    pub audio_bytes_len: Option<i32>,
    pub audio_duration_sec: Option<f64>,
    pub final_transcript: Option<String>,
    pub transcript_source: Option<TranscriptSource>,
}

/// The row of a call to lease. Enums are text, because one unknown value would make the whole batch unreadable.
#[derive(FromQueryResult)]
struct Candidate {
    id: CallId,
    call_sid: String,
    business_id: i32,
    recording_url: Option<String>,
    recording_sid: Option<String>,
    recording_mode: Option<String>,
    transcription: Option<String>,
    final_transcript: Option<String>,
    transcript_source: Option<String>,
    deliveries: Option<String>,
    finalise_attempts: Option<i32>,
    finalise_after: Option<DateTime>,
}

const CANDIDATE: [Column; 12] = [
    Column::Id,
    Column::CallSid,
    Column::BusinessId,
    Column::RecordingUrl,
    Column::RecordingSid,
    Column::RecordingMode,
    Column::Transcription,
    Column::FinalTranscript,
    Column::TranscriptSource,
    Column::Deliveries,
    Column::FinaliseAttempts,
    Column::FinaliseAfter,
];

/// Leases up to `limit` (1 to 100) ended calls that are not final, were made at `since` or later and are not leased, oldest
/// first.
///
/// Uses its own transaction, which skips locked rows except on SQLite.
pub async fn lease(
    db: &(impl ConnectionTrait + TransactionTrait),
    now: DateTime,
    duration: Duration,
    since: DateTime,
    limit: u64,
) -> Result<Vec<LeasedCall>, DbErr> {
    let backend = db.get_database_backend();
    let expires_at = TimeDelta::from_std(duration).ok().and_then(|duration| now.checked_add_signed(duration));
    let expires_at = stored(expires_at.ok_or_else(|| DbErr::Custom("the lease is too long".to_owned()))?, backend);
    let options = TransactionOptions {
        // With repeatable reads, MySQL and MariaDB lock every row they examine.
        isolation_level: (backend != DbBackend::Sqlite).then_some(IsolationLevel::ReadCommitted),
        // A transaction that starts as a reader fails if another one writes first.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        access_mode: None,
    };
    let transaction = db.begin_with_options(options).await?;
    let mut select = due(now, since, limit.clamp(1, 100));
    select.columns(CANDIDATE).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let found = transaction.query_all(&select).await?;
    let leases = found.iter().map(|row| to_leased_call(row, expires_at)).collect::<Result<Vec<LeasedCall>, DbErr>>()?;
    if !leases.is_empty() {
        let ids = leases.iter().map(|lease| lease.id);
        transaction.execute(acquire(expires_at).and_where(Expr::col(Column::Id).is_in(ids))).await?;
    }
    transaction.commit().await?;
    Ok(leases)
}

fn due(now: DateTime, since: DateTime, limit: u64) -> SelectStatement {
    let is_free = Expr::col(Column::FinaliseAfter).is_null().or(Expr::col(Column::FinaliseAfter).lte(now));
    Query::select()
        .from(call_log::Entity)
        .and_where(Expr::col(Column::CreatedAt).gte(since))
        .and_where(Expr::col(Column::CallSid).is_not_null())
        .and_where(Expr::col(Column::Status).is_in(ENDED))
        .and_where(Expr::col(Column::EstimatedCostBucket).is_null())
        .and_where(is_free)
        .order_by(Column::CreatedAt, sea_orm::Order::Asc)
        .order_by(Column::Id, sea_orm::Order::Asc)
        .limit(limit)
        .take()
}

fn acquire(expires_at: DateTime) -> UpdateStatement {
    let attempts = Expr::from(Func::coalesce([Expr::col(Column::FinaliseAttempts), 0.into()])).add(1);
    Query::update()
        .table(call_log::Entity)
        .value(Column::FinaliseAfter, expires_at)
        .value(Column::FinaliseAttempts, attempts)
        .take()
}

fn to_leased_call(row: &sea_orm::QueryResult, expires_at: DateTime) -> Result<LeasedCall, DbErr> {
    let Candidate {
        id,
        call_sid,
        business_id,
        recording_url,
        recording_sid,
        recording_mode,
        transcription,
        final_transcript,
        transcript_source,
        deliveries,
        finalise_attempts,
        finalise_after,
    } = Candidate::from_query_result(row, "")?;
    Ok(LeasedCall {
        id,
        call_sid,
        business_id,
        recording_url,
        recording_sid,
        recording_mode: recording_mode.and_then(|mode| RecordingMode::try_from_value(&mode).ok()),
        recording_unavailable: deliveries.is_some_and(|deliveries| recording::has_unavailable_recording(&deliveries)),
        transcription,
        final_transcript,
        transcript_source,
        attempts: finalise_attempts.unwrap_or_default().saturating_add(1),
        deferred_until: finalise_after,
        expires_at,
    })
}

/// Makes the call final. Returns `false` and writes nothing if the lease was lost or the recording changed.
pub async fn finalise(
    db: &impl ConnectionTrait,
    lease: &LeasedCall,
    finalised: &Finalised,
    now: DateTime,
) -> Result<bool, DbErr> {
    let now = stored(now, db.get_database_backend());
    let mut update = Query::update();
    update
        .table(call_log::Entity)
        .value(Column::EstimatedCostBucket, cost::bucket(old))
        .value(Column::FinaliseAfter, Option::<DateTime>::None)
        .value(Column::FinaliseAttempts, 0)
        .value(Column::UpdatedAt, latest(Column::UpdatedAt, now))
        .cond_where(holds(lease))
        .and_where(match &lease.recording_url {
            Some(url) => Expr::col(Column::RecordingUrl).eq(url),
            None => Expr::col(Column::RecordingUrl).is_null(),
        });
    if let Some(length) = finalised.audio_bytes_len {
        update.value(Column::AudioBytesLen, length);
    }
    if let Some(duration) = finalised.audio_duration_sec {
        update.value(Column::AudioDurationSec, duration);
    }
    if let Some(transcript) = &finalised.final_transcript {
        update.value(Column::FinalTranscript, transcript.replace('\0', ""));
    }
    if let Some(source) = finalised.transcript_source {
        update.value(Column::TranscriptSource, source);
    }
    Ok(db.execute(&update).await?.rows_affected() == 1)
}

/// Ends a failed attempt; the call is due again at `until`. Returns `false` and writes nothing if the lease was lost.
pub async fn postpone(db: &impl ConnectionTrait, lease: &LeasedCall, until: DateTime) -> Result<bool, DbErr> {
    let until = stored(until, db.get_database_backend());
    let mut update = Query::update();
    update.table(call_log::Entity).value(Column::FinaliseAfter, until).cond_where(holds(lease));
    Ok(db.execute(&update).await?.rows_affected() == 1)
}

/// Releases the lease without counting an attempt; the call is due again at `until`, or at once. Returns `false` and writes
/// nothing if the lease was lost.
pub async fn release(db: &impl ConnectionTrait, lease: &LeasedCall, until: Option<DateTime>) -> Result<bool, DbErr> {
    let until = until.map(|until| stored(until, db.get_database_backend()));
    let mut update = Query::update();
    update
        .table(call_log::Entity)
        .value(Column::FinaliseAfter, until)
        .value(Column::FinaliseAttempts, lease.attempts.saturating_sub(1))
        .cond_where(holds(lease));
    Ok(db.execute(&update).await?.rows_affected() == 1)
}

/// A later lease has a higher number of attempts.
fn holds(lease: &LeasedCall) -> Condition {
    Condition::all()
        .add(Expr::col(Column::Id).eq(lease.id))
        .add(Expr::col(Column::FinaliseAttempts).eq(lease.attempts))
        .add(Expr::col(Column::FinaliseAfter).eq(lease.expires_at))
        .add(Expr::col(Column::EstimatedCostBucket).is_null())
}
