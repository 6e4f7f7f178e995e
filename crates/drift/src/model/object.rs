//! What a finding is about.

use std::fmt;

use super::table_name::TableName;

/// The object that a finding is about, printed as `call_log`, `call_log.status` or `call_log (call_sid)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// The table, as the entity names it.
    pub table: TableName,
    /// Which part of it.
    pub part: Part,
}

/// A part of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// The whole table.
    Table,
    /// One column.
    Column(String),
    /// An index or unique constraint over these columns.
    Index(Vec<String>),
    /// A foreign key of these columns.
    ForeignKey(Vec<String>),
    /// A CHECK: its name, or its columns where it has none.
    Check(String),
    /// A rewrite rule, by its name (PostgreSQL).
    RewriteRule(String),
    /// A function or a collation that it uses, by its name (SQLite).
    Function(String),
    /// Some columns, for a privilege that is missing for these alone.
    Columns(Vec<String>),
}

impl Part {
    /// The kind of object, as SARIF's logical locations name it.
    #[cfg(feature = "sarif")]
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column(_) => "column",
            Self::Index(_) => "index",
            Self::ForeignKey(_) => "foreign-key",
            Self::Check(_) => "check",
            Self::RewriteRule(_) => "rule",
            Self::Function(_) => "function",
            Self::Columns(_) => "columns",
        }
    }
}

impl Object {
    /// Whether `printed`, an object as it is printed, is this one or a part of it.
    pub(crate) fn contains(&self, printed: &str) -> bool {
        let rest = printed.strip_prefix(&self.to_string());
        rest.is_some_and(|rest| rest.is_empty() || (self.part == Part::Table && rest.starts_with(['.', ' '])))
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        match &self.part {
            Part::Table => write!(f, "{table}"),
            Part::Column(column) => write!(f, "{table}.{column}"),
            Part::Index(columns) | Part::ForeignKey(columns) | Part::Columns(columns) => {
                write!(f, "{table} ({})", columns.join(", "))
            }
            Part::Check(name) | Part::RewriteRule(name) | Part::Function(name) => write!(f, "{table} ({name})"),
        }
    }
}

/// As it is printed: `difference.object() == "call_log.status"`.
impl PartialEq<&str> for Object {
    #[expect(clippy::cmp_owned, reason = "its parts are printed, not kept as one text")]
    fn eq(&self, printed: &&str) -> bool {
        self.to_string() == *printed
    }
}
