//! How much of a report is worth a person's time.

use super::Report;
use crate::{
    consequence::Severity,
    decision::Decision,
    difference::{Difference, Unchecked},
};

/// How much a report for people tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Warnings and errors.
    Usual,
    /// Differences that break nothing and what is accepted, too.
    Verbose,
}

impl Report {
    /// The differences to show, loudest first.
    pub(super) fn shown(&self, detail: Detail) -> impl Iterator<Item = &Difference> {
        // What breaks nothing is shown when asked for, or when it is all there is to show for "not in sync".
        let quiet = self.fails_at(Severity::Warning) || self.is_in_sync();
        let lowest = if quiet && detail == Detail::Usual { Severity::Warning } else { Severity::Info };
        let is_loud = move |found: &&Difference| found.severity() >= lowest && detail.shows(&found.decision);
        self.differences.iter().filter(is_loud)
    }

    /// What is unchecked, to show.
    pub(super) fn shown_unchecked(&self, detail: Detail) -> impl Iterator<Item = &Unchecked> {
        self.unchecked.iter().filter(move |open| detail.shows(&open.decision))
    }
}

impl Detail {
    fn shows(self, decision: &Decision) -> bool {
        self == Self::Verbose || !decision.is_accepted()
    }
}
