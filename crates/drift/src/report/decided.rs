//! What was decided about a finding, in words and as data.

use serde::Serialize;

use crate::{
    consequence::Consequence,
    decision::{Decision, Novelty},
    difference::Unchecked,
    exceptions::{Exception, Level},
};

/// A line for each decision; none for a finding about which nothing was decided.
pub(super) fn lines(decision: &Decision) -> impl Iterator<Item = String> {
    decision.exception.as_ref().map(of_exception).into_iter().chain(decision.novelty.and_then(of_novelty))
}

/// Why a finding is accepted; `None` for one that counts.
pub(super) fn justification(decision: &Decision) -> Option<&str> {
    let reason = decision.exception.as_ref().filter(|_| decision.is_allowed()).map(|exception| &*exception.reason);
    reason.or_else(|| decision.is_accepted().then_some("it is in the baseline"))
}

/// How loud it was decided to be, or that nothing was.
pub(super) fn label(open: &Unchecked) -> String {
    open.severity().map_or_else(|| "unchecked".to_owned(), |severity| severity.to_string())
}

fn of_exception(exception: &Exception) -> String {
    let until = exception.expires.map(|day| format!("until {day}"));
    let about: Vec<&str> = until.iter().chain(&exception.place).map(String::as_str).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join("; ")) };
    format!("{}: {}{about}", exception.level, exception.reason)
}

fn of_novelty(novelty: Novelty) -> Option<String> {
    match novelty {
        Novelty::New => None,
        Novelty::Known => Some("accepted: it is in the baseline".to_owned()),
        Novelty::Worse { before } => {
            Some(format!("worse than in the baseline, where the consequence was: {}", words(before)))
        }
    }
}

fn words(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::ReadsFail => "reads fail",
        Consequence::WritesFail => "writes fail",
        Consequence::IntegrityLost => "integrity is lost",
        Consequence::ReadsMayFail => "reads may fail",
        Consequence::WritesMayFail => "writes may fail",
        Consequence::ValuesChange => "values change",
        Consequence::Slower => "slower",
        Consequence::Nothing => "nothing",
    }
}

/// For programs.
#[derive(Serialize)]
pub(super) struct Decided<'a> {
    accepted: bool,
    exception: Option<Excepted<'a>>,
    baseline: Option<&'static str>,
}

#[derive(Serialize)]
struct Excepted<'a> {
    level: Level,
    reason: &'a str,
    expires: Option<String>,
    place: Option<&'a str>,
}

impl<'a> From<&'a Decision> for Decided<'a> {
    fn from(decision: &'a Decision) -> Self {
        Self {
            accepted: decision.is_accepted(),
            exception: decision.exception.as_ref().map(|exception| Excepted {
                level: exception.level,
                reason: &exception.reason,
                expires: exception.expires.map(|day| day.to_string()),
                place: exception.place.as_deref(),
            }),
            baseline: decision.novelty.map(|novelty| match novelty {
                Novelty::New => "new",
                Novelty::Known => "known",
                Novelty::Worse { .. } => "worse",
            }),
        }
    }
}
