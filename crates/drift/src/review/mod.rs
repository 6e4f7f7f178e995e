//! Reviews a report: why a difference exists, and whether an exception or the baseline accepts it.

mod baseline;
mod cause;
mod exceptions;

pub use cause::{MigrationState, Replayed};

#[cfg(test)]
pub(crate) use exceptions::tests as samples;
