//! What was decided about a finding before it was found: by an exception, or by the baseline.

use crate::{
    consequence::{Consequence, Severity},
    exceptions::{Exception, Level},
};

/// What was decided about a finding before it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The exception that applies to it.
    pub exception: Option<Exception>,
    /// What the baseline says of it; `None` without a baseline.
    pub novelty: Option<Novelty>,
}

/// A finding beside the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// The baseline does not have it.
    New,
    /// The baseline has it.
    Known,
    /// The baseline has it, and it breaks more than it did.
    Worse {
        /// What it broke when the baseline was written.
        before: Consequence,
    },
}

impl Decision {
    /// Whether it is known and does not count: an exception allows it, or the baseline has it. Either is enough.
    pub fn is_accepted(&self) -> bool {
        self.novelty == Some(Novelty::Known) || self.is_allowed()
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.exception.as_ref().is_some_and(|exception| exception.level == Level::Allow)
    }

    /// How loud the finding is by decision; `None` leaves it to what it breaks.
    pub(crate) fn severity(&self) -> Option<Severity> {
        if self.is_accepted() {
            return Some(Severity::Info);
        }
        self.exception.as_ref().map(|exception| exception.level.severity())
    }
}
