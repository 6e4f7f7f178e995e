//! One attempt at one migration, under the migration lock.

mod attempt;
mod commit_wait;
mod foreign_keys;
mod index_build;
mod migration;
mod outcome;

pub(crate) use attempt::attempt;
pub(crate) use foreign_keys::ForeignKeys;
pub(crate) use outcome::Outcome;
