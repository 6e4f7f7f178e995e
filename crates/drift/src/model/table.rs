//! Tables and schemas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    column::Column,
    constraint::{Check, ForeignKey, Referrer, Visibility},
    dialect::Dialect,
    index::{Index, IndexRestriction},
    partition::Partitions,
    relation::{Deletes, Published, ReadOnly, RelationKind, RewriteRule, RowSecurity, UnknownName},
    table_name::TableName,
};

/// One side of a comparison: the tables that the entities name.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The dialect of the types and defaults.
    pub dialect: Dialect,
    /// In the order of the entities.
    pub tables: Vec<Table>,
    /// Live: other schemas that have a missing table.
    pub other_schemas: BTreeMap<TableName, Vec<String>>,
    /// Live: undeclared tables that have all columns of a missing one.
    pub rename_candidates: BTreeMap<TableName, Vec<String>>,
    /// Live: declared types of missing columns that exist (PostgreSQL).
    pub types: Vec<String>,
    /// Live: names that a repair would choose for indexes or foreign keys, and that others have.
    pub taken: Vec<String>,
    /// Live: the connected role as `GRANT` names it, with its host on MySQL.
    pub role: Option<String>,
    /// Live: whether the connected role's transactions cannot write.
    pub read_only: Option<ReadOnly>,
    /// Live: the encoding of the whole database, if it cannot hold all characters (PostgreSQL).
    pub encoding: Option<String>,
}

/// A table, or another relation with its name. A record of it has only what can be declared.
#[expect(clippy::struct_excessive_bools, reason = "what a catalogue says of a table is facts side by side")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// As the entity names it.
    pub name: TableName,
    /// The kind of relation. Declared: a view is a read-only entity.
    #[serde(default, skip_serializing_if = "RelationKind::is_table")]
    pub relation: RelationKind,
    /// Declared: in the order of the entity. Live: in the order of the table.
    pub columns: Vec<Column>,
    /// Names of the key's columns, in key order; empty without a primary key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
    /// Why the primary key does not reject duplicates at once; empty for a declared one.
    #[serde(skip)]
    pub primary_key_restrictions: Vec<IndexRestriction>,
    /// All other indexes and unique constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// Whether the connected role may see foreign keys and CHECKs.
    #[serde(skip)]
    pub constraints: Visibility,
    /// Foreign keys of this table, not those that refer to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Names of CHECKs that older rows may violate: `NOT VALID` (PostgreSQL).
    #[serde(skip)]
    pub unproven_checks: Vec<String>,
    /// Names of CHECKs that are not enforced (PostgreSQL 18).
    #[serde(skip)]
    pub idle_checks: Vec<String>,
    /// Whether the connection enforces no CHECK, whatever the table has; then none is listed (MariaDB, SQLite).
    #[serde(skip)]
    pub ignores_checks: bool,
    /// Whether the server stores what does not fit in a shorter form: its `sql_mode` is not strict (MySQL, MariaDB).
    #[serde(skip)]
    pub has_lenient_sql_mode: bool,
    /// Whether an index takes no column of more than 767 bytes: rows in the format COMPACT or REDUNDANT (MySQL, MariaDB).
    #[serde(skip)]
    pub has_narrow_indexes: bool,
    /// Triggers and rules that run when rows are written: `trigger stamp`.
    #[serde(skip)]
    pub triggers: Vec<String>,
    /// The columns of triggers that run only when an update sets one of them.
    #[serde(skip)]
    pub columns_of_triggers: BTreeMap<String, Vec<String>>,
    /// Whether a trigger runs before a row is inserted, and may give it other values (PostgreSQL, MySQL and MariaDB).
    #[serde(skip)]
    pub has_before_insert_trigger: bool,
    /// Whether other tables inherit from it, whose rows are read with its own (PostgreSQL).
    #[serde(skip)]
    pub has_children: bool,
    /// Whether its columns are those of another object, which must be altered instead: a partition, a table that inherits, or one
    /// of a type (PostgreSQL).
    #[serde(skip)]
    pub is_child: bool,
    /// Columns whose types cannot change while others depend on them: views, triggers, policies, generated columns (PostgreSQL).
    #[serde(skip)]
    pub held_columns: Vec<String>,
    /// Columns whose values stay in the row, however long: their `STORAGE` is `PLAIN` (PostgreSQL).
    #[serde(skip)]
    pub kept_in_row: Vec<String>,
    /// Columns of the index that is its replica identity, which stay NOT NULL (PostgreSQL).
    #[serde(skip)]
    pub identity_columns: Vec<String>,
    /// Rules that rewrite inserts and updates (PostgreSQL).
    #[serde(skip)]
    pub rules: Vec<RewriteRule>,
    /// How it divides its rows, if it is partitioned.
    #[serde(skip)]
    pub partitions: Option<Partitions>,
    /// What replication refuses: it is published, and nothing identifies the rows (PostgreSQL).
    #[serde(skip)]
    pub missing_replica_identity: Option<Published>,
    /// Foreign keys that refer to it, of other tables and of itself; on MySQL and MariaDB those that refuse a delete or another
    /// key.
    #[serde(skip)]
    pub referrers: Vec<Referrer>,
    /// What its partitions have of their own that may refuse or change a row: `trigger stamp on call_log_0` (PostgreSQL).
    #[serde(skip)]
    pub partition_only_objects: Vec<String>,
    /// Whether one of its partitions is a foreign table, which takes no keys (PostgreSQL).
    #[serde(skip)]
    pub has_foreign_partitions: bool,
    /// A collation by which an index is ordered, and whose library has another version than when it was built (PostgreSQL).
    #[serde(skip)]
    pub outdated_collation: Option<String>,
    /// Functions and collations that it uses and the connection does not have (SQLite), or the role may not execute (PostgreSQL).
    #[serde(skip)]
    pub unknown_names: Vec<UnknownName>,
    /// The schemas of other tables of its name, which the search path finds after it (PostgreSQL).
    #[serde(skip)]
    pub shadows: Vec<String>,
    /// Whether the connected role may delete rows.
    #[serde(skip)]
    pub deletes: Deletes,
    /// How row security restricts the connected role.
    #[serde(skip)]
    pub row_security: RowSecurity,
}

