//! Finalises ended calls in the background: measures the recording, has it transcribed, and lets the database say what the
//! call cost. Fetches from one configured host only, and says nothing of numbers, credentials or texts in logs and errors.
//!
//! Several may run side by side, in one program or many: a call belongs to who [claimed](crate::mutations::claim) it until
//! that lease runs out. Who is killed leaves the call to the next one.

mod address;
mod audio;
mod backoff;
mod body;
mod call;
mod client;
mod download;
mod error;
mod settings;
mod transcription;

use std::{fmt, future::pending, time::Duration};

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};
use futures_util::{
    FutureExt, StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use reqwest::Client;
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_connect::PoolerSafe;

pub use address::{NoRecordingHost, RecordingHost};
pub use backoff::Backoff;
pub use error::DatabaseError;
pub use settings::{Recordings, Settings, SettingsError, Transcription};

pub use crate::secret::Secret;

use crate::mutations::{self, Claim, Finalised};
use call::{Found, Lack};
use entity::enums::TranscriptSource;

/// The longest text of a column on MySQL and MariaDB, in bytes.
const MYSQL_TEXT: usize = 65_535;

/// Between two attempts to write the same.
const WRITING: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

/// How long giving calls back may take when it is to stop; then their leases have to run out.
const GIVING_BACK: Duration = Duration::from_secs(5);

/// Ready when it is to stop.
trait Stop: Future<Output = ()> + Clone + Unpin {}

impl<S: Future<Output = ()> + Clone + Unpin> Stop for S {}

/// Finalises calls.
#[derive(Debug)]
pub struct Finaliser {
    settings: Settings,
    client: Client,
}

/// What became of the calls of a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Summary {
    /// Now final.
    pub finalised: u64,
    /// Of those: the recording could not be had or not be transcribed, and that is not tried again.
    pub failed: u64,
    /// To be tried again later.
    pub postponed: u64,
    /// Finalised by somebody else after the lease ran out.
    pub lost: u64,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Finalised,
    Failed,
    Postponed,
    Lost,
}

impl Finaliser {
    /// Checks the settings, and connects to nobody.
    ///
    /// # Errors
    /// Where they make no sense together.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self { client: client::client()?, settings })
    }

    /// Whether it fetches any recording.
    pub fn fetches(&self) -> bool {
        self.settings.recordings.is_some()
    }

    /// Finalises all calls that there are to finalise now. On a tokio runtime.
    ///
    /// # Errors
    /// Where the database does not answer, or refuses; what was claimed is free again when the lease runs out.
    pub async fn run_once(&self, db: impl Into<PoolerSafe>) -> Result<Summary, DatabaseError> {
        let (summary, ended) = self.run_once_until(db, pending()).await;
        ended.map(|()| summary)
    }

    /// The same, unless `stop` is there before; then calls that are not done are given back. Says what became of the calls
    /// also where it ended with an error.
    pub async fn run_once_until(
        &self,
        db: impl Into<PoolerSafe>,
        stop: impl Future<Output = ()>,
    ) -> (Summary, Result<(), DatabaseError>) {
        let mut summary = Summary::default();
        let ended = self.pass(&db.into(), Box::pin(stop).shared(), &mut summary).await;
        (summary, ended.map_err(DatabaseError))
    }

    /// Does that again and again until `stop` is there. Errors are logged, and tried again.
    pub async fn run(&self, db: impl Into<PoolerSafe>, stop: impl Future<Output = ()>) {
        let db = db.into();
        let stop = Box::pin(stop).shared();
        loop {
            let mut summary = Summary::default();
            let ended = self.pass(&db, stop.clone(), &mut summary).await;
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
                tracing::warn!(error = %DatabaseError(error), "calls cannot be finalised, to be tried again");
            }
            // Several that were started together do not ask together.
            let pause = self.settings.poll.mul_f64(0.5 + fastrand::f64());
            let slept = Box::pin(tokio::time::sleep(pause));
            if let Either::Right(_) = select(slept, stop.clone()).await {
                return;
            }
        }
    }

    async fn pass(&self, db: &PoolerSafe, stop: impl Stop, summary: &mut Summary) -> Result<(), DbErr> {
        let horizon = TimeDelta::from_std(self.settings.horizon).unwrap_or(TimeDelta::MAX);
        loop {
            let now = now();
            // No database keeps every time that there is before that.
            let since = now.checked_sub_signed(horizon).unwrap_or_default().max(NaiveDateTime::default());
            let claiming = Box::pin(mutations::claim(db, now, self.settings.lease, since, self.settings.batch));
            // Somebody's lock may keep it waiting; dropped, it is rolled back.
            let Either::Left((claims, _)) = select(claiming, stop.clone()).await else { return Ok(()) };
            let claims = claims.inspect_err(|error| {
                db.notice(error);
            })?;
            if claims.is_empty() {
                return Ok(());
            }
            self.finalise_all(db, &claims, stop.clone(), summary).await?;
            if stop.clone().now_or_never().is_some() {
                return Ok(());
            }
        }
    }

    /// At once. The first error is returned when all have ended.
    async fn finalise_all(
        &self,
        db: &PoolerSafe,
        claims: &[Claim],
        stop: impl Stop,
        summary: &mut Summary,
    ) -> Result<(), DbErr> {
        let mut fates: FuturesUnordered<_> =
            claims.iter().map(|claim| self.finalise(db, claim, stop.clone())).collect();
        let mut too_late = Box::pin(stop.then(|()| tokio::time::sleep(GIVING_BACK)));
        let mut ended = Ok(());
        while let Either::Left((Some(fate), _)) = select(fates.next(), &mut too_late).await {
            match fate {
                Ok(fate) => {
                    metrics::counter!("finaliser_calls_total", "outcome" => fate.word()).increment(1);
                    summary.count(fate);
                }
                Err(error) => ended = ended.and(Err(error)),
            }
        }
        ended
    }

    async fn finalise(&self, db: &PoolerSafe, claim: &Claim, stop: impl Stop) -> Result<Fate, DbErr> {
        let finding = Box::pin(call::find_out(&self.client, &self.settings, claim));
        let found = match select(finding, stop.clone()).await {
            Either::Left((found, _)) => found,
            Either::Right(_) => return give_back(db, claim, claim.left_until).await,
        };
        let (fate, finalised) = match found {
            Found::All(finalised) => (Fate::Finalised, finalised),
            Found::Part { why: Lack::NotSettled, .. } => {
                return give_back(db, claim, Some(later(self.settings.settle))).await;
            }
            Found::Part { why, .. } if why.is_passing() && self.may_retry(claim) => {
                tracing::info!(call = claim.id, attempt = claim.attempts, why = sentence(&why), "call is tried again");
                return self.postpone(db, claim).await;
            }
            Found::Part { known, why } => {
                tracing::warn!(
                    call = claim.id,
                    attempt = claim.attempts,
                    why = sentence(&why),
                    "call is not tried again"
                );
                (Fate::Failed, call::with_transcript(claim, known))
            }
        };
        write(db, claim, fate, fitting(finalised, db.get_database_backend()), stop).await
    }

    async fn postpone(&self, db: &PoolerSafe, claim: &Claim) -> Result<Fate, DbErr> {
        let pause = self.settings.backoff.pause(u32::try_from(claim.attempts).unwrap_or_default());
        let is_done = mutations::postpone(db, claim, later(pause)).await?;
        Ok(if is_done { Fate::Postponed } else { Fate::Lost })
    }

    fn may_retry(&self, claim: &Claim) -> bool {
        u32::try_from(claim.attempts).is_ok_and(|attempts| attempts < self.settings.attempts)
    }
}

