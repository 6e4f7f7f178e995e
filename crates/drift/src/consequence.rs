//! What a program notices, and how serious it is.

use serde::{Deserialize, Serialize};

/// What a difference does to a program that uses the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Impact {
    /// The kind of harm.
    pub consequence: Consequence,
    /// What happens, in one sentence without a full stop.
    pub reason: String,
}

/// What a program that uses the entity notices. The greatest is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Nothing.
    Nothing,
    /// Queries that relied on an index scan the table.
    Slower,
    /// Values are stored or returned differently than the entity declares.
    ValuesChange,
    /// Writes fail for values that the entity allows and the table rejects.
    WritesMayFail,
    /// Reads fail on values that the table allows and the entity cannot hold, or when they filter by a value.
    ReadsMayFail,
    /// Rows get in that a declaration forbids, and no statement of the program fails or does something else. Example: without
    /// the declared foreign key, `INSERT INTO call (agent_id) VALUES (7)` succeeds where there is no agent 7.
    ConstraintLost,
    /// A statement of the program does something else than it should: an upsert inserts a second row (MySQL) or fails, a row is
    /// replaced or dropped without an error. Example: without the declared unique index on `sid`, two calls have the same `sid`,
    /// and `ON CONFLICT (sid)` fails.
    IntegrityLost,
    /// Inserts fail, or every write that sets a column.
    WritesFail,
    /// Every read fails. Writes that return the row also fail, after they took effect.
    ReadsFail,
}

/// How serious a difference is. The greatest is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Breaks nothing.
    Info,
    /// May break something.
    Warning,
    /// Breaks something.
    Error,
}

impl Consequence {
    /// How serious it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::ReadsFail | Self::WritesFail | Self::IntegrityLost => Severity::Error,
            Self::ReadsMayFail | Self::WritesMayFail | Self::ConstraintLost | Self::ValuesChange | Self::Slower => {
                Severity::Warning
            }
            Self::Nothing => Severity::Info,
        }
    }

    pub(crate) fn because(self, reason: impl Into<String>) -> Impact {
        Impact { consequence: self, reason: reason.into() }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

pub(crate) fn harmless() -> Impact {
    Consequence::Nothing.because("nothing breaks")
}
