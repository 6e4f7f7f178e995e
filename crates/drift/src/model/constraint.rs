//! Foreign keys and CHECKs.

use sea_orm::sea_query::ForeignKeyAction;
use serde::{Deserialize, Serialize};

use super::table_name::TableName;

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// Its name, which is not compared.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The referenced table. Live: with its schema, if the database has schemas.
    pub target: TableName,
    /// Live: whether the name of the target alone, as an entity without a schema has it, means another table.
    #[serde(skip)]
    pub is_target_in_other_schema: bool,
    /// The referenced columns, in the order of `columns`.
    pub target_columns: Vec<String>,
    /// The action when the referenced row is deleted.
    pub on_delete: Action,
    /// The action when the referenced key changes.
    pub on_update: Action,
    /// Whether older rows were checked.
    #[serde(skip)]
    pub validity: Validity,
    /// Live: whether a row violates it in which only some of several columns are NULL: `MATCH FULL` (PostgreSQL).
    #[serde(skip)]
    pub is_match_full: bool,
}

/// A foreign key that refers to a table, and what its actions meet in the table that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// The table that has the key. Live: with its schema, if the search path does not lead there.
    pub table: TableName,
    /// The key.
    pub key: ForeignKey,
    /// The columns of the key that its `SET NULL` or `SET DEFAULT` cannot set: they are `NOT NULL`, and would be NULL.
    pub not_null_columns: Vec<String>,
    /// Whether `SET DEFAULT` writes a value, which may be that of no row.
    pub has_default: bool,
}

/// The action of a foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Reject the change, at the end of the statement or, if the key is deferred, of the transaction; the default.
    NoAction,
    /// Reject the change at once.
    Restrict,
    /// Delete or change the referring rows.
    Cascade,
    /// Set the referring columns to NULL.
    SetNull,
    /// Set the referring columns to their default.
    SetDefault,
}

/// Whether all rows satisfy a constraint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// They do.
    #[default]
    Validated,
    /// Older rows were never checked: `NOT VALID`.
    NotValidated,
    /// The referenced table does not exist, or has no such key. SQLite rejects every row, MariaDB those without a NULL.
    Broken,
    /// No row is checked: `NOT ENFORCED` (PostgreSQL 18).
    NotEnforced,
    /// Its triggers are disabled, as by an interrupted `pg_restore --disable-triggers` (PostgreSQL).
    Disabled,
}

/// Whether the connected role can see constraints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// It can.
    #[default]
    Shown,
    /// It cannot (MySQL, MariaDB).
    Hidden,
}

/// A `CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name; empty for a declared one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The condition, as its side spells it.
    pub text: String,
    /// The columns in the condition.
    pub columns: Vec<String>,
}

impl Check {
    /// The column that it calls by this name: the CHECK of a domain refers to its column as `value`.
    pub(crate) fn column_named<'a>(&'a self, name: &'a str) -> &'a str {
        if name == "value" && self.columns.len() == 1 { &self.columns[0] } else { name }
    }

    /// Whether it accepts JSON and nothing else in the column, as MariaDB writes it.
    pub fn validates_json(&self, column: &str) -> bool {
        self.text.eq_ignore_ascii_case(&format!("json_valid(`{}`)", column.replace('`', "``")))
    }
}

impl Action {
    /// Whether it rejects the change of a row to which others refer.
    pub fn rejects(self) -> bool {
        matches!(self, Self::NoAction | Self::Restrict)
    }

    /// Whether both do the same to a single row and those that refer to it.
    pub fn does_the_same_as(self, other: Self) -> bool {
        self == other || self.rejects() && other.rejects()
    }

    /// As sea-query has it; `None` for the default.
    pub fn to_sea_query(self) -> Option<ForeignKeyAction> {
        match self {
            Self::NoAction => None,
            Self::Restrict => Some(ForeignKeyAction::Restrict),
            Self::Cascade => Some(ForeignKeyAction::Cascade),
            Self::SetNull => Some(ForeignKeyAction::SetNull),
            Self::SetDefault => Some(ForeignKeyAction::SetDefault),
        }
    }
}

impl ForeignKey {
    /// Whether both keys do the same where a row to which others refer is deleted or gets another key.
    pub fn has_same_actions_as(&self, other: &Self) -> bool {
        self.on_delete.does_the_same_as(other.on_delete) && self.on_update.does_the_same_as(other.on_update)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        })
    }
}
