#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::wildcard_enum_match_arm)]

mod change;
mod compare;
mod consequence;
mod declare;
mod difference;
mod entities;
mod error;
mod inspect;
mod normalise;
mod repair;
mod report;
mod rule;

pub mod model;

pub use change::{Change, Refuses, Standing, Unset};
pub use consequence::{Consequence, Severity};
pub use difference::{Cause, Difference, Unchecked};
pub use entities::{Entities, assert_in_sync};
pub use error::Error;
pub use repair::Repair;
pub use report::{Compared, Detail, MigrationState, Replayed, Report, Role};
pub use rule::RULES;
