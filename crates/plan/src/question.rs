//! What a migration asks, told apart: whether something is there, which can be foreseen, and all else.

use sea_orm_migration::sea_orm::{DbBackend, Statement, Value};
use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, Statement as Tree, TableFactor};

use super::sql;

/// The questions of `SchemaManager`, whose answer has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Table(String),
    Column(String, String),
    Index(String, String),
}

impl Presence {
    /// Told by the name of the answer, and its last values, which are the names of what is looked for.
    pub(crate) fn of(question: &Statement) -> Option<Self> {
        let names: Vec<&String> = question.values.iter().flat_map(|values| &values.0).filter_map(text).collect();
        let is_answered_by = |name: &str| {
            [format!("\"{name}\""), format!("`{name}`")]
                .iter()
                .any(|alias| question.sql.contains(&format!("AS {alias}")))
        };
        match names.as_slice() {
            [.., table] if is_answered_by("has_table") => Some(Self::Table((*table).clone())),
            [.., table, column] if is_answered_by("has_column") => {
                Some(Self::Column((*table).clone(), (*column).clone()))
            }
            [.., table, index] if is_answered_by("has_index") => Some(Self::Index((*table).clone(), (*index).clone())),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Table(_) => "has_table",
            Self::Column(..) => "has_column",
            Self::Index(..) => "has_index",
        }
    }
}

fn text(value: &Value) -> Option<&String> {
    if let Value::String(Some(text)) = value { Some(text) } else { None }
}

/// A `SELECT` that changes nothing and takes no lock that anybody could wait for.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    query: Box<Query>,
    pub(crate) tables: Vec<String>,
}

impl Reading {
    /// Of a statement that was asked rather than executed, or `None` where it may do more than read.
    pub(crate) fn of(backend: DbBackend, sql: &str) -> Option<Self> {
        let parsed = sql::parse(backend, sql).ok()?;
        let [Tree::Query(query)] = parsed.as_slice() else { return None };
        let takes_lock = ["ADVISORY_", "ADVISORY(", "GET_LOCK("].iter().any(|lock| sql.to_uppercase().contains(lock));
        (sql::only_reads(query) && !takes_lock)
            .then(|| Self { query: query.clone(), tables: sql::relations(backend, query) })
    }

    /// Whether what it reads is what statements change without naming it.
    pub(crate) fn is_about_the_catalogue(&self) -> bool {
        self.tables.is_empty()
            || self.tables.iter().any(|table| {
                ["pg_", "sqlite_", "pragma_", "information_schema.", "mysql."]
                    .iter()
                    .any(|start| table.starts_with(start))
            })
    }

    /// The one table whose rows are the answer, and which of them: where there are none, there is no answer either.
    pub(crate) fn rows_of(&self) -> Option<(&str, Option<&Expr>)> {
        let SetExpr::Select(select) = self.query.body.as_ref() else { return None };
        let [from] = select.from.as_slice() else { return None };
        let is_table = from.joins.is_empty() && matches!(from.relation, TableFactor::Table { args: None, .. });
        let is_plain = select.projection.iter().all(|item| match item {
            SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. } => {
                is_plain(expression)
            }
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => true,
            SelectItem::ExprWithAliases { .. } => false,
        });
        let table = self.tables.first().filter(|_| is_table && is_plain && self.query.with.is_none());
        table.map(|table| (table.as_str(), select.selection.as_ref()))
    }
}

fn is_plain(expression: &Expr) -> bool {
    match expression {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) => true,
        Expr::Cast { expr, .. } | Expr::Nested(expr) => is_plain(expr),
        _ => false,
    }
}

/// Questions that are no `SELECT` and change nothing. <https://www.sqlite.org/pragma.html>
pub(crate) fn is_harmless(sql: &str) -> bool {
    const PRAGMAS: [&str; 7] =
        ["table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list"];
    let sql = sql.trim_start().to_lowercase();
    let pragma = sql.strip_prefix("pragma ").map(str::trim_start);
    sql.starts_with("show ")
        || pragma.is_some_and(|pragma| {
            PRAGMAS.contains(&pragma.split(|end: char| end == '(' || end.is_whitespace()).next().unwrap_or_default())
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_columns_of_a_table("PRAGMA table_info(call_log)", true)]
    #[case::the_way_of_writing("PRAGMA journal_mode(WAL)", false)]
    #[case::a_number("PRAGMA user_version = 3", false)]
    #[case::the_tables_of_mysql("SHOW TABLES", true)]
    #[case::a_change("INSERT INTO call_log VALUES (1) RETURNING id", false)]
    fn only_some_questions_that_are_no_select_are_asked(#[case] sql: &str, #[case] is_asked: bool) {
        assert_eq!(is_harmless(sql), is_asked);
    }

    #[rstest]
    #[case::rows("SELECT a FROM t WHERE b = 1", true)]
    #[case::a_count_behind_a_with("WITH x AS (SELECT 1) SELECT count(*) FROM x", true)]
    #[case::rows_that_it_locks("SELECT a FROM t FOR UPDATE", false)]
    #[case::rows_that_it_removes("WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x", false)]
    #[case::rows_that_it_adds("INSERT INTO t (a) VALUES (1) RETURNING a", false)]
    #[case::a_table_that_it_makes("SELECT a INTO u FROM t", false)]
    #[case::a_lock("SELECT pg_advisory_lock(1)", false)]
    #[case::what_cannot_be_read("SELEKT a FROM t", false)]
    fn only_what_only_reads_is_asked(#[case] sql: &str, #[case] is_asked: bool) {
        assert_eq!(Reading::of(DbBackend::Postgres, sql).is_some(), is_asked);
    }
}
