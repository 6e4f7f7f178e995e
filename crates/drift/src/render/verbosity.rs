//! Which findings a report for people shows.

use crate::{
    consequence::Severity,
    difference::{Difference, Unchecked},
    report::Report,
    suppression::Suppression,
};

/// How much a report for people shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verbosity {
    /// Warnings and errors.
    Normal,
    /// Harmless and accepted findings, too.
    Verbose,
}

impl Report {
    /// The differences to show, worst first.
    pub(super) fn shown(&self, verbosity: Verbosity) -> impl Iterator<Item = &Difference> {
        // Harmless differences are also shown where they are the only reason for "not in sync".
        let hides_info = self.fails_at(Severity::Warning) || self.is_in_sync();
        let lowest = if hides_info && verbosity == Verbosity::Normal { Severity::Warning } else { Severity::Info };
        self.differences
            .iter()
            .filter(move |difference| difference.severity() >= lowest && verbosity.shows(&difference.suppression))
    }

    /// What is unchecked, to show.
    pub(super) fn shown_unchecked(&self, verbosity: Verbosity) -> impl Iterator<Item = &Unchecked> {
        let is_normal = verbosity == Verbosity::Normal;
        self.unchecked
            .iter()
            .filter(move |unchecked| verbosity.shows(&unchecked.suppression) && !(is_normal && unchecked.is_minor()))
    }
}

impl Verbosity {
    fn shows(self, suppression: &Suppression) -> bool {
        self == Self::Verbose || !suppression.is_accepted()
    }
}
