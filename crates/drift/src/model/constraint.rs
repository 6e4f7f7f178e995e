//! Foreign keys and CHECKs.

use super::TableName;

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name, which is not compared.
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The referenced table. Live: with its schema, if the database has schemas.
    pub target: TableName,
    /// Live: whether the name of the target alone, as an entity without a schema has it, means another table.
    pub is_target_elsewhere: bool,
    /// The referenced columns, in the order of `columns`.
    pub target_columns: Vec<String>,
    /// The action when the referenced row is deleted.
    pub on_delete: Action,
    /// The action when the referenced key changes.
    pub on_update: Action,
    /// Whether older rows were checked.
    pub validity: Validity,
}

/// The action of a foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Reject the change: `NO ACTION` and `RESTRICT`.
    Refuse,
    /// Delete or change the referring rows.
    Cascade,
    /// Set the referring columns to NULL.
    SetNull,
    /// Set the referring columns to their default.
    SetDefault,
}

/// Whether all rows satisfy a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// They do.
    Validated,
    /// Older rows were never checked: `NOT VALID`.
    NotValidated,
    /// No row can: the referenced table does not exist, or has no such key (SQLite).
    Broken,
}

/// Whether the connected role can see constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// It can.
    Shown,
    /// It cannot (MySQL, MariaDB).
    Hidden,
}

/// A `CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name; empty for a declared one.
    pub name: String,
    /// The condition, as its side spells it.
    pub text: String,
    /// The columns in the condition.
    pub columns: Vec<String>,
}

impl Check {
    /// Whether it accepts JSON and nothing else in the column, as MariaDB writes it.
    pub(crate) fn validates_json(&self, column: &str) -> bool {
        self.text.eq_ignore_ascii_case(&format!("json_valid(`{}`)", column.replace('`', "``")))
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Refuse => "NO ACTION",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        })
    }
}
