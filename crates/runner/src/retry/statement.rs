//! Retries one statement until it gets its lock.

use std::{
    mem,
    time::{Duration, Instant},
};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use sea_orm_connect::ErrorKind;

use super::backoff::Backoff;
use crate::{
    lock::{self, AwaitedLock},
    monitor::Run,
    session::Session,
};

/// Retries a statement on its own. A retry of the whole migration would repeat earlier statements, which matters where each
/// statement commits on its own.
pub(crate) struct StatementRetry {
    /// The run that the migration is part of; `None` if something else runs it, and the statement is not retried.
    pub(crate) run: Option<Run>,
    backoff: Backoff,
    /// The lock timeout of this attempt, if it was longer than usual.
    pub(crate) longest: Option<Duration>,
    /// The sessions that blocked this attempt.
    pub(crate) blockers: Vec<Session>,
}

impl StatementRetry {
    pub(crate) fn new() -> Self {
        Self { run: Run::current(), backoff: Backoff::new(), longest: None, blockers: Vec::new() }
    }

    /// How much longer to wait, and at least one lock timeout.
    pub(crate) fn time_left(&self) -> Duration {
        let left = |run: &Run| self.backoff.time_left(&run.context).max(run.context.settings.lock_timeout);
        self.run.as_ref().map(left).unwrap_or_default()
    }

    /// Whether the run was asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.context.stop.signal().is_some())
    }

    /// Waits after an attempt that failed because of a lock. Returns the error if it has another reason, if the run has waited
    /// long enough, or if it was asked to stop.
    pub(crate) async fn wait_after(
        &mut self,
        db: &impl ConnectionTrait,
        error: DbErr,
        wanted: AwaitedLock<'_>,
        began: Instant,
    ) -> Result<(), DbErr> {
        let Some(run) = self.run.as_ref().filter(|_| ErrorKind::of(&error) == ErrorKind::Lock) else {
            return Err(error);
        };
        let blockers = match mem::take(&mut self.blockers) {
            seen if seen.is_empty() => lock::possible_blockers(db, wanted, &run.context.settings).await,
            seen => seen,
        };
        let longest = self.longest.take().unwrap_or(run.context.settings.lock_timeout);
        let wait = self.backoff.wait_for_table(&run.context, &run.migration, blockers, began, longest).await;
        wait.map_err(|error| run.keep_error(error))?;
        run.check_stop()
    }
}
