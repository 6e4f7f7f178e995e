//! Accepts the findings of a baseline.

use std::cmp::Reverse;

use crate::{
    baseline::Baseline, exceptions::Stale, fingerprint::Fingerprint, report::Report, suppression::BaselineState,
};

impl Report {
    /// Accepts the findings that the baseline has. New findings, and those with a worse consequence than in the baseline,
    /// keep their severity. Entries that are no longer found are listed in [`stale`](Self::stale).
    ///
    /// An entry accepts one finding, even where several have the same rule and object. An entry about a part of a table that is
    /// missing as a whole is kept: it may be found again when the table is back.
    #[must_use]
    pub fn accept(mut self, baseline: &Baseline) -> Self {
        let mut entries = baseline.findings.clone();
        let mut findings: Vec<_> = self.suppressions_mut().collect();
        // Worst first, so that a mild finding does not use up the entry of a serious one.
        findings.sort_by_key(|(fingerprint, _)| Reverse(fingerprint.consequence));
        for (fingerprint, suppression) in &mut findings {
            let covers = |entry: &Fingerprint| {
                entry.is_same_finding(fingerprint) && entry.consequence >= fingerprint.consequence
            };
            let mildest_match =
                (0..entries.len()).filter(|&at| covers(&entries[at])).min_by_key(|&at| entries[at].consequence);
            suppression.baseline = Some(match mildest_match {
                Some(at) => {
                    entries.remove(at);
                    BaselineState::Known
                }
                None => BaselineState::New,
            });
        }
        // What is left of the same name was milder.
        for (fingerprint, suppression) in &mut findings {
            if suppression.baseline != Some(BaselineState::New) {
                continue;
            }
            if let Some(at) = entries.iter().position(|entry| entry.is_same_finding(fingerprint)) {
                suppression.baseline = entries.remove(at).consequence.map(|before| BaselineState::Worse { before });
            }
        }
        drop(findings);
        entries.retain(|entry| !self.differences.iter().any(|difference| difference.hides(entry)));
        self.stale.extend(entries.into_iter().map(Stale::Settled));
        self.sort();
        self
    }
}