impl Schema {
    /// These tables, of which nothing else is known.
    pub fn new(dialect: Dialect, tables: Vec<Table>) -> Self {
        Self {
            dialect,
            tables,
            other_schemas: BTreeMap::new(),
            rename_candidates: BTreeMap::new(),
            types: Vec::new(),
            taken: Vec::new(),
            role: None,
            read_only: None,
            encoding: None,
        }
    }

    /// The tables by their names.
    pub(crate) fn by_name(&self) -> BTreeMap<&TableName, &Table> {
        by_name(&self.tables)
    }
}

/// The tables by their names: of those that are declared twice, the first.
pub(crate) fn by_name(tables: &[Table]) -> BTreeMap<&TableName, &Table> {
    tables.iter().rev().map(|table| (&table.name, table)).collect()
}

impl Table {
    /// A table without columns.
    pub fn new(name: TableName) -> Self {
        Self {
            name,
            relation: RelationKind::Table,
            columns: Vec::new(),
            primary_key: Vec::new(),
            primary_key_restrictions: Vec::new(),
            indexes: Vec::new(),
            constraints: Visibility::Shown,
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            unproven_checks: Vec::new(),
            idle_checks: Vec::new(),
            ignores_checks: false,
            has_lenient_sql_mode: false,
            has_narrow_indexes: false,
            triggers: Vec::new(),
            columns_of_triggers: BTreeMap::new(),
            has_before_insert_trigger: false,
            has_children: false,
            is_child: false,
            held_columns: Vec::new(),
            kept_in_row: Vec::new(),
            identity_columns: Vec::new(),
            rules: Vec::new(),
            partitions: None,
            missing_replica_identity: None,
            referrers: Vec::new(),
            partition_only_objects: Vec::new(),
            has_foreign_partitions: false,
            unknown_names: Vec::new(),
            shadows: Vec::new(),
            deletes: Deletes::Allowed,
            outdated_collation: None,
            row_security: RowSecurity::Open,
        }
    }

    /// Whether it lacks declared columns, and hides another table of its name.
    pub(crate) fn hides_a_better_one(&self, declared: &Self, dialect: Dialect) -> bool {
        let is_there = |column: &Column| self.columns.iter().any(|live| dialect.same_name(&live.name, &column.name));
        !self.shadows.is_empty() && !declared.columns.iter().all(is_there)
    }
}
