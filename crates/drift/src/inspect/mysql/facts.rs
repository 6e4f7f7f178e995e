//! The JSON that the statements about the catalogue return.

use serde::Deserialize;

use crate::{inspect::facts, model::Action};

#[derive(Deserialize)]
pub(super) struct RelationFacts {
    pub(super) table_type: String,
    pub(super) engine: Option<String>,
    /// The next `AUTO_INCREMENT` value of the table.
    pub(super) next_auto_increment: Option<String>,
    /// `CREATE_OPTIONS`, such as `partitioned`.
    pub(super) create_options: Option<String>,
    pub(super) row_format: Option<String>,
    pub(super) default_collation: Option<String>,
    /// The default collation of utf8mb4.
    pub(super) utf8mb4_collation: Option<String>,
    pub(super) has_delete_privilege: i64,
}

/// What is known of a table before its columns and indexes are read.
#[derive(Default)]
pub(super) struct TableContext {
    /// The collations that a table has unless it names one: that of the database, and that of its character set.
    pub(super) default_collations: Vec<String>,
    /// The column `ROW END` of a system-versioned table (MariaDB).
    pub(super) row_end: Option<String>,
    /// The next `AUTO_INCREMENT` value of the table.
    pub(super) next_auto_increment: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SessionFacts {
    /// Whether the role may change whole databases; only such a role is shown all constraints.
    pub(super) has_wide_privileges: i64,
    /// The server's `read_only`.
    pub(super) read_only: Option<String>,
    /// Whether the role may write despite it.
    pub(super) ignores_read_only: i64,
    /// The `read_only` of the session.
    pub(super) session_read_only: Option<String>,
    /// Of the session.
    pub(super) sql_mode: String,
    /// The session's variable of this name (MariaDB): where it is off, no CHECK is enforced.
    pub(super) check_constraint_checks: String,
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
    /// The expression of a generated column; empty or NULL for any other.
    pub(super) expression: Option<String>,
    pub(super) character_set: Option<String>,
    pub(super) collation: Option<String>,
    /// `select,insert,update,references`.
    pub(super) privileges: String,
}

/// One column of an index.
#[derive(Deserialize)]
pub(super) struct IndexColumnFacts {
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
pub(super) struct ForeignKeyColumnFacts {
    pub(super) name: String,
    pub(super) column: String,
    pub(super) target_schema: String,
    /// Whether that is not the connection's own database.
    pub(super) is_target_in_other_schema: i64,
    pub(super) target_table: String,
    pub(super) target_column: String,
}

#[derive(Deserialize)]
pub(super) struct ForeignKeyActionFacts {
    pub(super) name: String,
    pub(super) on_delete: String,
    pub(super) on_update: String,
    /// Whether the referenced key exists; MySQL also says 0 of a key that is not unique.
    pub(super) has_referenced_key: u8,
}

/// One partition, and the present time in each unit that the expressions of partitions use.
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
    /// Whether it runs before an insert, and so may fill columns.
    pub(super) is_before_insert: i32,
    /// Its definer, if that account no longer exists.
    pub(super) lost_definer: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CheckFacts {
    pub(super) name: String,
    /// `Column` for a CHECK in the definition of a column, whose name it has.
    pub(super) level: String,
    pub(super) text: String,
}

/// The action of a foreign key. `RESTRICT`, the default, and `NO ACTION` are the same in MySQL and MariaDB, so both are `NoAction`.
pub(super) fn action(text: &str) -> Action {
    let action = facts::action(text);
    if action.rejects() { Action::NoAction } else { action }
}
