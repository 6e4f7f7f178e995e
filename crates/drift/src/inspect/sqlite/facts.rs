//! What `tables.sql` returns.

use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::foreign_keys::ForeignKeyFacts;

#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) ordinal: i64,
    pub(super) relation: String,
    /// Whether the connection refuses to write: `PRAGMA query_only`.
    pub(super) query_only: i32,
    /// Whether the connection enforces no CHECK: `PRAGMA ignore_check_constraints`.
    pub(super) ignores_checks: i32,
    /// Another one after each change of the schema: `PRAGMA schema_version`.
    pub(super) schema_version: i64,
}

#[derive(Deserialize)]
pub(super) struct RelationFacts {
    /// `table`, `view`, `virtual` or `shadow`.
    pub(super) kind: String,
    pub(super) without_rowid: i64,
    pub(super) sql: Option<String>,
    pub(super) columns: Vec<ColumnFacts>,
    pub(super) indexes: Vec<IndexFacts>,
    pub(super) foreign_keys: Vec<ForeignKeyFacts>,
    pub(super) triggers: Vec<String>,
    /// Their statements.
    pub(super) trigger_texts: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct ColumnFacts {
    pub(super) name: String,
    pub(super) type_text: String,
    pub(super) not_null: i64,
    pub(super) default_text: Option<String>,
    /// From 1; 0 for a column outside the primary key.
    pub(super) key_position: i64,
    /// 2 and 3 for a generated column.
    pub(super) hidden: i64,
}

#[derive(Deserialize)]
pub(super) struct IndexFacts {
    pub(super) name: String,
    /// `pk` for the primary key's, `u` for that of a unique constraint.
    pub(super) origin: String,
    pub(super) is_unique: i64,
    pub(super) is_partial: i64,
    /// Of an index that is not a constraint.
    pub(super) sql: Option<String>,
    pub(super) parts: Vec<IndexPartFacts>,
}

#[derive(Deserialize)]
pub(super) struct IndexPartFacts {
    pub(super) position: i64,
    pub(super) is_expression: i64,
    pub(super) column: Option<String>,
    pub(super) collation: String,
}
