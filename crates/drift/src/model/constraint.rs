//! What rows are refused for, beside duplicates.

use super::TableName;

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name, which no program depends on.
    pub name: String,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table they refer to. Live: with its schema, where there is more than one.
    pub target: TableName,
    /// The columns referred to, in the order of `columns`.
    pub target_columns: Vec<String>,
    /// What deleting the row referred to does.
    pub on_delete: Action,
    /// What changing the key referred to does.
    pub on_update: Action,
    /// Whether rows from before it were looked at.
    pub validity: Validity,
}

/// What becomes of rows that refer to a row that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The row cannot go: `NO ACTION` and `RESTRICT`.
    Refuse,
    /// They go, too.
    Cascade,
    /// They refer to nothing.
    SetNull,
    /// They refer to the default.
    SetDefault,
}

/// Whether all rows keep a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// They do.
    Validated,
    /// Those from before the constraint were never looked at: `NOT VALID`.
    NotValidated,
}

/// Whether the catalogue shows something to the connected role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// It does.
    Shown,
    /// It does not, whether it is there or not (MySQL, MariaDB).
    Hidden,
}

/// A `CHECK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name; empty for a declared one.
    pub name: String,
    /// What must hold, in the words of its side.
    pub text: String,
    /// The columns it is about.
    pub columns: Vec<String>,
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
