//! Which way a run goes, and how far one try at it came.

use std::time::Duration;

use crate::{
    error::Error,
    event::Event,
    history::{self, State, Step},
    session::Session,
};

/// Which way the schema goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// How a try ended that found nothing wrong.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// Committed, and on record or off it.
    Done {
        /// Which one.
        migration: String,
        /// Without the waiting.
        took: Duration,
    },
    /// Somebody else did it meanwhile.
    Moved,
    /// Another migrator has the lock.
    Busy(Vec<Session>),
    /// A table was in use, and all is as it was.
    Blocked {
        /// The migration.
        migration: String,
        /// Whose transactions were in its way.
        by: Vec<Session>,
    },
}

impl Way {
    /// Those that so many steps are about, in their order. Fixed when a run begins: what another run does meanwhile is not
    /// made up for.
    pub(crate) fn targets(self, history: &[Step], steps: u32) -> Vec<String> {
        let mut candidates = history::named(history, if self == Self::Up { State::Pending } else { State::Applied });
        if self == Self::Down {
            candidates.reverse();
        }
        candidates.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
        candidates
    }

    /// The migration that comes next, if it is one of the targets. Nothing is undone that stands before what this
    /// program does not know, nor where another run has undone a target.
    pub(crate) fn next(
        self,
        table: &str,
        history: &[Step],
        targets: Option<&[String]>,
    ) -> Result<Option<String>, Error> {
        if targets.is_some_and(<[String]>::is_empty) {
            return Ok(None);
        }
        let next = self.targets(history, 1).pop();
        if self == Self::Up {
            return Ok(next.filter(|next| targets.is_none_or(|targets| targets.contains(next))));
        }
        let Some(oldest) = targets.and_then(<[String]>::last).or(next.as_ref()) else { return Ok(None) };
        let mut unknown = history::named(history, State::Unknown);
        unknown.retain(|unknown| unknown > oldest);
        if !unknown.is_empty() {
            return Err(Error::Ahead { history: table.to_owned(), migrations: unknown });
        }
        match targets.and_then(<[String]>::first) {
            Some(target) if next.as_ref() != Some(target) => Err(Error::UndoneByAnother { migration: target.clone() }),
            _ => Ok(next),
        }
    }

    pub(crate) fn nothing(self) -> &'static Event {
        if self == Self::Up { &Event::NothingToApply } else { &Event::NothingToUndo }
    }

    pub(crate) fn done(self, migration: String, took: Duration) -> Event {
        if self == Self::Up { Event::Applied { migration, took } } else { Event::Undone { migration, took } }
    }
}
