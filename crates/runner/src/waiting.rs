//! Whether and when there is another try.

use std::time::{Duration, Instant};

use crate::{
    error::Error,
    event::Event,
    pause::{jittered, pause},
    session::Session,
    terms::Terms,
};

/// How soon after another migrator ends this one goes on.
const POLL: Duration = Duration::from_millis(250);

/// How often it is said that this one waits for another.
const REMINDER: Duration = Duration::from_secs(10);

/// The longest pause before a table is asked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// For how long, and how often, one thing has been waited for.
pub(crate) struct Waiting {
    since: Option<Instant>,
    told: Option<Instant>,
    tries: u32,
}

impl Waiting {
    pub(crate) const fn new() -> Self {
        Self { since: None, told: None, tries: 0 }
    }

    /// `began` is when this try began: SQLite waits a while itself before it says that it has to.
    pub(crate) async fn for_migrator(
        &mut self,
        terms: &Terms,
        holders: Vec<Session>,
        began: Instant,
    ) -> Result<(), Error> {
        let waited = self.since.get_or_insert(began).elapsed();
        if waited >= terms.settings.lock_wait {
            return Err(Error::Busy { waited, holders });
        }
        if self.told.is_none_or(|told| told.elapsed() >= REMINDER) {
            self.told = Some(Instant::now());
            terms.listener.tell(&Event::WaitingForMigrator { holders, waited });
        }
        pause(jittered(POLL), &terms.stop).await;
        Ok(())
    }

    /// How much longer it may be waited.
    pub(crate) fn left(&self, terms: &Terms) -> Duration {
        terms.settings.lock_wait.saturating_sub(self.since.map(|since| since.elapsed()).unwrap_or_default())
    }

    /// The more often, the longer the pause: who is in the way has work to do, and so have those who were held up. `began` is
    /// when this try began, and `longest` how long a statement of it may have waited.
    pub(crate) async fn for_table(
        &mut self,
        terms: &Terms,
        migration: &str,
        blockers: Vec<Session>,
        began: Instant,
        longest: Duration,
    ) -> Result<(), Error> {
        // What a try worked before it had to wait is no waiting.
        let began = Instant::now().checked_sub(longest).map_or(began, |earliest| began.max(earliest));
        let waited = self.since.get_or_insert(began).elapsed();
        self.tries += 1;
        let (migration, tries) = (migration.to_owned(), self.tries);
        if waited >= terms.settings.lock_wait {
            return Err(Error::Blocked { migration, waited, tries, blockers });
        }
        let doubled = terms.settings.lock_timeout.saturating_mul(1 << (tries - 1).min(16));
        let left = terms.settings.lock_wait.saturating_sub(waited);
        let again_in = jittered(doubled.min(LONGEST_PAUSE)).min(left);
        terms.listener.tell(&Event::WaitingForTable { migration, blockers, tries, again_in });
        pause(again_in, &terms.stop).await;
        Ok(())
    }
}
