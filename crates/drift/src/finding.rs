//! A finding by its name, as exceptions and baselines know it: without the details that change from day to day.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{consequence::Consequence, mistake::Mistake, rule::RULES};

/// A [`Difference`](crate::Difference) or something [`Unchecked`](crate::Unchecked), by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Its kind, one of [`RULES`](crate::RULES).
    pub rule: &'static str,
    /// What it is about: `call_log`, `call_log.status`, `call_log (call_sid)`.
    pub object: String,
    /// What it breaks; `None` for what is unchecked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consequence: Option<Consequence>,
}

/// As a baseline has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: String,
    object: String,
    consequence: Option<Consequence>,
}

impl Finding {
    /// Whether both are about the same thing in the same way, whatever each breaks.
    pub(crate) fn has_name_of(&self, other: &Self) -> bool {
        self.rule == other.rule && self.object == other.object
    }
}

/// `` `column-missing` of `call_log.status` ``.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}`", self.rule, self.object)
    }
}

impl<'de> Deserialize<'de> for Finding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { rule, object, consequence } = Written::deserialize(deserializer)?;
        let Some(rule) = RULES.into_iter().find(|known| *known == rule) else {
            return Err(D::Error::custom(Mistake::UnknownRule { rule }));
        };
        if consequence.is_some() == rule.ends_with("-unchecked") {
            return Err(D::Error::custom(Mistake::Consequence { rule }));
        }
        Ok(Self { rule, object, consequence })
    }
}
