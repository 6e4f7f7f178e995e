//! What the catalogue tells of a table: the JSON of its facts.

use serde::Deserialize;

use crate::{inspect::facts, model::Action};

#[derive(Deserialize)]
pub(super) struct RelationFacts {
    pub(super) table_type: String,
    pub(super) engine: Option<String>,
    /// The next value of its key.
    pub(super) next_key: Option<String>,
    /// What `CREATE TABLE` said: `partitioned`.
    pub(super) options: Option<String>,
    pub(super) row_format: Option<String>,
    pub(super) default_collation: Option<String>,
    /// The default of utf8mb4.
    pub(super) unicode_collation: Option<String>,
    pub(super) may_delete: i64,
}

/// What the facts of a table are read with.
#[derive(Default)]
pub(super) struct Background {
    /// The collation of the database, and that of a table that names only its character set.
    pub(super) default_collations: Vec<String>,
    /// The column with the end of each version of a row (MariaDB).
    pub(super) row_end: Option<String>,
    /// The next value of its key.
    pub(super) next_key: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct GrantFacts {
    pub(super) is_wide: i64,
    /// Of the server, and whether the role is exempt from it; of the session.
    pub(super) read_only: Option<String>,
    pub(super) ignores_read_only: i64,
    pub(super) session_read_only: Option<String>,
    /// Of the session.
    pub(super) sql_mode: String,
    /// Of the session; CHECKs are not enforced where it is off (MariaDB).
    pub(super) checks_constraints: String,
    /// `user@host`
    pub(super) role: String,
}

#[derive(Deserialize)]
pub(super) struct ColumnFacts {
    pub(super) name: String,
    pub(super) type_text: String,
    pub(super) is_nullable: String,
    pub(super) default_text: Option<String>,
    pub(super) extra: String,
    /// Of a generated column; empty or NULL for any other.
    pub(super) expression: Option<String>,
    pub(super) character_set: Option<String>,
    pub(super) collation: Option<String>,
    /// `select,insert,update,references`.
    pub(super) privileges: String,
}

/// One column of an index.
#[derive(Deserialize)]
pub(super) struct IndexFacts {
    pub(super) name: String,
    pub(super) non_unique: i64,
    pub(super) prefix: Option<i64>,
    pub(super) method: String,
    pub(super) is_ignored: String,
    /// NULL for a MySQL 8 index over an expression.
    pub(super) column: Option<String>,
}

/// One column of a foreign key.
#[derive(Deserialize)]
pub(super) struct ForeignKeyFacts {
    pub(super) name: String,
    pub(super) column: String,
    pub(super) target_schema: String,
    /// Whether that is not the connection's own database.
    pub(super) is_target_elsewhere: i64,
    pub(super) target_table: String,
    pub(super) target_column: String,
}

#[derive(Deserialize)]
pub(super) struct ForeignKeyActionFacts {
    pub(super) name: String,
    pub(super) on_delete: String,
    pub(super) on_update: String,
    /// Whether the referenced key exists; MySQL also says 0 of one that is not unique.
    pub(super) has_target: u8,
}

/// One partition, and the time as partitions may count it.
#[derive(Deserialize)]
pub(super) struct PartitionFacts {
    /// NULL for a table that is not partitioned.
    pub(super) method: Option<String>,
    pub(super) expression: Option<String>,
    pub(super) description: Option<String>,
    pub(super) now: String,
    pub(super) tomorrow: String,
    pub(super) now_to_days: i64,
    pub(super) now_to_seconds: i64,
    pub(super) now_unix_timestamp: i64,
}

#[derive(Deserialize)]
pub(super) struct TriggerFacts {
    pub(super) name: String,
    pub(super) fills: i32,
}

#[derive(Deserialize)]
pub(super) struct CheckFacts {
    pub(super) name: String,
    /// `Column` for one that stands with a column and has its name.
    pub(super) level: String,
    pub(super) text: String,
}

/// The action of a foreign key. The engine has no other refusal than `RESTRICT`, its default; MySQL and MariaDB call it by either name.
pub(super) fn action(words: &str) -> Action {
    let action = facts::action(words);
    if action.rejects() { Action::NoAction } else { action }
}
