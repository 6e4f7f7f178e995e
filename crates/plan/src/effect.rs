//! What one statement does to tables: the common ground of all servers.

use super::{mode::Mode, model::Work};

/// What a statement would do. The locks of one table are one lock, the strongest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// `None` where they are not known.
    pub(crate) locks: Option<Vec<(Option<String>, Mode)>>,
    pub(crate) work: Work,
    pub(crate) because: Option<String>,
}

impl Effect {
    /// On no table that anybody could use.
    pub(crate) fn elsewhere(work: Work) -> Self {
        Self { locks: Some(Vec::new()), work, because: None }
    }

    pub(crate) fn on(table: impl Into<String>, mode: Mode, work: Work) -> Self {
        Self::elsewhere(work).locking(table, mode)
    }

    /// On a SQLite database.
    pub(crate) fn on_file(work: Work) -> Self {
        Self { locks: Some(vec![(None, Mode::File)]), work, because: None }
    }

    pub(crate) fn unknown(because: impl Into<String>) -> Self {
        Self { locks: None, work: Work::Unknown, because: Some(because.into()) }
    }

    pub(crate) fn locking(mut self, table: impl Into<String>, mode: Mode) -> Self {
        if let Some(locks) = &mut self.locks {
            add(locks, (Some(table.into()), mode));
        }
        self
    }

    pub(crate) fn because(self, because: impl Into<String>) -> Self {
        Self { because: Some(because.into()), ..self }
    }

    /// Both at once: the stronger lock of each table, the longer work and its reason.
    pub(crate) fn and(self, other: Self) -> Self {
        let locks = self.locks.zip(other.locks).map(|(mut locks, others)| {
            for lock in others {
                add(&mut locks, lock);
            }
            locks
        });
        let because = match self.work.cmp(&other.work) {
            std::cmp::Ordering::Less => other.because,
            std::cmp::Ordering::Equal => self.because.or(other.because),
            std::cmp::Ordering::Greater => self.because,
        };
        Self { locks, work: self.work.max(other.work), because }
    }
}

fn add(locks: &mut Vec<(Option<String>, Mode)>, (table, mode): (Option<String>, Mode)) {
    match locks.iter_mut().find(|(known, _)| *known == table) {
        Some((_, known)) => *known = mode.max(*known),
        None => locks.push((table, mode)),
    }
}