/// Writes the result. A database that is only busy is asked again while the lease lasts: a transcript is not to be paid for
/// twice. What it refuses, such as a text in letters that it does not know, must not keep the call from being final.
async fn write(
    db: &PoolerSafe,
    claim: &Claim,
    mut fate: Fate,
    mut finalised: Finalised,
    stop: impl Stop,
) -> Result<Fate, DbErr> {
    let mut attempt = 0;
    loop {
        let error = match mutations::finalise(db, claim, &finalised, now()).await {
            Ok(true) => return Ok(fate),
            // The recording is another by now, or the call is another's.
            Ok(false) => return give_back(db, claim, claim.left_until).await,
            Err(error) => DatabaseError(error),
        };
        attempt += 1;
        tracing::warn!(call = claim.id, attempt, %error, "call cannot be written");
        if error.is_about_data() && finalised.final_transcript.is_some() {
            fate = Fate::Failed;
            finalised = Finalised {
                final_transcript: None,
                transcript_source: finalised.transcript_source.map(|_| TranscriptSource::Failed),
                ..finalised
            };
            continue;
        }
        let pause = WRITING.pause(attempt);
        if error.is_about_data() || later(pause) >= claim.lease {
            return Err(error.0);
        }
        if let Either::Right(_) = select(Box::pin(tokio::time::sleep(pause)), stop.clone()).await {
            return give_back(db, claim, claim.left_until).await;
        }
    }
}

/// Not one attempt is counted.
async fn give_back(db: &PoolerSafe, claim: &Claim, until: Option<NaiveDateTime>) -> Result<Fate, DbErr> {
    let is_done = mutations::give_back(db, claim, until).await?;
    Ok(if is_done { Fate::Postponed } else { Fate::Lost })
}

impl Fate {
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
    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Finalised => self.finalised += 1,
            Fate::Failed => {
                self.finalised += 1;
                self.failed += 1;
            }
            Fate::Postponed => self.postponed += 1,
            Fate::Lost => self.lost += 1,
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

/// As exact as all databases keep it.
fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}

/// The transcript as the database takes it: no text holds a NUL on PostgreSQL, or more than so many bytes on MySQL.
fn fitting(mut finalised: Finalised, backend: DbBackend) -> Finalised {
    if let Some(text) = &mut finalised.final_transcript {
        text.retain(|letter| letter != '\0');
        if backend == DbBackend::MySql && text.len() > MYSQL_TEXT {
            text.truncate(text.floor_char_boundary(MYSQL_TEXT));
        }
    }
    finalised
}

fn sentence(why: &Lack) -> String {
    sea_orm_kit::error_chain(why)
}

#[cfg(test)]
mod tests;
