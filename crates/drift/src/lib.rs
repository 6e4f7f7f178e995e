#![doc = include_str!("../README.md")]
#![warn(missing_docs, clippy::wildcard_enum_match_arm)]

mod baseline;
mod change;
mod compare;
mod config_error;
mod declare;
mod difference;
mod entities;
mod error;
mod exceptions;
mod fail_policy;
mod fingerprint;
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
pub use change::{Change, OnOmit, Origin, Rejects};
pub use config_error::{ConfigError, FileError};
pub use difference::{Cause, Difference, Unchecked};
pub use entities::{ColumnTypes, Entities, assert_in_sync};
pub use error::Error;
pub use exceptions::{Exception, Exceptions, Level, Stale};
pub use fail_policy::FailOn;
pub use fingerprint::Fingerprint;
pub use impact::{Consequence, Impact, Severity};
pub use record::Record;
pub use render::Verbosity;
pub use repair::{DefaultExpr, Repair};
pub use report::{Compared, Report, Role};
pub use review::{MigrationState, Replayed};
pub use rows::{Adapt, Batch, Evidence, RowCheck, RowOptions};
pub use rule::{Rule, RuleDoc};
pub use suppression::{BaselineState, Suppression};
