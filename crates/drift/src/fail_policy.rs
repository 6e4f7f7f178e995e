//! When a check fails.

use crate::{
    change::Origin,
    consequence::Severity,
    difference::{Difference, Unchecked},
};

/// When a check fails. Accepted findings never fail it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailOn {
    /// On a finding of at least this severity.
    AtLeast(Severity),
    /// Unless the database matches the entities: see [`Report::is_in_sync`](crate::Report::is_in_sync).
    OutOfSync,
}

impl FailOn {
    pub(crate) fn allows(self, difference: &Difference) -> bool {
        let is_allowed = match self {
            Self::AtLeast(severity) => difference.severity() < severity,
            Self::OutOfSync => {
                difference.severity() == Severity::Info && difference.change.origin() == Origin::Undeclared
            }
        };
        is_allowed || difference.suppression.is_accepted()
    }

    /// What is unchecked has no severity, unless its rule or an exception gives it one.
    pub(crate) fn allows_unchecked(self, unchecked: &Unchecked) -> bool {
        let is_allowed = match self {
            Self::AtLeast(severity) => unchecked.severity() < Some(severity),
            Self::OutOfSync => unchecked.is_minor(),
        };
        is_allowed || unchecked.suppression.is_accepted()
    }
}
