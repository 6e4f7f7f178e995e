//! What the rows say: whether a difference that may break a program does, and whether the program can read every row.
//!
//! The catalogue says what may be in a column, the rows what is. They are looked into in batches by key, each a statement
//! of its own, so that no snapshot is held for long.

mod check;
mod decide;
mod duplicates;
mod key;
mod options;
mod question;
mod reader;
pub(crate) mod scan;

pub use check::{Batch, RowCheck};
pub use options::RowOptions;
