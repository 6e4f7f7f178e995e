//! What the evidence makes of a difference.

use crate::{
    change::Change,
    consequence::{Consequence, Impact},
    difference::Difference,
    evidence::Evidence,
};

impl Difference {
    /// Makes what may happen certain, or withdraws it where no row does it.
    pub(super) fn decide(&mut self, evidence: Evidence) {
        if self.impact.consequence == Consequence::ReadsMayFail {
            if evidence.found > 0 {
                let reason = format!("reading these rows fails: {evidence}");
                self.impact = Impact { consequence: Consequence::ReadsFail, reason };
            } else if evidence.is_complete {
                let reason = format!("nothing breaks today: {evidence}; a row written past the program may break it");
                self.impact = Impact { consequence: Consequence::Nothing, reason };
            }
        } else if evidence.found > 0 && matches!(self.change, Change::UniqueMissing { .. }) {
            let values =
                if evidence.found == 1 { "1 value occurs" } else { &format!("{} values occur", evidence.found) };
            self.impact.reason = format!("{}; {values} more than once", self.impact.reason);
        } else if evidence.found > 0 {
            self.impact.reason = format!("{}; it is so in {evidence}", self.impact.reason);
        }
        self.rows = Some(evidence);
    }
}
