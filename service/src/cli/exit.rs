//! What the program returns to the shell, in one place.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for a check: in sync.
    Success,
    /// A check found drift, a migration is pending.
    Drift,
    /// A migration failed.
    Failed,
    /// A check could not compare.
    NotCompared,
    /// The command line makes no sense.
    Usage,
    /// The exceptions or the baseline cannot be used.
    Configuration,
    /// No connection; the number says whether trying again may help.
    Connection(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Drift | Exit::Failed => 1,
            Exit::NotCompared => 2,
            Exit::Usage => 64,         // EX_USAGE of sysexits.h
            Exit::Configuration => 78, // EX_CONFIG
            Exit::Connection(code) => code,
        })
    }
}
