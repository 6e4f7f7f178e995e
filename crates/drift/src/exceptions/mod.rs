//! Exceptions: what a project decided about findings, why, and until when. A finding keeps its consequence; only how loud
//! it is changes.

mod file;
mod stale;

use std::{cmp::Reverse, fmt, path::Path};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

pub use stale::Stale;

use crate::{
    consequence::Severity,
    finding::Finding,
    mistake::{FileError, Mistake},
    report::Report,
    rule::{OF_A_SHARED_COLUMN, RULES},
};

/// What to make of the findings that it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exception {
    /// How loud they are.
    pub level: Level,
    /// The name of a rule, or a pattern: `*` stands for any text, `?` for one character.
    pub rule: String,
    /// What the report calls the object, or a pattern: `call_log`, `call_log.status`, `call_log (*)`.
    pub object: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<NaiveDate>,
    /// Where it is written, if in a file: `drift.toml, line 3`.
    pub place: Option<String>,
}

/// How loud a finding is by exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is accepted: shown as info, counted by itself, and never a reason to fail.
    Allow,
    /// A warning, whatever it breaks.
    Warn,
    /// An error, whatever it breaks.
    Deny,
}

/// Exceptions in their order. The first that matches a finding and has not expired decides, as in `pg_hba.conf`; so the
/// particular goes above the general.
///
/// ```
/// use chrono::NaiveDate;
/// use sea_orm_drift::{Exception, Exceptions};
///
/// # fn main() -> Result<(), sea_orm_drift::Mistake> {
/// let exceptions = Exceptions::new()
///     .add(Exception::deny("column-unexpected", "post.password*", "no secrets beside the posts")?)
///     .add(Exception::allow("column-unexpected", "post.*", "the search engine keeps columns of its own there")?)
///     .add(
///         Exception::warn("index-missing", "post (author)", "built at night, see the migration plan")?
///             .until(NaiveDate::from_ymd_opt(2027, 1, 31).expect("a day of the calendar")),
///     );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    in_order: Vec<Exception>,
}

impl Exception {
    /// Accepts what it matches.
    ///
    /// # Errors
    /// Where no rule is called so, or the object or the reason is blank.
    pub fn allow(rule: &str, object: &str, reason: &str) -> Result<Self, Mistake> {
        Self::new(Level::Allow, rule, object, reason)
    }

    /// Makes a warning of what it matches.
    ///
    /// # Errors
    /// As for [`allow`](Self::allow).
    pub fn warn(rule: &str, object: &str, reason: &str) -> Result<Self, Mistake> {
        Self::new(Level::Warn, rule, object, reason)
    }

    /// Makes an error of what it matches.
    ///
    /// # Errors
    /// As for [`allow`](Self::allow).
    pub fn deny(rule: &str, object: &str, reason: &str) -> Result<Self, Mistake> {
        Self::new(Level::Deny, rule, object, reason)
    }

    /// Lets it count up to this day and no longer.
    #[must_use]
    pub fn until(self, last_day: NaiveDate) -> Self {
        Self { expires: Some(last_day), ..self }
    }

    fn new(level: Level, rule: &str, object: &str, reason: &str) -> Result<Self, Mistake> {
        let names = WildMatch::new(rule);
        if !RULES.iter().any(|rule| names.matches(rule)) {
            return Err(Mistake::UnknownRule { rule: rule.to_owned() });
        }
        if object.trim().is_empty() {
            return Err(Mistake::BlankObject);
        }
        if reason.trim().is_empty() {
            return Err(Mistake::BlankReason);
        }
        let [rule, object, reason] = [rule, object, reason.trim()].map(str::to_owned);
        Ok(Self { level, rule, object, reason, expires: None, place: None })
    }

