//! The direction of a run, and which migration comes next.

use std::time::Duration;

use crate::{
    error::Error,
    event::Event,
    history::{self, State, Step},
};

/// The direction of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

impl Direction {
    /// The migrations affected by `steps`, in the order in which they run. Fixed at the start of a run: a run does not make up
    /// for what another run does meanwhile.
    pub(crate) fn targets(self, history: &[Step], steps: u32) -> Vec<String> {
        let mut candidates = history::named(history, if self == Self::Up { State::Pending } else { State::Applied });
        if self == Self::Down {
            candidates.reverse();
        }
        candidates.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
        candidates
    }

    /// The next migration, if it is one of the targets. An error if an unknown migration was applied after it, or if another
    /// run has undone a target.
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

    pub(crate) fn begins(self, migration: String) -> Event {
        if self == Self::Up { Event::Applying { migration } } else { Event::Undoing { migration } }
    }

    pub(crate) fn done(self, migration: String, took: Duration) -> Event {
        if self == Self::Up { Event::Applied { migration, took } } else { Event::Undone { migration, took } }
    }
}
