//! A finding in words: what differs, and what to do. What it breaks is its [`Impact`](crate::Impact).

mod advice;
mod difference;

pub(super) use advice::{advice, advice_about_columns};
pub(super) use difference::{difference, missing_column};

use super::suppression;
use crate::difference::{Difference, Unchecked};

/// All parts, a line each, and whether it is accepted.
pub(super) fn lines(found: &Difference) -> String {
    let advice = advice(found).map(|advice| format!("help: {advice}"));
    let judged = [difference(found), found.impact.reason.clone()].into_iter();
    judged.chain(suppression::lines(&found.suppression)).chain(advice).collect::<Vec<_>>().join("\n")
}

/// The open question, and whether it is accepted, a line each.
pub(super) fn unchecked_lines(open: &Unchecked) -> String {
    [open.question.clone()].into_iter().chain(suppression::lines(&open.suppression)).collect::<Vec<_>>().join("\n")
}
