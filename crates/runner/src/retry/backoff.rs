//! Whether and when to retry.

use std::time::{Duration, Instant};

use crate::{context::Context, error::Error, event::Event, session::Session};

use super::pause::{jittered, pause};

/// The interval between attempts to take the migration lock.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The interval between events about the same wait.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// The longest wait before the next attempt at a table.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// How long, and in how many attempts, a run has waited for one lock.
pub(crate) struct Backoff {
    since: Option<Instant>,
    reported: Option<Instant>,
    tries: u32,
}

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self { since: None, reported: None, tries: 0 }
    }

    /// Waits before the next attempt to take the migration lock. `began` is the start of this attempt: SQLite has waited during it.
    pub(crate) async fn wait_for_migrator(
        &mut self,
        context: &Context,
        holders: Vec<Session>,
        began: Instant,
    ) -> Result<(), Error> {
        let waited = self.since.get_or_insert(began).elapsed();
        if waited >= context.settings.lock_wait {
            return Err(Error::Busy { waited, holders });
        }
        if self.reported.is_none_or(|reported| reported.elapsed() >= REPORT_INTERVAL) {
            self.reported = Some(Instant::now());
            context.listener.notify(&Event::WaitingForMigrator { holders, waited });
        }
        pause(jittered(POLL_INTERVAL), &context.stop).await;
        Ok(())
    }

    /// How much longer the run may wait.
    pub(crate) fn time_left(&self, context: &Context) -> Duration {
        context.settings.lock_wait.saturating_sub(self.since.map(|since| since.elapsed()).unwrap_or_default())
    }

    /// Waits before the next attempt at a table, with exponential backoff and jitter. `began` is the start of this attempt, and
    /// `longest` the longest time that a statement of it can have waited for a lock.
    pub(crate) async fn wait_for_table(
        &mut self,
        context: &Context,
        migration: &str,
        blockers: Vec<Session>,
        began: Instant,
        longest: Duration,
    ) -> Result<(), Error> {
        // Excludes the time spent executing before the lock wait.
        let began = Instant::now().checked_sub(longest).map_or(began, |earliest| began.max(earliest));
        let waited = self.since.get_or_insert(began).elapsed();
        self.tries += 1;
        let (migration, tries) = (migration.to_owned(), self.tries);
        if waited >= context.settings.lock_wait {
            return Err(Error::Blocked { migration, waited, tries, blockers });
        }
        let doubled = context.settings.lock_timeout.saturating_mul(1 << (tries - 1).min(16));
        let left = context.settings.lock_wait.saturating_sub(waited);
        let again_in = jittered(doubled.min(MAX_WAIT)).min(left);
        context.listener.notify(&Event::WaitingForTable { migration, blockers, tries, again_in });
        pause(again_in, &context.stop).await;
        Ok(())
    }
}
