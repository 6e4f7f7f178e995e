#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::wildcard_enum_match_arm)]

mod baseline;
mod change;
mod commands;
mod compare;
mod consequence;
mod declare;
mod difference;
mod entities;
mod error;
mod evidence;
mod exceptions;
mod fail_policy;
mod file_error;
mod fingerprint;
#[cfg(feature = "entity-registry")]
mod forgotten;
mod impact;
mod inspect;
mod normalise;
mod record;
mod render;
mod repair;
mod report;
mod review;
mod rows;
mod rule;
mod suppression;

pub mod model;

pub use baseline::Baseline;
pub use change::{Change, DefaultEffect, OnOmit, Origin, PartitionGap, Rejects};
pub use commands::Commands;
pub use consequence::{Consequence, Impact, Severity};
pub use declare::ColumnTypes;
pub use difference::{Cause, Difference, Unchecked};
pub use entities::{Entities, Inspected, assert_in_sync};
pub use error::Error;
pub use evidence::{BackfillTemplate, Evidence};
pub use exceptions::{Exception, ExceptionLevel, Exceptions, Stale};
pub use fail_policy::FailOn;
pub use file_error::{FileError, InputFileError};
pub use fingerprint::Fingerprint;
#[cfg(feature = "entity-registry")]
pub use forgotten::assert_none_forgotten;
pub use record::Record;
pub use render::Verbosity;
pub use repair::{DefaultExpr, Repair};
pub use report::{Compared, Report, Role};
pub use review::{MigrationState, Replayed};
pub use rows::{Batch, RowCheck, RowOptions};
pub use rule::{Rule, RuleDoc};
pub use suppression::{BaselineState, Suppression};
