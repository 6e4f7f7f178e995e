//! One statement, before it is written as SQL or as code.

use super::column::Definition;
use crate::model::{ForeignKey, Index, TableName};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operation {
    CreateTable {
        table: TableName,
        columns: Vec<Definition>,
        /// Of more than one column; the only column of a key has it in its definition.
        primary_key: Vec<String>,
        foreign_keys: Vec<ForeignKey>,
    },
    AddColumns {
        table: TableName,
        columns: Vec<Definition>,
    },
    RenameColumn {
        table: TableName,
        from: String,
        to: String,
    },
    /// On PostgreSQL only what the definition sets, on MySQL and MariaDB the whole column.
    ModifyColumn {
        table: TableName,
        column: Definition,
    },
    CreateIndex {
        table: TableName,
        index: Index,
    },
    AddForeignKey {
        table: TableName,
        key: ForeignKey,
        validation: Validation,
    },
    /// SQL that sea-query cannot build.
    Raw(String),
}

/// When existing rows are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validation {
    /// When the key is added.
    AtOnce,
    /// By a second statement, which does not block writes.
    Apart,
}
