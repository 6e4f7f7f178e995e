//! Finalising: who does it, for how long, and what comes of it.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{
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

/// A call that its holder alone may finalise, until the lease runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: i32,
    pub call_sid: String,
    pub business_id: i32,
    pub recording_url: Option<String>,
    pub recording_sid: Option<String>,
    /// `None` also where the column has a word that is not known here: the host application writes it, too.
    pub recording_mode: Option<RecordingMode>,
    /// Whether a recording was reported that will never be there: too short, silent, or failed.
    pub recording_came_to_nothing: bool,
    /// Text of the live stream.
    pub transcription: Option<String>,
    pub final_transcript: Option<String>,
    /// As the column has it; the host application may have other words than [`TranscriptSource`].
    pub transcript_source: Option<String>,
    /// How often finalising was begun, this time included.
    pub attempts: i32,
    /// Until when it was left alone before; `None` where nobody has begun it yet.
    pub left_until: Option<DateTime>,
    /// Until when it is the holder's, UTC.
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

/// What is read of a call before it is claimed. Text, where one unknown word would make the whole batch unreadable.
#[derive(FromQueryResult)]
struct Candidate {
    id: i32,
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

/// Takes up to `limit` (1 to 100) ended calls that are not final, were made at `since` or later, and are nobody else's,
/// oldest first.
///
/// In a transaction of its own, which on servers waits for no row that somebody else has.
pub async fn claim(
    db: &(impl ConnectionTrait + TransactionTrait),
    now: DateTime,
    lease: Duration,
    since: DateTime,
    limit: u64,
) -> Result<Vec<Claim>, DbErr> {
    let backend = db.get_database_backend();
    let lease = TimeDelta::from_std(lease).ok().and_then(|lease| now.checked_add_signed(lease));
    let lease = stored(lease.ok_or_else(|| DbErr::Custom("`lease` is too long".to_owned()))?, backend);
    let options = TransactionOptions {
        // Where reads are repeatable, MySQL and MariaDB lock every row that they look at.
        isolation_level: (backend != DbBackend::Sqlite).then_some(IsolationLevel::ReadCommitted),
        // Who begins as a reader may find that another one has become the writer.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        access_mode: None,
    };
    let transaction = db.begin_with_options(options).await?;
    let mut claimable = claimable(now, since, limit.clamp(1, 100));
    claimable.columns(CANDIDATE).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let found = transaction.query_all(&claimable).await?;
    let claims = found.iter().map(|row| read(row, lease)).collect::<Result<Vec<Claim>, DbErr>>()?;
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

fn read(row: &sea_orm::QueryResult, lease: DateTime) -> Result<Claim, DbErr> {
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
    Ok(Claim {
        id,
        call_sid,
        business_id,
        recording_url,
        recording_sid,
        recording_mode: recording_mode.and_then(|mode| RecordingMode::try_from_value(&mode).ok()),
        recording_came_to_nothing: deliveries.is_some_and(|deliveries| recording::came_to_nothing(&deliveries)),
        transcription,
        final_transcript,
        transcript_source,
        attempts: finalise_attempts.unwrap_or_default().saturating_add(1),
        left_until: finalise_after,
        lease,
    })
}

/// Makes the call final; `false` where the lease was lost, or the recording is another by now, and then nothing is written.
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
        .cond_where(is_held(claim))
        .and_where(match &claim.recording_url {
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

/// Gives the call back after an attempt, to be claimed again at `until`; `false` where the lease was lost, and then nothing is written.
pub async fn postpone(db: &impl ConnectionTrait, claim: &Claim, until: DateTime) -> Result<bool, DbErr> {
    let until = stored(until, db.get_database_backend());
    let mut update = Query::update();
    update.table(call_log::Entity).value(Column::FinaliseAfter, until).cond_where(is_held(claim));
    Ok(db.execute(&update).await?.rows_affected() == 1)
}

/// Gives the call back as if it had not been claimed, to be claimed again at `until`, or at once; `false` where the lease was
/// lost, and then nothing is written.
pub async fn give_back(db: &impl ConnectionTrait, claim: &Claim, until: Option<DateTime>) -> Result<bool, DbErr> {
    let until = until.map(|until| stored(until, db.get_database_backend()));
    let mut update = Query::update();
    update
        .table(call_log::Entity)
        .value(Column::FinaliseAfter, until)
        .value(Column::FinaliseAttempts, claim.attempts.saturating_sub(1))
        .cond_where(is_held(claim));
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
