//! Whether a finding is accepted: by an exception, or by the baseline.

use crate::{
    consequence::{Consequence, Severity},
    exceptions::{Exception, ExceptionLevel},
};

/// What exceptions and the baseline say about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suppression {
    /// The exception that applies to it.
    pub exception: Option<Exception>,
    /// Its state in the baseline; `None` without a baseline.
    pub baseline: Option<BaselineState>,
}

/// How a finding compares with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaselineState {
    /// The baseline does not have it.
    New,
    /// The baseline has it.
    Known,
    /// The baseline has it with a milder consequence.
    Worse {
        /// The consequence in the baseline.
        before: Consequence,
    },
}

impl Suppression {
    /// Whether an exception allows it, or the baseline has it: then it never fails a check.
    pub fn is_accepted(&self) -> bool {
        self.baseline == Some(BaselineState::Known) || self.is_allowed()
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.exception.as_ref().is_some_and(|exception| exception.level == ExceptionLevel::Allow)
    }

    /// The severity that it sets; `None` leaves it to the consequence.
    pub(crate) fn severity(&self) -> Option<Severity> {
        if self.is_accepted() {
            return Some(Severity::Info);
        }
        self.exception.as_ref().map(|exception| exception.level.severity())
    }
}
