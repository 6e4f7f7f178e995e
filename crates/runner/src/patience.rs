//! One statement that gets its lock sooner or later.

use std::{
    mem,
    time::{Duration, Instant},
};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use sea_orm_connect::ErrorKind;

use crate::{
    server::{self, Wanted},
    session::Session,
    waiting::Waiting,
    watch::Run,
};

/// For a statement that is tried again by itself. Nothing that ran before it is repeated, as it would be if the migration
/// failed and was tried again: where each statement commits by itself, that matters.
pub(crate) struct Patience {
    /// Without it there is none: whoever else runs the migration may do it again.
    pub(crate) run: Option<Run>,
    waiting: Waiting,
    /// How long a statement may have waited in this try, where that is longer than usual.
    pub(crate) longest: Option<Duration>,
    /// Who was seen in the way of this try.
    pub(crate) blockers: Vec<Session>,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { run: Run::current(), waiting: Waiting::new(), longest: None, blockers: Vec::new() }
    }

    /// How much of it is left, and never less than one try takes.
    pub(crate) fn left(&self) -> Duration {
        let left = |run: &Run| self.waiting.left(&run.terms).max(run.terms.settings.lock_timeout);
        self.run.as_ref().map(left).unwrap_or_default()
    }

    /// Whether somebody wants to stop.
    pub(crate) fn is_over(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.terms.stop.signal().is_some())
    }

    /// Waits after a try that began then and failed, unless that was for another reason than a lock, or it is at its end, or
    /// somebody wants to stop.
    pub(crate) async fn after(
        &mut self,
        db: &impl ConnectionTrait,
        error: DbErr,
        wanted: Wanted<'_>,
        began: Instant,
    ) -> Result<(), DbErr> {
        let Some(run) = self.run.as_ref().filter(|_| ErrorKind::of(&error) == ErrorKind::Lock) else {
            return Err(error);
        };
        let blockers = match mem::take(&mut self.blockers) {
            seen if seen.is_empty() => server::blockers(db, wanted, &run.terms.settings).await,
            seen => seen,
        };
        let longest = self.longest.take().unwrap_or(run.terms.settings.lock_timeout);
        let wait = self.waiting.for_table(&run.terms, &run.migration, blockers, began, longest).await;
        wait.map_err(|error| run.give_up(error))?;
        run.go_on()
    }
}
