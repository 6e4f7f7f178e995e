//! The finaliser: measures and transcribes the recordings of ended calls in the background, and stores the calls' cost.
//! Fetches from one configured host only, and never logs phone numbers, credentials or transcripts.
//!
//! Several can run at once, in one process or many: each works only on calls that it [leased](crate::mutations::lease). When
//! one is killed, its leases expire and another one takes over.

mod audio;
mod backoff;
mod body;
mod client;
mod download;
mod error;
mod measure_error;
#[cfg(test)]
mod message_tests;
mod process_call;
mod recording_url;
mod settings;
mod transcription;
mod wav;

use std::{
    fmt,
    future::pending,
    time::{Duration, Instant},
};

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};
use futures_util::{
    FutureExt, StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use reqwest::Client;
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_connect::{ErrorKind, PoolerSafe};
use sea_orm_kit::error_chain;

pub use backoff::Backoff;
pub use error::DatabaseError;
pub use recording_url::{InvalidRecordingHost, RecordingHost};
pub use settings::{Recordings, Settings, SettingsError, Transcription};

pub use secrecy::SecretString;

use crate::mutations::{self, Finalised, LeasedCall};
use entity::enums::TranscriptSource;
use process_call::{Outcome, ProcessError};

/// The longest text of a column on MySQL and MariaDB, in bytes.
const MAX_MYSQL_TEXT_BYTES: usize = 65_535;

/// The pauses between attempts to write a result.
const WRITE_BACKOFF: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

/// The pauses between attempts of a statement that conflicts with others.
const CONFLICT_BACKOFF: Backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(1) };

/// How long it is repeated.
const CONFLICT_WINDOW: Duration = Duration::from_secs(5);

/// How long releasing the leases may take on shutdown; unreleased ones expire.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(5);

/// A future that completes on shutdown.
trait Shutdown: Future<Output = ()> + Clone + Unpin {}

impl<S: Future<Output = ()> + Clone + Unpin> Shutdown for S {}

/// Finalises calls.
#[derive(Debug)]
pub struct Finaliser {
    settings: Settings,
    client: Client,
}

/// How many calls of a pass ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Summary {
    /// Final now.
    pub finalised: u64,
    /// Final now, but fetching or transcribing the recording failed for good.
    pub failed: u64,
    /// To be retried later.
    pub postponed: u64,
    /// The lease expired, and another finaliser took the call.
    pub lost: u64,
}

/// How the work on a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resolution {
    Finalised,
    Failed,
    Postponed,
    Lost,
}

