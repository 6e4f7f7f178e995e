//! How much of a report is worth a person's time.

use super::Report;
use crate::{consequence::Severity, difference::Difference};

/// How much a report for people tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Warnings and errors.
    Usual,
    /// Differences that break nothing, too.
    Verbose,
}

impl Report {
    /// The differences to show, loudest first.
    pub(super) fn shown(&self, detail: Detail) -> impl Iterator<Item = &Difference> {
        // What breaks nothing is shown when asked for, or when it is all there is to show for "not in sync".
        let quiet = self.fails_at(Severity::Warning) || self.is_in_sync();
        let lowest = if quiet && detail == Detail::Usual { Severity::Warning } else { Severity::Info };
        self.differences.iter().filter(move |difference| difference.severity() >= lowest)
    }
}
