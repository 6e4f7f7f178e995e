//! The impact of one statement: the locks it takes, and how much of a table it reads or rewrites.

use std::cmp::Ordering;

use crate::{lock_mode::LockMode, plan::Work};

/// What a statement would do. Several locks on one table count as one, the strongest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Impact {
    /// `None` if the locks are unknown. A lock without a table is one on a whole SQLite database.
    pub(crate) locks: Option<Vec<(Option<String>, LockMode)>>,
    pub(crate) work: Work,
    pub(crate) reason: Option<String>,
}

impl Impact {
    /// Locks no table that another session could use.
    pub(crate) fn lock_free(work: Work) -> Self {
        Self { locks: Some(Vec::new()), work, reason: None }
    }

    pub(crate) fn on(table: impl Into<String>, mode: LockMode, work: Work) -> Self {
        Self::lock_free(work).locking(table, mode)
    }

    /// On a SQLite database.
    pub(crate) fn on_file(work: Work) -> Self {
        Self { locks: Some(vec![(None, LockMode::File)]), work, reason: None }
    }

    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self { locks: None, work: Work::Unknown, reason: Some(reason.into()) }
    }

    pub(crate) fn locking(mut self, table: impl Into<String>, mode: LockMode) -> Self {
        if let Some(locks) = &mut self.locks {
            add(locks, (Some(table.into()), mode));
        }
        self
    }

    pub(crate) fn with_reason(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// The impact of both: the stronger lock on each table, and the longer work with its reason.
    pub(crate) fn and(self, other: Self) -> Self {
        let locks = self.locks.zip(other.locks).map(|(mut locks, others)| {
            for lock in others {
                add(&mut locks, lock);
            }
            locks
        });
        let reason = match self.work.cmp(&other.work) {
            Ordering::Less => other.reason,
            Ordering::Equal => self.reason.or(other.reason),
            Ordering::Greater => self.reason,
        };
        Self { locks, work: self.work.max(other.work), reason }
    }
}

fn add(locks: &mut Vec<(Option<String>, LockMode)>, (table, mode): (Option<String>, LockMode)) {
    match locks.iter_mut().find(|(known, _)| *known == table) {
        Some((_, known)) => *known = mode.max(*known),
        None => locks.push((table, mode)),
    }
}
