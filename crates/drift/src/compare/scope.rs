//! How much of a table is compared.

/// What is compared of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything.
    Whole,
    /// The columns of a view and their types.
    ColumnsOnly,
    /// The same, for a read-only entity.
    Read,
}
