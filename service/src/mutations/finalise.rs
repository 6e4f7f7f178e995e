//! Finalising: who does it, for how long, and what comes of it.

use std::time::Duration;

use entity::{
    call_log::{self, Column},
    enums::{RecordingMode, TranscriptSource},
};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, IsolationLevel, TransactionSession, TransactionTrait,
    prelude::DateTime,
    sea_query::{Condition, Expr, ExprTrait, Func, LockBehavior, LockType, Query, SelectStatement, UpdateStatement},
};

use super::{
    call_status::ENDED,
    upsert::{latest, old, stored},
};
use crate::cost;

/// A call that its holder alone may finalise, until the lease runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: i32,
    pub call_sid: String,
    pub business_id: i32,
    pub recording_url: Option<String>,
    pub recording_sid: Option<String>,
    pub recording_mode: Option<RecordingMode>,
    /// Text of the live stream.
    pub transcription: Option<String>,
    pub final_transcript: Option<String>,
    pub transcript_source: Option<TranscriptSource>,
    /// How often finalising was begun, this time included.
    pub attempts: i32,
    /// Until when, UTC.
    pub lease: DateTime,
}

/// What finalising found out; `None` leaves what is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finalised {
    pub audio_bytes_len: Option<i32>,
    pub audio_duration_sec: Option<f64>,
    pub final_transcript: Option<String>,
    pub transcript_source: Option<TranscriptSource>,
}

/// What is read of a call before it is claimed.
#[derive(FromQueryResult)]
struct Candidate {
    id: i32,
    call_sid: String,
    business_id: i32,
    recording_url: Option<String>,
    recording_sid: Option<String>,
    recording_mode: Option<RecordingMode>,
    transcription: Option<String>,
    final_transcript: Option<String>,
    transcript_source: Option<TranscriptSource>,
    finalise_attempts: Option<i32>,
}

const CANDIDATE: [Column; 10] = [
    Column::Id,
    Column::CallSid,
    Column::BusinessId,
    Column::RecordingUrl,
    Column::RecordingSid,
    Column::RecordingMode,
    Column::Transcription,
    Column::FinalTranscript,
    Column::TranscriptSource,
    Column::FinaliseAttempts,
];

/// Takes up to `limit` (1 to 100) ended calls that are not final, were made at `since` or later, and are nobody else's,
/// oldest first.
///
/// Servers are asked in a transaction of its own that waits for nobody; SQLite, which has one writer at a time, with one
/// statement.
pub async fn claim(
    db: &(impl ConnectionTrait + TransactionTrait),
    now: DateTime,
    lease: Duration,
    since: DateTime,
    limit: u64,
) -> Result<Vec<Claim>, DbErr> {
    let backend = db.get_database_backend();
    let lease = stored(now + lease, backend);
    let mut claimable = claimable(now, since, limit.clamp(1, 100));
    if backend == DbBackend::Sqlite {
        let mut update = take(lease);
        update.and_where(Expr::col(Column::Id).in_subquery(claimable.column(Column::Id).take()));
        let taken = db.query_all(update.returning(Query::returning().columns(CANDIDATE))).await?;
        let mut claims = taken.iter().map(|row| read(row, 0, lease)).collect::<Result<Vec<Claim>, DbErr>>()?;
        claims.sort_by_key(|claim| claim.id);
        return Ok(claims);
    }
    // Where reads are repeatable, MySQL and MariaDB lock every row that they look at.
    let transaction = db.begin_with_config(Some(IsolationLevel::ReadCommitted), None).await?;
    claimable.columns(CANDIDATE).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let found = transaction.query_all(&claimable).await?;
    let claims = found.iter().map(|row| read(row, 1, lease)).collect::<Result<Vec<Claim>, DbErr>>()?;
    if !claims.is_empty() {
        let ids = claims.iter().map(|claim| claim.id);
        transaction.execute(take(lease).and_where(Expr::col(Column::Id).is_in(ids))).await?;
    }
    transaction.commit().await?;
    Ok(claims)
}

fn claimable(now: DateTime, since: DateTime, limit: u64) -> SelectStatement {
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

fn take(lease: DateTime) -> UpdateStatement {
    let attempts = Expr::from(Func::coalesce([Expr::col(Column::FinaliseAttempts), 0.into()])).add(1);
    Query::update()
        .table(call_log::Entity)
        .value(Column::FinaliseAfter, lease)
        .value(Column::FinaliseAttempts, attempts)
        .take()
}

/// `begun` is what the row does not count yet.
fn read(row: &sea_orm::QueryResult, begun: i32, lease: DateTime) -> Result<Claim, DbErr> {
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
        finalise_attempts,
    } = Candidate::from_query_result(row, "")?;
    Ok(Claim {
        id,
        call_sid,
        business_id,
        recording_url,
        recording_sid,
        recording_mode,
        transcription,
        final_transcript,
        transcript_source,
        attempts: finalise_attempts.unwrap_or_default() + begun,
        lease,
    })
}

/// Makes the call final; `false` where the lease was lost, and then nothing is written.
pub async fn finalise(
    db: &impl ConnectionTrait,
    claim: &Claim,
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
        .cond_where(is_held(claim));
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

/// Gives the call back, to be claimed again at `until`; `false` where the lease was lost, and then nothing is written.
pub async fn postpone(db: &impl ConnectionTrait, claim: &Claim, until: DateTime) -> Result<bool, DbErr> {
    let until = stored(until, db.get_database_backend());
    let mut update = Query::update();
    update.table(call_log::Entity).value(Column::FinaliseAfter, until).cond_where(is_held(claim));
    Ok(db.execute(&update).await?.rows_affected() == 1)
}

/// Whoever claims it after this claim counts one attempt more.
fn is_held(claim: &Claim) -> Condition {
    Condition::all()
        .add(Expr::col(Column::Id).eq(claim.id))
        .add(Expr::col(Column::FinaliseAttempts).eq(claim.attempts))
        .add(Expr::col(Column::FinaliseAfter).eq(claim.lease))
        .add(Expr::col(Column::EstimatedCostBucket).is_null())
}
