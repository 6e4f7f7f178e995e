//! Trying again after a wait: a whole migration, or a single statement.

mod backoff;
mod pause;
mod statement;

pub(crate) use backoff::Backoff;
pub(crate) use pause::pause;
pub(crate) use statement::StatementRetry;
