//! `generate`: the migrations that bring the schema which the existing migrations build to what the entities declare. They are
//! proven on a scratch database before anything is written.

mod breaks;
mod by_name;
mod call;
mod code;
mod comments;
mod decisions;
mod definition;
mod draft;
mod drafting;
mod enum_uses;
mod enums;
mod error;
mod execute;
pub(crate) mod extension;
mod file;
mod fill;
mod kept;
mod left;
mod length;
mod migration;
mod names;
mod native_enum;
mod objects;
mod of_table;
mod operation;
mod prove;
mod questions;
mod retype;
mod rounding;
mod scratch;
mod search;
mod spec;
mod summary;
mod texts;
mod unused_enums;

pub use breaks::Break;
pub use decisions::{Answer, Ask, Decisions, Question, Release};
pub use error::GenerateError;
#[cfg(test)]
pub(crate) use error::GenerateErrorDiscriminants;
pub use file::{Destination, list_of, module_name, write};
pub use migration::NewMigration;
pub use scratch::Scratch;
pub use search::{MissingMigrations, find_missing_migrations};
