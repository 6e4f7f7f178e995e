//! The kit against real databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod generate;
mod project;
