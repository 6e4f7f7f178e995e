//! What the catalogue tells of a table: the JSON of `tables.sql`, and the rows of `domains.sql`.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use serde::Deserialize;

use crate::model::Privilege;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
pub(super) struct RelationFacts {
    pub(super) kind: char,
    pub(super) is_unlogged: bool,
    /// Of a materialized view.
    pub(super) is_populated: bool,
    pub(super) is_child: bool,
    /// Other tables inherit from it.
    pub(super) has_children: bool,
    /// Quoted as in SQL.
    pub(super) sql_name: String,
    pub(super) is_askable: bool,
    pub(super) may_ask_sequences: bool,
    pub(super) lacks_usage: bool,
    pub(super) updatable: Option<i32>,
    pub(super) columns: Option<Vec<ColumnFacts>>,
    /// Columns without a limit whose `STORAGE` is `PLAIN`.
    pub(super) kept_in_row: Option<Vec<String>>,
    /// Numbers of columns.
    pub(super) unproven_not_nulls: Option<Vec<i16>>,
    /// Those of the index that is the replica identity.
    pub(super) identity_columns: Option<Vec<i16>>,
    pub(super) indexes: Option<Vec<IndexFacts>>,
    pub(super) foreign_keys: Option<Vec<ForeignKeyFacts>>,
    pub(super) checks: Option<Vec<CheckFacts>>,
    pub(super) triggers: Option<Vec<String>>,
    /// The columns of triggers that run only when an update sets one of them.
    pub(super) columns_of_triggers: Option<BTreeMap<String, Vec<String>>>,
    pub(super) has_before_insert_trigger: Option<bool>,
    pub(super) rules: Option<Vec<RuleFacts>>,
    pub(super) partition_constraint: Option<String>,
    pub(super) partitions: Option<PartitionsFacts>,
    /// `updates` or `deletes`.
    pub(super) missing_replica_identity: Option<String>,
    pub(super) may_delete: bool,
    pub(super) denied_functions: Option<Vec<DeniedFunctionFacts>>,
    pub(super) is_row_security_off: bool,
    pub(super) referrers: Option<Vec<ReferrerFacts>>,
    /// Of a view.
    pub(super) denied_base: Option<DeniedBaseFacts>,
    /// A function that a view calls and the connected role may not execute.
    pub(super) denied_function: Option<String>,
    pub(super) policies: Option<Vec<PolicyFacts>>,
}

