//! What was once decided and is of no use any more. It never fails a check: nothing breaks, somebody should tidy up.

use std::fmt;

use super::Exception;
use crate::finding::Finding;

/// An exception or an entry of a baseline that is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// No finding matches the exception.
    Unmatched(Exception),
    /// Whatever the exception matches, one above it decides.
    Overruled(Exception),
    /// The exception's last day is over, and it does not count.
    Expired(Exception),
    /// The baseline has it, the database no longer.
    Settled(Finding),
}

impl Stale {
    /// What happened to it, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unmatched(_) => "unmatched",
            Self::Overruled(_) => "overruled",
            Self::Expired(_) => "expired",
            Self::Settled(_) => "settled",
        }
    }

    /// The rule as the exception or the baseline has it.
    pub fn rule(&self) -> &str {
        match self {
            Self::Unmatched(exception) | Self::Overruled(exception) | Self::Expired(exception) => &exception.rule,
            Self::Settled(finding) => finding.rule,
        }
    }

    /// The object as the exception or the baseline has it.
    pub fn object(&self) -> &str {
        match self {
            Self::Unmatched(exception) | Self::Overruled(exception) | Self::Expired(exception) => &exception.object,
            Self::Settled(finding) => &finding.object,
        }
    }
}

/// The whole sentence, without a full stop.
impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmatched(exception) => write!(f, "{} matches nothing: take it out", named(exception)),
            Self::Overruled(exception) => {
                write!(f, "{} decides nothing, one above it comes first: take it out or move it up", named(exception))
            }
            Self::Expired(exception) => {
                let day = exception.expires.map(|day| format!(" on {day}")).unwrap_or_default();
                write!(f, "{} expired{day} and no longer counts: take it out, or decide anew", named(exception))
            }
            Self::Settled(finding) => write!(f, "{finding} is settled: take it out of the baseline"),
        }
    }
}

fn named(exception: &Exception) -> String {
    let place = exception.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    format!("the exception for `{}` of `{}`{place}", exception.rule, exception.object)
}
