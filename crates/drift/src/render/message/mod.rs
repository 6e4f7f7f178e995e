//! A finding in words: what differs, and what to do. What it breaks is its [`Impact`](crate::Impact).

mod advice;
mod difference;
mod settle;

pub(super) use advice::{advice, advice_about_columns};
pub(super) use difference::{missing_column, what_differs};

use super::suppression;
use crate::{
    commands::Commands,
    difference::{Difference, Unchecked},
};

/// All parts, a line each, and whether it is accepted.
pub(super) fn lines(difference: &Difference, commands: &Commands) -> String {
    let advice = advice(difference, commands).map(|advice| format!("help: {advice}"));
    let judged = [what_differs(difference), difference.impact.reason.clone()].into_iter();
    judged.chain(suppression::lines(&difference.suppression)).chain(advice).collect::<Vec<_>>().join("\n")
}

/// The open question, and whether it is accepted, a line each.
pub(super) fn unchecked_lines(unchecked: &Unchecked) -> String {
    [unchecked.question.clone()]
        .into_iter()
        .chain(suppression::lines(&unchecked.suppression))
        .collect::<Vec<_>>()
        .join("\n")
}
