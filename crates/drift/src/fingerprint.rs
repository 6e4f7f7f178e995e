//! What stays the same of a finding from one check to the next, by which exceptions and baselines recognise it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{consequence::Consequence, file_error::InputFileError, rule::Rule};

/// What identifies a finding, which is a [`Difference`](crate::Difference) or something [`Unchecked`](crate::Unchecked): its rule,
/// its object and its consequence, and no detail that changes from day to day. In a baseline:
/// `{"rule":"column-missing","object":"call_log.status","consequence":"reads-fail"}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fingerprint {
    /// Its kind.
    pub rule: Rule,
    /// Its object, as it is printed: `call_log`, `call_log.status`, `call_log (call_sid)`.
    pub object: String,
    /// Its consequence; `None` for what is unchecked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consequence: Option<Consequence>,
}

/// As a baseline has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    object: String,
    consequence: Option<Consequence>,
}

impl Fingerprint {
    /// Whether both have the same rule and object, whatever the consequences.
    pub(crate) fn is_same_finding(&self, other: &Self) -> bool {
        self.rule == other.rule && self.object == other.object
    }
}

/// `` `column-missing` of `call_log.status` ``.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}`", self.rule, self.object)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Entry { rule, object, consequence } = Entry::deserialize(deserializer)?;
        let Ok(rule) = rule.parse::<Rule>() else {
            return Err(D::Error::custom(InputFileError::UnknownRule { rule }));
        };
        if consequence.is_some() == rule.is_unchecked() {
            return Err(D::Error::custom(InputFileError::ConsequenceMismatch { rule }));
        }
        Ok(Self { rule, object, consequence })
    }
}