    fn has_expired(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|last_day| today > last_day)
    }

    fn matches(&self, finding: &Finding) -> bool {
        WildMatch::new(&self.rule).matches(finding.rule) && WildMatch::new(&self.object).matches(&finding.object)
    }

    /// Whether its pattern may be about something in that table, as far as the text before the first `*` or `?` tells.
    fn may_be_within(&self, table: &str) -> bool {
        let beginning = self.object.split(['*', '?']).next().unwrap_or_default();
        beginning.starts_with(table) || table.starts_with(beginning)
    }
}

impl Level {
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Allow => Severity::Info,
            Self::Warn => Severity::Warning,
            Self::Deny => Severity::Error,
        }
    }
}

/// The word for what was done to a finding.
impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allowed",
            Self::Warn => "made a warning",
            Self::Deny => "denied",
        })
    }
}

impl Exceptions {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more, behind the others.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a builder's `add`, not arithmetic")]
    pub fn add(mut self, exception: Exception) -> Self {
        self.in_order.push(exception);
        self
    }

    /// Reads a TOML file of exceptions.
    ///
    /// # Errors
    /// Where it cannot be read, and for the first mistake in it.
    pub fn read(file: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(file).map_err(|error| Mistake::Unreadable(error).of(file))?;
        Self::parse(&text, &file.display().to_string())
    }

    /// The exceptions in a TOML text; `file` is what messages call it.
    ///
    /// # Errors
    /// For the first mistake in it.
    pub fn parse(text: &str, file: &str) -> Result<Self, FileError> {
        Ok(Self { in_order: file::parse(text, file)? })
    }
}

/// What became of an exception.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    MatchedNothing,
    Overruled,
    Decided,
}

impl Report {
    /// Lets exceptions decide about the findings that they match. Those that have expired decide nothing; they, and those
    /// that match nothing, are listed in [`stale`](Self::stale). A finding that an earlier call decided stays as it is.
    #[must_use]
    pub fn except(mut self, exceptions: &Exceptions, today: NaiveDate) -> Self {
        let (expired, in_force): (Vec<_>, Vec<_>) =
            exceptions.in_order.iter().partition(|exception| exception.has_expired(today));
        let mut uses = vec![Use::MatchedNothing; in_force.len()];
        for (finding, decision) in self.findings_mut() {
            for (exception, its_use) in
                in_force.iter().zip(&mut uses).filter(|(exception, _)| exception.matches(&finding))
            {
                if decision.exception.is_none() {
                    decision.exception = Some((*exception).clone());
                    *its_use = Use::Decided;
                } else if *its_use == Use::MatchedNothing {
                    *its_use = Use::Overruled;
                }
            }
        }
        let cannot_tell: Vec<bool> = in_force.iter().map(|exception| self.hides_what_matches(exception)).collect();
        self.stale.extend(expired.into_iter().cloned().map(Stale::Expired));
        let in_force = in_force.into_iter().cloned().zip(uses).zip(cannot_tell);
        self.stale.extend(in_force.filter_map(|((exception, its_use), cannot_tell)| match its_use {
            Use::MatchedNothing if cannot_tell => None,
            Use::MatchedNothing => Some(Stale::Unmatched(exception)),
            Use::Overruled => Some(Stale::Overruled(exception)),
            Use::Decided => None,
        }));
        self.sort();
        self
    }

    /// Whether it cannot be told what the exception matches: of something missing, nothing smaller is found.
    fn hides_what_matches(&self, exception: &Exception) -> bool {
        self.differences.iter().any(|found| match found.change.rule() {
            "table-missing" => exception.may_be_within(&found.object()),
            "column-missing" => OF_A_SHARED_COLUMN
                .into_iter()
                .any(|rule| exception.matches(&Finding { rule, object: found.object(), consequence: None })),
            _ => false,
        })
    }

    /// Loudest first.
    pub(crate) fn sort(&mut self) {
        self.differences.sort_by_key(|difference| (Reverse(difference.severity()), difference.consequence));
    }
}

#[cfg(test)]
pub(crate) mod tests;
