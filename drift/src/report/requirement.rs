//! What a report must be for a check to pass.

use super::Report;
use crate::{change::Standing, consequence::Severity, difference::Difference};

/// What a report must be for a check to pass.
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
            && (self.unchecked.is_empty() || requirement.allows_unchecked())
    }
}

impl Requirement {
    pub(super) fn allows(self, difference: &Difference) -> bool {
        match self {
            Self::Below(severity) => difference.severity() < severity,
            Self::InSync => {
                difference.severity() == Severity::Info && difference.change.standing() == Standing::Addition
            }
        }
    }

    pub(super) fn allows_unchecked(self) -> bool {
        self != Self::InSync
    }
}
