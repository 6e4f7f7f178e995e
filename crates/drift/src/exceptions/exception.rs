//! One exception.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::{consequence::Severity, file_error::InputFileError, fingerprint::Fingerprint, rule::Rule};

/// How to treat the findings that it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exception {
    /// The severity of the findings.
    pub level: ExceptionLevel,
    /// A rule name or a pattern: `*` matches any text, `?` one character.
    pub rule: String,
    /// An object as the report prints it, or a pattern: `call_log`, `call_log.status`, `call_log (*)`.
    pub object: String,
    /// Why the findings are treated so.
    pub reason: String,
    /// The last day on which it applies.
    pub expires: Option<NaiveDate>,
    /// Where it is in a file: `drift.toml, line 3`.
    pub location: Option<String>,
}

/// The severity that an exception gives a finding: `allow`, `warn` or `deny`, as the levels of lints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExceptionLevel {
    /// Accepted: shown as info, counted separately, and never a failure.
    Allow,
    /// A warning, whatever its consequence.
    Warn,
    /// An error, whatever its consequence.
    Deny,
}

impl Exception {
    /// Accepts matching findings.
    ///
    /// # Errors
    /// If there is no such rule, or the object or the reason is blank.
    pub fn allow(rule: &str, object: &str, reason: &str) -> Result<Self, InputFileError> {
        Self::new(ExceptionLevel::Allow, rule, object, reason)
    }

    /// Reports matching findings as warnings.
    ///
    /// # Errors
    /// As for [`allow`](Self::allow).
    pub fn warn(rule: &str, object: &str, reason: &str) -> Result<Self, InputFileError> {
        Self::new(ExceptionLevel::Warn, rule, object, reason)
    }

    /// Reports matching findings as errors.
    ///
    /// # Errors
    /// As for [`allow`](Self::allow).
    pub fn deny(rule: &str, object: &str, reason: &str) -> Result<Self, InputFileError> {
        Self::new(ExceptionLevel::Deny, rule, object, reason)
    }

    /// Lets it apply up to and including this day.
    #[must_use]
    pub fn until(self, last_day: NaiveDate) -> Self {
        Self { expires: Some(last_day), ..self }
    }

    pub(super) fn new(level: ExceptionLevel, rule: &str, object: &str, reason: &str) -> Result<Self, InputFileError> {
        let pattern = WildMatch::new(rule);
        if !Rule::ALL.iter().any(|rule| pattern.matches(rule.name())) {
            return Err(InputFileError::UnknownRule { rule: rule.to_owned() });
        }
        if object.trim().is_empty() {
            return Err(InputFileError::BlankObject);
        }
        if reason.trim().is_empty() {
            return Err(InputFileError::BlankReason);
        }
        let [rule, object, reason] = [rule, object, reason.trim()].map(str::to_owned);
        Ok(Self { level, rule, object, reason, expires: None, location: None })
    }

    pub(crate) fn has_expired(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|last_day| today > last_day)
    }

    pub(crate) fn matches(&self, fingerprint: &Fingerprint) -> bool {
        WildMatch::new(&self.rule).matches(fingerprint.rule.name())
            && WildMatch::new(&self.object).matches(&fingerprint.object)
    }

    /// Whether its pattern may match something in that table, by the text before the first `*` or `?`.
    pub(crate) fn may_match_in_table(&self, table: &str) -> bool {
        let literal_prefix = self.object.split(['*', '?']).next().unwrap_or_default();
        literal_prefix.starts_with(table) || table.starts_with(literal_prefix)
    }
}

impl ExceptionLevel {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Allow => Severity::Info,
            Self::Warn => Severity::Warning,
            Self::Deny => Severity::Error,
        }
    }
}

/// As the report says it: "allowed".
impl fmt::Display for ExceptionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allowed",
            Self::Warn => "made a warning",
            Self::Deny => "denied",
        })
    }
}
