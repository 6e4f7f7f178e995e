//! Tells the queries of a migration apart: existence checks, which the shadow schema can answer, and other reads.

use sea_orm_migration::sea_orm::{DbBackend, Statement, Value};
use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, Statement as Tree, TableFactor};

use crate::sql;

/// A query of `SchemaManager`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExistenceCheck {
    Table(String),
    Column(String, String),
    Index(String, String),
    /// Whether the table is partitioned, which a table that the plan creates is not.
    Partitioned(String),
}

impl ExistenceCheck {
    /// Recognised by the alias of its result; its last values are the names it looks for.
    pub(crate) fn of(query: &Statement) -> Option<Self> {
        let names: Vec<&String> = query.values.iter().flat_map(|values| &values.0).filter_map(text).collect();
        let is_answered_by = |name: &str| {
            [format!("\"{name}\""), format!("`{name}`")].iter().any(|alias| query.sql.contains(&format!("AS {alias}")))
        };
        match names.as_slice() {
            [.., table] if is_answered_by("has_table") => Some(Self::Table((*table).clone())),
            [.., table] if is_answered_by("is_partitioned") => Some(Self::Partitioned((*table).clone())),
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
            Self::Partitioned(_) => "is_partitioned",
        }
    }
}

fn text(value: &Value) -> Option<&String> {
    if let Value::String(Some(text)) = value { Some(text) } else { None }
}

/// A `SELECT` that changes nothing and takes no lock that another session could wait for.
#[derive(Clone, Debug)]
pub(crate) struct ReadQuery {
    query: Box<Query>,
    pub(crate) tables: Vec<String>,
}

impl ReadQuery {
    /// `None` if the statement may do more than read.
    pub(crate) fn of(backend: DbBackend, sql: &str) -> Option<Self> {
        let parsed = sql::parse(backend, sql).ok()?;
        let [Tree::Query(query)] = parsed.as_slice() else { return None };
        let takes_lock = ["ADVISORY_", "ADVISORY(", "GET_LOCK("].iter().any(|lock| sql.to_uppercase().contains(lock));
        (sql::only_reads(query) && !takes_lock)
            .then(|| Self { query: query.clone(), tables: sql::relations(backend, query) })
    }

    /// Whether it reads the catalog, which schema changes alter without naming it.
    pub(crate) fn is_about_the_catalog(&self) -> bool {
        self.tables.is_empty()
            || self.tables.iter().any(|table| {
                ["pg_", "sqlite_", "pragma_", "information_schema.", "mysql."]
                    .iter()
                    .any(|start| table.starts_with(start))
            })
    }

    /// The table and the condition, if the query returns exactly the matching rows of one table.
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

/// Commands other than `SELECT` that change nothing. <https://www.sqlite.org/pragma.html>
pub(crate) fn is_read_only_command(sql: &str) -> bool {
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
    #[case::the_journal_mode("PRAGMA journal_mode(WAL)", false)]
    #[case::a_version_number("PRAGMA user_version = 3", false)]
    #[case::the_tables_of_mysql("SHOW TABLES", true)]
    #[case::a_change("INSERT INTO call_log VALUES (1) RETURNING id", false)]
    fn only_some_commands_other_than_select_reach_the_database(#[case] sql: &str, #[case] is_passed_on: bool) {
        assert_eq!(is_read_only_command(sql), is_passed_on);
    }

    #[rstest]
    #[case::rows("SELECT a FROM t WHERE b = 1", true)]
    #[case::a_count_after_a_with("WITH x AS (SELECT 1) SELECT count(*) FROM x", true)]
    #[case::rows_that_it_locks("SELECT a FROM t FOR UPDATE", false)]
    #[case::rows_that_it_removes("WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x", false)]
    #[case::rows_that_it_adds("INSERT INTO t (a) VALUES (1) RETURNING a", false)]
    #[case::a_table_that_it_creates("SELECT a INTO u FROM t", false)]
    #[case::a_lock("SELECT pg_advisory_lock(1)", false)]
    #[case::a_syntax_error("SELEKT a FROM t", false)]
    fn only_reads_reach_the_database(#[case] sql: &str, #[case] is_passed_on: bool) {
        assert_eq!(ReadQuery::of(DbBackend::Postgres, sql).is_some(), is_passed_on);
    }
}
