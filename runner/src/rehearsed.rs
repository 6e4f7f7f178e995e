//! Whether a migration runs only to be planned, and in which batches what it executes would run. A back-fill asks: in a plan it
//! is its update, once, instead of batch by batch until no row is left.

use std::cell::RefCell;

use serde::Serialize;

/// How a back-fill divides its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batches {
    /// Rows in a transaction.
    pub rows: u32,
    /// The column whose order it follows.
    pub key: String,
}

thread_local! {
    static REHEARSAL: RefCell<Rehearsal> = const { RefCell::new(Rehearsal::None) };
}

/// What is known on each thread.
enum Rehearsal {
    /// What runs here is not rehearsed.
    None,
    /// What is executed now is executed once.
    Whole,
    /// What is executed now stands for all its batches.
    Batches(Batches),
}

/// From now on this thread rehearses.
pub(crate) fn begin() {
    REHEARSAL.set(Rehearsal::Whole);
}

/// Whether what runs is only rehearsed.
pub(crate) fn is_rehearsed() -> bool {
    REHEARSAL.with_borrow(|rehearsal| !matches!(rehearsal, Rehearsal::None))
}

/// The batches of what is executed now.
pub(crate) fn current() -> Option<Batches> {
    REHEARSAL.with_borrow(|rehearsal| match rehearsal {
        Rehearsal::None | Rehearsal::Whole => None,
        Rehearsal::Batches(batches) => Some(batches.clone()),
    })
}

/// What is executed from now on is executed in batches, or no longer.
pub(crate) fn set(batches: Option<Batches>) {
    REHEARSAL.set(batches.map_or(Rehearsal::Whole, Rehearsal::Batches));
}
