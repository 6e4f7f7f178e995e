//! The three parts of a finding in words: what differs, what it will cause, what to do.

mod effect;
mod help;
mod what;

pub(super) use effect::effect;
pub(super) use help::help;
pub(super) use what::what;

use super::decided;

use crate::{
    difference::{Difference, Unchecked},
    model::{DefaultValue, Dialect},
};

/// All three parts, a line each, and what was decided.
pub(super) fn lines(difference: &Difference, dialect: Dialect) -> String {
    let help = help(difference).map(|help| format!("help: {help}"));
    let judged = [what(difference), effect(difference, dialect)].into_iter();
    judged.chain(decided::lines(&difference.decision)).chain(help).collect::<Vec<_>>().join("\n")
}

/// What is left open, and what was decided, a line each.
pub(super) fn open_lines(open: &Unchecked) -> String {
    [open.why.clone()].into_iter().chain(decided::lines(&open.decision)).collect::<Vec<_>>().join("\n")
}

pub(super) fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("'{label}'")).collect::<Vec<_>>().join(", ")
}

pub(super) fn stored(default: Option<&DefaultValue>) -> String {
    default.map_or_else(|| "NULL".to_owned(), ToString::to_string)
}
