//! What the program returns to the shell, in one place.

use std::process::ExitCode;

use sea_orm_connect::{ConnectError, ErrorKind};
use sea_orm_drift::FileError;
use sea_orm_migration::sea_orm::DbErr;

use super::fleet_list::FleetError;
use crate::{generate::GenerateError, project::SchemaError};

/// `EX_UNAVAILABLE` of sysexits.h: a service that is not there.
pub const UNAVAILABLE: u8 = 69;

/// `EX_TEMPFAIL`
const BUSY: u8 = 75;

/// What was typed fits its option, and not this project.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Misused(pub(super) String);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
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
    /// A file that was named cannot be used.
    Configuration,
    /// As the error says, which knows whether trying again may help.
    Code(u8),
}

impl Exit {
    /// What an error means, or `other` where it does not say itself.
    pub fn of(error: &anyhow::Error, other: Self) -> Self {
        if error.is::<FileError>() || error.is::<FleetError>() {
            return Self::Configuration;
        }
        if error.is::<Misused>() {
            return Self::Usage;
        }
        match error.downcast_ref() {
            Some(SchemaError::NotCompared(sea_orm_drift::Error::Catalogue { source })) => {
                return Self::of_catalogue(source);
            }
            Some(SchemaError::NotCompared(_)) => return Self::NotCompared,
            Some(SchemaError::Breaks(_) | SchemaError::Replay(_) | SchemaError::NoMigrations) | None => {}
        }
        if let Some(error) = error.downcast_ref() {
            return Self::of_generate(error);
        }
        let connect = error.downcast_ref().map(ConnectError::exit_code);
        let run = || error.downcast_ref().map(sea_orm_runner::Error::exit_code);
        let job = || error.downcast_ref().map(sea_orm_runner::JobError::exit_code);
        let plan = || error.downcast_ref().map(sea_orm_plan::Error::exit_code);
        connect.or_else(run).or_else(job).or_else(plan).map_or(other, Self::Code)
    }

    fn of_generate(error: &GenerateError) -> Self {
        match error {
            GenerateError::NotCompared(sea_orm_drift::Error::Catalogue { source })
            | GenerateError::ScratchDatabase(source) => Self::of_catalogue(source),
            GenerateError::NotCompared(_) => Self::NotCompared,
            GenerateError::Undecided(_) | GenerateError::Usage(_) => Self::Usage,
            GenerateError::Interrupted => Self::Code(130),
            GenerateError::MigrationsFailed(error) => Self::Code(error.exit_code()),
            GenerateError::Panicked
            | GenerateError::Unwritable(_)
            | GenerateError::Unproven(_)
            | GenerateError::Breaks(_) => Self::Failed,
            GenerateError::ScratchUrl(_)
            | GenerateError::BeyondSqlite(_)
            | GenerateError::Elsewhere(_)
            | GenerateError::NoCrate(_)
            | GenerateError::File { .. } => Self::Configuration,
            GenerateError::Connect(error) => Self::Code(error.exit_code()),
        }
    }

    /// Of a comparison that could not read the catalogue.
    fn of_catalogue(error: &DbErr) -> Self {
        match ErrorKind::of(error) {
            ErrorKind::Connection | ErrorKind::ReadOnly => Self::Code(UNAVAILABLE),
            ErrorKind::Lock => Self::Code(BUSY),
            ErrorKind::Statement => Self::NotCompared,
        }
    }

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Drift | Self::Failed => 1,
            Self::NotCompared => 2,
            Self::Usage => 64,         // EX_USAGE of sysexits.h
            Self::Configuration => 78, // EX_CONFIG
            Self::Code(code) => code,
        }
    }

    /// One for several: where a human must look, that counts, and only otherwise that trying again may help.
    pub fn together(exits: impl IntoIterator<Item = Self>) -> Self {
        const MAY_HELP: [u8; 3] = [0, 69, 75];
        let rank = |exit: &Self| match exit.code() {
            1 => u8::MAX,
            code if MAY_HELP.contains(&code) => code,
            code => u8::MAX - code, // 2 before 78
        };
        exits.into_iter().max_by_key(rank).unwrap_or(Self::Success)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_exits_are_worth_a_retry_only_if_all_are() {
        let unreachable = Exit::Code(69);
        let busy = Exit::Code(75);
        assert_eq!(Exit::together([]), Exit::Success);
        assert_eq!(Exit::together([Exit::Success, unreachable, Exit::Success]), unreachable);
        assert_eq!(Exit::together([busy, unreachable]), busy);
        assert_eq!(Exit::together([busy, Exit::Configuration, unreachable]), Exit::Configuration);
        assert_eq!(Exit::together([Exit::Configuration, Exit::NotCompared, busy]), Exit::NotCompared);
        assert_eq!(Exit::together([Exit::Configuration, Exit::Drift, busy]), Exit::Drift);
        assert_eq!(Exit::together([busy, Exit::Code(143), Exit::Success]).code(), 143);
    }
}