impl Finaliser {
    /// Checks the settings; does not connect to anything.
    ///
    /// # Errors
    /// If the settings are invalid.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self { client: client::client()?, settings })
    }

    /// Whether it fetches recordings.
    pub fn fetches(&self) -> bool {
        self.settings.recordings.is_some()
    }

    /// Finalises all calls that are due. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the database is unreachable or rejects a statement; leases then expire by themselves.
    pub async fn run_once(&self, db: impl Into<PoolerSafe>) -> Result<Summary, DatabaseError> {
        let (summary, ended) = self.run_once_until(db, pending()).await;
        ended.map(|()| summary)
    }

    /// [`run_once`](Self::run_once) until `stop` completes; then releases the remaining leases. Returns the summary also after
    /// an error.
    pub async fn run_once_until(
        &self,
        db: impl Into<PoolerSafe>,
        stop: impl Future<Output = ()>,
    ) -> (Summary, Result<(), DatabaseError>) {
        let mut summary = Summary::default();
        let ended = self.run_pass(&db.into(), Box::pin(stop).shared(), &mut summary).await;
        (summary, ended.map_err(DatabaseError))
    }

    /// Finalises calls until `stop` completes. Logs errors and retries.
    pub async fn run(&self, db: impl Into<PoolerSafe>, stop: impl Future<Output = ()>) {
        let db = db.into();
        let stop = Box::pin(stop).shared();
        loop {
            let mut summary = Summary::default();
            let ended = self.run_pass(&db, stop.clone(), &mut summary).await;
            if summary != Summary::default() {
                tracing::info!(
                    finalised = summary.finalised,
                    failed = summary.failed,
                    postponed = summary.postponed,
                    lost = summary.lost,
                    "calls finalised"
                );
            }
            if let Err(error) = ended {
                metrics::counter!("finaliser_errors_total").increment(1);
                tracing::warn!(error = %DatabaseError(error), "cannot finalise calls; retrying");
            }
            // Jitter keeps finalisers that started together from polling together.
            let pause = self.settings.poll.mul_f64(0.5 + fastrand::f64());
            let slept = Box::pin(tokio::time::sleep(pause));
            if let Either::Right(_) = select(slept, stop.clone()).await {
                return;
            }
        }
    }

    async fn run_pass(&self, db: &PoolerSafe, stop: impl Shutdown, summary: &mut Summary) -> Result<(), DbErr> {
        let horizon = TimeDelta::from_std(self.settings.horizon).unwrap_or(TimeDelta::MAX);
        loop {
            let now = now();
            // No supported database stores every earlier time.
            let since = now.checked_sub_signed(horizon).unwrap_or_default().max(NaiveDateTime::default());
            let lease = || mutations::lease(db, now, self.settings.lease, since, self.settings.batch);
            let leasing = Box::pin(retry_conflicts(lease));
            // May wait for a lock; dropping it rolls back, unless it has only begun.
            let Either::Left((leases, _)) = select(leasing, stop.clone()).await else {
                db.renew();
                return Ok(());
            };
            let leases = leases.inspect_err(|error| {
                db.renew_after(error);
            })?;
            if leases.is_empty() {
                return Ok(());
            }
            self.finalise_all(db, &leases, stop.clone(), summary).await?;
            if stop.clone().now_or_never().is_some() {
                return Ok(());
            }
        }
    }

    /// Works on all leases concurrently; returns the first error after all have ended.
    async fn finalise_all(
        &self,
        db: &PoolerSafe,
        leases: &[LeasedCall],
        stop: impl Shutdown,
        summary: &mut Summary,
    ) -> Result<(), DbErr> {
        let mut resolutions: FuturesUnordered<_> =
            leases.iter().map(|lease| self.finalise(db, lease, stop.clone())).collect();
        let mut too_late = Box::pin(stop.then(|()| tokio::time::sleep(RELEASE_TIMEOUT)));
        let mut ended = Ok(());
        while let Either::Left((Some(resolution), _)) = select(resolutions.next(), &mut too_late).await {
            match resolution {
                Ok(resolution) => {
                    metrics::counter!("finaliser_calls_total", "outcome" => resolution.word()).increment(1);
                    summary.count(resolution);
                }
                Err(error) => ended = ended.and(Err(error)),
            }
        }
        ended
    }

    async fn finalise(&self, db: &PoolerSafe, lease: &LeasedCall, stop: impl Shutdown) -> Result<Resolution, DbErr> {
        let processing = Box::pin(process_call::process(&self.client, &self.settings, lease));
        let outcome = match select(processing, stop.clone()).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => return release(db, lease, lease.deferred_until).await,
        };
        let (resolution, finalised) = match outcome {
            Outcome::Complete(finalised) => (Resolution::Finalised, finalised),
            Outcome::Partial { error: ProcessError::AwaitingRecording, .. } => {
                return release(db, lease, Some(later(self.settings.settle))).await;
            }
            Outcome::Partial { error, .. } if error.is_transient() && self.may_retry(lease) => {
                tracing::info!(
                    call = %lease.id,
                    attempt = lease.attempts,
                    why = error_chain(&error),
                    "finalising failed; retrying later"
                );
                return self.postpone(db, lease).await;
            }
            Outcome::Partial { known, error } => {
                tracing::warn!(
                    call = %lease.id,
                    attempt = lease.attempts,
                    why = error_chain(&error),
                    "finalising failed; not retrying"
                );
                (Resolution::Failed, process_call::with_transcript(lease, known))
            }
        };
        write(db, lease, resolution, fit_to_column(finalised, db.get_database_backend()), stop).await
    }

    async fn postpone(&self, db: &PoolerSafe, lease: &LeasedCall) -> Result<Resolution, DbErr> {
        let pause = self.settings.backoff.pause(u32::try_from(lease.attempts).unwrap_or_default());
        let is_done = retry_conflicts(|| mutations::postpone(db, lease, later(pause))).await?;
        Ok(if is_done { Resolution::Postponed } else { Resolution::Lost })
    }

    fn may_retry(&self, lease: &LeasedCall) -> bool {
        u32::try_from(lease.attempts).is_ok_and(|attempts| attempts < self.settings.attempts)
    }
}

