//! What a report must be for a check to pass.

use super::Report;
use crate::{
    change::Standing,
    consequence::Severity,
    difference::{Difference, Unchecked},
};

/// What a report must be for a check to pass. What is accepted, by an exception or by a baseline, passes every check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing in it is as loud as this.
    Below(Severity),
    /// The database is what the entities say: [`Report::is_in_sync`].
    InSync,
}

impl Report {
    /// Whether the report is as required.
    pub fn meets(&self, requirement: Requirement) -> bool {
        self.differences.iter().all(|difference| requirement.allows(difference))
            && self.unchecked.iter().all(|open| requirement.allows_unchecked(open))
    }
}

impl Requirement {
    pub(super) fn allows(self, difference: &Difference) -> bool {
        let is_allowed = match self {
            Self::Below(severity) => difference.severity() < severity,
            Self::InSync => {
                difference.severity() == Severity::Info && difference.change.standing() == Standing::Addition
            }
        };
        is_allowed || difference.decision.is_accepted()
    }

    /// What nobody decided about is not loud, and not in sync.
    pub(super) fn allows_unchecked(self, open: &Unchecked) -> bool {
        let is_allowed = match self {
            Self::Below(severity) => open.severity() < Some(severity),
            Self::InSync => false,
        };
        is_allowed || open.decision.is_accepted()
    }
}
