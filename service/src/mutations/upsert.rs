//! The statement that all events have in common.