/// Writes the result. Retries while the lease lasts if the database is busy, because a lost transcript would be paid for again.
/// If the database rejects the transcript, for example for its characters, writes the result without it.
async fn write(
    db: &PoolerSafe,
    lease: &LeasedCall,
    mut resolution: Resolution,
    mut finalised: Finalised,
    stop: impl Shutdown,
) -> Result<Resolution, DbErr> {
    let mut attempt = 0;
    loop {
        let error = match mutations::finalise(db, lease, &finalised, now()).await {
            Ok(true) => return Ok(resolution),
            // The recording changed, or the lease was lost.
            Ok(false) => return release(db, lease, lease.deferred_until).await,
            Err(error) => DatabaseError(error),
        };
        attempt += 1;
        tracing::warn!(call = %lease.id, attempt, %error, "cannot write the result");
        if error.is_data_error() && finalised.final_transcript.is_some() {
            resolution = Resolution::Failed;
            finalised = Finalised {
                final_transcript: None,
                transcript_source: finalised.transcript_source.map(|_| TranscriptSource::Failed),
                ..finalised
            };
            continue;
        }
        let pause = WRITE_BACKOFF.pause(attempt);
        if error.is_data_error() || later(pause) >= lease.expires_at {
            return Err(error.0);
        }
        if let Either::Right(_) = select(Box::pin(tokio::time::sleep(pause)), stop.clone()).await {
            return release(db, lease, lease.deferred_until).await;
        }
    }
}

/// Repeats a statement that lost against another session's, or on Galera against another node's: it has changed nothing. A
/// server that let it wait for a lock as long as this repeats is not asked again.
async fn retry_conflicts<T, F: Future<Output = Result<T, DbErr>>>(statement: impl Fn() -> F) -> Result<T, DbErr> {
    let began = Instant::now();
    let mut attempts = 0;
    loop {
        let done = statement().await;
        attempts += 1;
        let pause = CONFLICT_BACKOFF.pause(attempts);
        let is_conflict = done.as_ref().is_err_and(|error| ErrorKind::of(error) == ErrorKind::Lock);
        if !is_conflict || began.elapsed() + pause > CONFLICT_WINDOW {
            return done;
        }
        tokio::time::sleep(pause).await;
    }
}

/// Does not count an attempt.
async fn release(db: &PoolerSafe, lease: &LeasedCall, until: Option<NaiveDateTime>) -> Result<Resolution, DbErr> {
    let is_done = retry_conflicts(|| mutations::release(db, lease, until)).await?;
    Ok(if is_done { Resolution::Postponed } else { Resolution::Lost })
}

impl Resolution {
    fn word(self) -> &'static str {
        match self {
            Self::Finalised => "finalised",
            Self::Failed => "failed",
            Self::Postponed => "postponed",
            Self::Lost => "lost",
        }
    }
}

impl Summary {
    fn count(&mut self, resolution: Resolution) {
        match resolution {
            Resolution::Finalised => self.finalised += 1,
            Resolution::Failed => {
                self.finalised += 1;
                self.failed += 1;
            }
            Resolution::Postponed => self.postponed += 1,
            Resolution::Lost => self.lost += 1,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finalised, failed, postponed, lost } = self;
        write!(f, "{finalised} finalised ({failed} failed), {postponed} postponed, {lost} lost")
    }
}

fn later(pause: Duration) -> NaiveDateTime {
    let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX);
    now().checked_add_signed(pause).unwrap_or(NaiveDateTime::MAX)
}

/// Microseconds, which every database stores.
fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}

/// Fits the transcript to its column: without NUL for PostgreSQL, cut for MySQL.
fn fit_to_column(mut finalised: Finalised, backend: DbBackend) -> Finalised {
    if let Some(text) = &mut finalised.final_transcript {
        text.retain(|letter| letter != '\0');
        if backend == DbBackend::MySql && text.len() > MAX_MYSQL_TEXT_BYTES {
            text.truncate(text.floor_char_boundary(MAX_MYSQL_TEXT_BYTES));
        }
    }
    finalised
}

#[cfg(test)]
mod tests;
