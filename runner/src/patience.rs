//! One statement that gets its lock sooner or later.

use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use crate::{
    obstacle::Obstacle,
    server::{self, Wanted},
    waiting::Waiting,
    watch::Run,
};

/// For a statement that is tried again by itself. Nothing that ran before it is repeated, as it would be if the migration
/// failed and was tried again: where each statement commits by itself, that matters.
pub(crate) struct Patience {
    /// Without it there is none: whoever else runs the migration may do it again.
    run: Option<Run>,
    waiting: Waiting,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { run: Run::current(), waiting: Waiting::new() }
    }

    /// How much of it is left, and never less than one try takes.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.run.as_ref().map(|run| self.waiting.left(&run.terms).max(run.terms.settings.lock_timeout))
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
        let Some(run) = self.run.as_ref().filter(|_| Obstacle::of(&error) == Obstacle::Lock) else {
            return Err(error);
        };
        let blockers = server::blockers(db, wanted, &run.terms.settings).await;
        let longest = run.terms.settings.lock_timeout;
        let wait = self.waiting.for_table(&run.terms, &run.migration, blockers, began, longest).await;
        wait.map_err(|error| run.give_up(error))?;
        run.go_on()
    }
}
