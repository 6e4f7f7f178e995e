#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::wildcard_enum_match_arm)]

mod baseline;
mod change;
mod compare;
mod consequence;
mod decision;
mod declare;
mod difference;
mod entities;
mod error;
mod exceptions;
mod finding;
mod inspect;
mod mistake;
mod normalise;
mod repair;
mod report;
mod rule;

pub mod model;

pub use baseline::Baseline;
pub use change::{Change, Refuses, Standing, Unset};
pub use consequence::{Consequence, Severity};
pub use decision::{Decision, Novelty};
pub use difference::{Cause, Difference, Unchecked};
pub use entities::{Entities, assert_in_sync};
pub use error::Error;
pub use exceptions::{Exception, Exceptions, Level, Stale};
pub use finding::Finding;
pub use mistake::{FileError, Mistake};
pub use repair::Repair;
pub use report::{Compared, Detail, MigrationState, Replayed, Report, Requirement, Role};
pub use rule::{Page, RULES};
