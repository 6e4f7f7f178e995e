//! How much of a table is compared.

/// What is compared of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything.
    Whole,
    /// The columns of a live view, their types, and which of them are computed.
    ColumnsOnly,
    /// The columns that a read-only entity reads, and their types.
    ReadOnlyColumns,
}