/// An array, in the order of the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnFacts {
    pub(super) number: i16,
    pub(super) name: String,
    pub(super) type_text: String,
    pub(super) not_null: bool,
    pub(super) default_text: Option<String>,
    pub(super) identity_kind: String,
    pub(super) is_computed: bool,
    /// No write computes it.
    pub(super) is_virtual: bool,
    /// Of a type that is not the server's own.
    pub(super) own_type: Option<TypeFacts>,
    pub(super) collation: Option<CollationFacts>,
    pub(super) sequence: Option<SequenceFacts>,
    pub(super) denied: Option<Vec<Privilege>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFacts {
    pub(super) text: String,
    pub(super) labels: Option<Vec<String>>,
    /// Of an enum that is not on the search path.
    pub(super) schema: Option<String>,
    pub(super) domain: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CollationFacts {
    pub(super) name: String,
    pub(super) is_deterministic: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
pub(super) struct SequenceFacts {
    /// The column, quoted as in SQL.
    pub(super) column: String,
    pub(super) is_cut: bool,
    pub(super) name: String,
    pub(super) number: i64,
    pub(super) increment: String,
    pub(super) first: String,
    pub(super) cycles: bool,
    pub(super) may_be_asked: bool,
    pub(super) may_read: bool,
    pub(super) last: String,
    pub(super) may_use: bool,
}

/// An array, in the order of the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
pub(super) struct IndexFacts {
    pub(super) name: String,
    /// Numbers of columns, 0 for an expression; those that are only stored come last.
    pub(super) columns: Vec<i16>,
    pub(super) key_length: usize,
    pub(super) is_primary: bool,
    pub(super) is_unique: bool,
    pub(super) particulars: Option<IndexParticulars>,
    pub(super) is_nulls_not_distinct: bool,
    pub(super) may_overflow: bool,
}

/// What few indexes have.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
pub(super) struct IndexParticulars {
    /// What an exclusion constraint compares by: `equals`, `overlaps` or `other`.
    pub(super) exclusion: Option<String>,
    /// Its `WHERE`.
    pub(super) predicate: Option<String>,
    pub(super) expressions: Option<Vec<String>>,
    pub(super) is_deferrable: bool,
    pub(super) is_invalid: bool,
    /// No write reaches it.
    pub(super) is_unbuilt: bool,
    pub(super) is_other_method: bool,
    /// `order`, or `equality` for one that takes other values for equal.
    pub(super) other_collation: Option<String>,
    pub(super) outdated_collation: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckFacts {
    pub(super) name: String,
    pub(super) is_enforced: bool,
    pub(super) is_validated: bool,
    pub(super) text: String,
    pub(super) columns: Option<Vec<i16>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFacts {
    pub(super) name: String,
    pub(super) event: char,
    pub(super) is_instead: bool,
    /// Else it is disabled, for this session.
    pub(super) fires: bool,
    pub(super) text: String,
}

/// A function that the connected role may not execute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeniedFunctionFacts {
    pub(super) name: String,
    pub(super) used_by: String,
}

/// The tables that keep a view from working.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeniedBaseFacts {
    pub(super) unreadable: Option<String>,
    pub(super) unwritable: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartitionsFacts {
    /// Of the table.
    pub(super) number: i64,
    pub(super) method: char,
    pub(super) key: String,
    pub(super) columns: Option<Vec<String>>,
    pub(super) bounds: Vec<Option<String>>,
    pub(super) now: String,
    pub(super) tomorrow: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFacts {
    pub(super) command: char,
    pub(super) is_permissive: bool,
    pub(super) is_open: bool,
    /// Its `USING` is `false`.
    pub(super) shows_none: Option<bool>,
    /// What it checks new rows with is `false`.
    pub(super) takes_none: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the catalogue is facts side by side")]
pub(super) struct ForeignKeyFacts {
    pub(super) name: String,
    pub(super) columns: Vec<i16>,
    pub(super) target_schema: String,
    pub(super) target_table: String,
    pub(super) is_target_visible: bool,
    pub(super) target_columns: Vec<String>,
    pub(super) on_delete: char,
    pub(super) on_update: char,
    pub(super) is_match_full: bool,
    pub(super) is_validated: bool,
    pub(super) is_enforced: bool,
    pub(super) is_disabled: bool,
}

/// A foreign key that refers to the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferrerFacts {
    pub(super) name: String,
    pub(super) schema: Option<String>,
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    pub(super) target_columns: Vec<String>,
    pub(super) on_delete: char,
    pub(super) on_update: char,
    pub(super) not_null: Option<Vec<String>>,
    /// NOT NULL, and without a default.
    pub(super) required: Option<Vec<String>>,
    pub(super) has_default: bool,
}

/// One level of a domain: its base type, and its constraints.
#[derive(FromQueryResult)]
pub(super) struct DomainRow {
    pub(super) domain: i64,
    pub(super) type_text: String,
    pub(super) not_null: bool,
    pub(super) default_text: Option<String>,
    pub(super) checks: Option<String>,
}

pub(super) type Domains = BTreeMap<i64, Vec<DomainRow>>;

impl ColumnFacts {
    pub(super) fn domain(&self) -> Option<i64> {
        self.own_type.as_ref()?.domain
    }
}

/// The names of the columns with these numbers.
pub(super) fn names(numbers: &[i16], columns: &[ColumnFacts]) -> Vec<String> {
    let name = |number: &i16| columns.iter().find(|column| column.number == *number).map(|column| column.name.clone());
    numbers.iter().filter_map(name).collect()
}
