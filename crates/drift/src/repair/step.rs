//! One statement, before it is written as SQL or as code.

use super::column::Definition;
use crate::model::{ForeignKey, Index, TableName};

#[derive(Clone, Debug)]
pub(super) enum Step {
    CreateTable {
        table: TableName,
        columns: Vec<Definition>,
        /// Of more than one column; a column that is the key alone says so itself.
        primary_key: Vec<String>,
        foreign_keys: Vec<ForeignKey>,
    },
    AddColumn {
        table: TableName,
        column: Definition,
    },
    /// On PostgreSQL what the definition says, on MySQL and MariaDB the whole column.
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
    /// What sea-query has no words for.
    Raw(String),
}

/// When the rows that are there are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validation {
    /// As the key is added.
    AtOnce,
    /// By a second statement, which lets writes through.
    Apart,
}
