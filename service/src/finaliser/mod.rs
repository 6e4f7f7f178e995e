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
    FutureExt,
    future::{Either, join_all, select},
};
use reqwest::Client;
use sea_orm::{DatabaseConnection, DbBackend, DbErr};

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

    /// Finalises all calls that there are to finalise now. On a tokio runtime.
    ///
    /// # Errors
    /// Where the database does not answer; what was claimed is free again when the lease runs out.
    pub async fn run_once(&self, db: &DatabaseConnection) -> Result<Summary, DatabaseError> {
        Ok(self.pass(db, pending()).await?)
    }

    /// Does that again and again until `stop` is there; then calls that are not done are given back. Errors are logged, and
    /// tried again.
    pub async fn run(&self, db: &DatabaseConnection, stop: impl Future<Output = ()>) {
        let stop = Box::pin(stop).shared();
        loop {
            match self.pass(db, stop.clone()).await {
                Ok(summary) if summary == Summary::default() => {}
                Ok(summary) => tracing::info!(
                    finalised = summary.finalised,
                    failed = summary.failed,
                    postponed = summary.postponed,
                    lost = summary.lost,
                    "calls finalised"
                ),
                Err(error) => {
                    metrics::counter!("finaliser_errors_total").increment(1);
                    tracing::warn!(error = %DatabaseError(error), "calls cannot be finalised, to be tried again");
                }
            }
            // Several that were started together do not ask together.
            let pause = self.settings.poll.mul_f64(0.5 + fastrand::f64());
            let slept = Box::pin(tokio::time::sleep(pause));
            if let Either::Right(_) = select(slept, stop.clone()).await {
                return;
            }
        }
    }

    async fn pass(&self, db: &DatabaseConnection, stop: impl Future<Output = ()> + Clone) -> Result<Summary, DbErr> {
        let mut summary = Summary::default();
        let horizon = TimeDelta::from_std(self.settings.horizon).unwrap_or(TimeDelta::MAX);
        loop {
            let now = now();
            let since = now.checked_sub_signed(horizon).unwrap_or(NaiveDateTime::MIN);
            let claims = mutations::claim(db, now, self.settings.lease, since, self.settings.batch).await?;
            if claims.is_empty() {
                return Ok(summary);
            }
            let fates = join_all(claims.iter().map(|claim| self.finalise(db, claim, stop.clone()))).await;
            for fate in fates {
                let fate = fate?;
                metrics::counter!("finaliser_calls_total", "outcome" => fate.word()).increment(1);
                summary.count(fate);
            }
            if stop.clone().now_or_never().is_some() {
                return Ok(summary);
            }
        }
    }

    async fn finalise(
        &self,
        db: &DatabaseConnection,
        claim: &Claim,
        stop: impl Future<Output = ()>,
    ) -> Result<Fate, DbErr> {
        let finding = Box::pin(call::find_out(&self.client, &self.settings, claim));
        let found = match select(finding, Box::pin(stop)).await {
            Either::Left((found, _)) => found,
            Either::Right(_) => return self.postpone(db, claim, Duration::ZERO).await,
        };
        let (fate, finalised) = match found {
            Found::All(finalised) => (Fate::Finalised, finalised),
            Found::Part { why: Lack::NotSettled, .. } => return self.postpone(db, claim, self.settings.settle).await,
            Found::Part { why, .. } if why.is_passing() && self.may_retry(claim) => {
                tracing::info!(call = claim.id, attempt = claim.attempts, why = sentence(&why), "call is tried again");
                return self.postpone(db, claim, self.pause(claim)).await;
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
        self.write(db, claim, fate, fitting(finalised, db.get_database_backend())).await
    }

    /// What a database refuses, such as a text in letters that it does not know, must not keep the call from being final.
    async fn write(
        &self,
        db: &DatabaseConnection,
        claim: &Claim,
        fate: Fate,
        finalised: Finalised,
    ) -> Result<Fate, DbErr> {
        let error = match mutations::finalise(db, claim, &finalised, now()).await {
            Ok(is_done) => return Ok(if is_done { fate } else { Fate::Lost }),
            Err(error) => error,
        };
        tracing::warn!(call = claim.id, attempt = claim.attempts, error = %DatabaseError(error), "call cannot be written");
        if self.may_retry(claim) {
            return self.postpone(db, claim, self.pause(claim)).await;
        }
        let bare = Finalised {
            final_transcript: None,
            transcript_source: finalised.transcript_source.map(|_| TranscriptSource::Failed),
            ..finalised
        };
        let is_done = mutations::finalise(db, claim, &bare, now()).await?;
        Ok(if is_done { Fate::Failed } else { Fate::Lost })
    }

    async fn postpone(&self, db: &DatabaseConnection, claim: &Claim, pause: Duration) -> Result<Fate, DbErr> {
        let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX);
        let until = now().checked_add_signed(pause).unwrap_or(NaiveDateTime::MAX);
        let is_done = mutations::postpone(db, claim, until).await?;
        Ok(if is_done { Fate::Postponed } else { Fate::Lost })
    }

    fn may_retry(&self, claim: &Claim) -> bool {
        u32::try_from(claim.attempts).is_ok_and(|attempts| attempts < self.settings.attempts)
    }

    fn pause(&self, claim: &Claim) -> Duration {
        self.settings.backoff.pause(u32::try_from(claim.attempts).unwrap_or_default())
    }
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
    migration::telling::sentence(why)
}

#[cfg(test)]
mod tests;
