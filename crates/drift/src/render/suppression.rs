//! Suppressions, in words and as data.

use serde::Serialize;

use crate::{
    consequence::Consequence,
    difference::Unchecked,
    exceptions::{Exception, ExceptionLevel},
    suppression::{BaselineState, Suppression},
};

/// A line for the exception and one for the baseline, if they apply.
pub(super) fn lines(suppression: &Suppression) -> impl Iterator<Item = String> {
    suppression.exception.as_ref().map(of_exception).into_iter().chain(suppression.baseline.and_then(of_baseline))
}

/// Why a finding is accepted; `None` for one that is not.
#[cfg(feature = "sarif")]
pub(super) fn justification(suppression: &Suppression) -> Option<&str> {
    let reason =
        suppression.exception.as_ref().filter(|_| suppression.is_allowed()).map(|exception| &*exception.reason);
    reason.or_else(|| suppression.is_accepted().then_some("it is in the baseline"))
}

/// The severity that an exception gives it, or `unchecked`.
pub(super) fn label(unchecked: &Unchecked) -> String {
    unchecked.severity().map_or_else(|| "unchecked".to_owned(), |severity| severity.to_string())
}

fn of_exception(exception: &Exception) -> String {
    let until = exception.expires.map(|day| format!("until {day}"));
    let about: Vec<&str> = until.iter().chain(&exception.location).map(String::as_str).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join("; ")) };
    format!("{}: {}{about}", exception.level, exception.reason)
}

fn of_baseline(baseline: BaselineState) -> Option<String> {
    match baseline {
        BaselineState::New => None,
        BaselineState::Known => Some("accepted: it is in the baseline".to_owned()),
        BaselineState::Worse { before } => Some(format!("worse than in the baseline: then {}", words(before))),
    }
}

fn words(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::ReadsFail => "reads failed",
        Consequence::WritesFail => "writes failed",
        Consequence::IntegrityLost => "integrity was lost",
        Consequence::ConstraintLost => "a constraint was lost",
        Consequence::ReadsMayFail => "reads could fail",
        Consequence::WritesMayFail => "writes could fail",
        Consequence::ValuesChange => "values changed",
        Consequence::Slower => "queries were slower",
        Consequence::Nothing => "nothing broke",
    }
}

/// For programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SuppressionFields<'a> {
    /// Whether an exception allows it or the baseline has it: then it never fails a check.
    accepted: bool,
    /// The exception that applies to it.
    exception: Option<ExceptionFields<'a>>,
    /// Its state in the baseline; null without a baseline.
    baseline: Option<BaselineField>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum BaselineField {
    New,
    Known,
    Worse,
}

/// An exception.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ExceptionFields<'a> {
    level: ExceptionLevel,
    #[cfg_attr(test, schemars(length(min = 1)))]
    reason: &'a str,
    /// The last day on which it applies.
    #[cfg_attr(test, schemars(extend("format" = "date")))]
    expires: Option<String>,
    /// Its place in a file.
    place: Option<&'a str>,
}

impl<'a> From<&'a Suppression> for SuppressionFields<'a> {
    fn from(suppression: &'a Suppression) -> Self {
        Self {
            accepted: suppression.is_accepted(),
            exception: suppression.exception.as_ref().map(|exception| ExceptionFields {
                level: exception.level,
                reason: &exception.reason,
                expires: exception.expires.map(|day| day.to_string()),
                place: exception.location.as_deref(),
            }),
            baseline: suppression.baseline.map(|baseline| match baseline {
                BaselineState::New => BaselineField::New,
                BaselineState::Known => BaselineField::Known,
                BaselineState::Worse { .. } => BaselineField::Worse,
            }),
        }
    }
}
