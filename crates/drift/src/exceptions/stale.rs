//! Exceptions and baseline entries that no longer apply. They never fail a check.

use std::fmt;

use super::exception::Exception;
use crate::fingerprint::Fingerprint;

/// An exception or a baseline entry that no longer applies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Stale {
    /// No finding matches the exception.
    Unmatched(Exception),
    /// An exception above it matches the same findings.
    Overruled(Exception),
    /// The exception has expired.
    Expired(Exception),
    /// The baseline has it, and the database no longer does.
    Settled(Fingerprint),
}

impl Stale {
    /// The kind, in one word.
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
            Self::Settled(fingerprint) => fingerprint.rule.name(),
        }
    }

    /// The object as the exception or the baseline has it.
    pub fn object(&self) -> &str {
        match self {
            Self::Unmatched(exception) | Self::Overruled(exception) | Self::Expired(exception) => &exception.object,
            Self::Settled(fingerprint) => &fingerprint.object,
        }
    }
}

/// The whole sentence, without a full stop.
impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmatched(exception) => write!(f, "{} matches nothing: remove it", named(exception)),
            Self::Overruled(exception) => {
                write!(
                    f,
                    "{} never applies, because one above it matches first: remove it or move it up",
                    named(exception)
                )
            }
            Self::Expired(exception) => {
                let day = exception.expires.map(|day| format!(" on {day}")).unwrap_or_default();
                write!(f, "{} expired{day} and no longer applies: remove it or renew it", named(exception))
            }
            Self::Settled(fingerprint) => write!(f, "{fingerprint} is no longer there: remove it from the baseline"),
        }
    }
}

fn named(exception: &Exception) -> String {
    let location = exception.location.as_ref().map(|location| format!(" ({location})")).unwrap_or_default();
    format!("the exception for `{}` of `{}`{location}", exception.rule, exception.object)
}
