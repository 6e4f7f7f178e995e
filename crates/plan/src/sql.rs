//! Statements as trees, in the dialect of their server.

use std::ops::ControlFlow;

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::{
    ast::{Expr, Ident, ObjectName, Query, SetExpr, Statement, Visit, visit_relations},
    dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
    parser::Parser,
};

/// One or several statements that are run at once, or why they cannot be read.
pub(crate) fn parse(backend: DbBackend, sql: &str) -> Result<Vec<Statement>, String> {
    let dialect: &dyn Dialect = match backend {
        DbBackend::Postgres => &PostgreSqlDialect {},
        DbBackend::MySql => &MySqlDialect {},
        _ => &SQLiteDialect {},
    };
    let sql = match backend {
        DbBackend::MySql => without_words_of_mariadb(sql),
        DbBackend::Postgres if drops_concurrently(sql) => {
            sql.split_whitespace().filter(|word| !is_concurrently(word)).collect::<Vec<_>>().join(" ")
        }
        DbBackend::Sqlite => with_quoted_pragmas(sql),
        _ => sql.to_owned(),
    };
    Parser::parse_sql(dialect, &sql).map_err(|error| error.to_string())
}

/// An expression as PostgreSQL writes it.
pub(crate) fn expression(sql: &str) -> Option<Expr> {
    Parser::new(&PostgreSqlDialect {}).try_with_sql(sql).and_then(|mut parser| parser.parse_expr()).ok()
}

/// Whether it is a `DROP INDEX CONCURRENTLY`, of which the parser does not know the last word.
pub(crate) fn drops_concurrently(sql: &str) -> bool {
    let words: Vec<&str> = sql.split_whitespace().take(3).collect();
    matches!(words.as_slice(), [drop, index, word]
        if drop.eq_ignore_ascii_case("drop") && index.eq_ignore_ascii_case("index") && is_concurrently(word))
}

fn is_concurrently(word: &str) -> bool {
    word.eq_ignore_ascii_case("concurrently")
}

/// What the parser does not know of `ALTER TABLE`, as what it knows. Whether the column is there is seen anyway, and a
/// server that may not copy refuses to.
fn without_words_of_mariadb(sql: &str) -> String {
    [("ADD COLUMN IF NOT EXISTS ", "ADD COLUMN "), ("DROP COLUMN IF EXISTS ", "DROP COLUMN "), ("=NOCOPY", "=INPLACE")]
        .iter()
        .fold(sql.to_owned(), |sql, (unknown, known)| sql.replace(unknown, known))
}

/// The parser takes a number or a text for the value of a pragma, and no word.
fn with_quoted_pragmas(sql: &str) -> String {
    let quoted = sql.split(';').map(|statement| {
        let is_pragma = statement.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("pragma"));
        match statement.split_once('=') {
            Some((name, value)) if is_pragma && value.trim().starts_with(|first: char| first.is_ascii_alphabetic()) => {
                format!("{name}= '{}'", value.trim())
            }
            _ => statement.to_owned(),
        }
    });
    quoted.collect::<Vec<_>>().join(";")
}

/// A name as the catalogue has it: PostgreSQL folds what is not quoted, and to SQLite all cases are one.
pub(crate) fn name(backend: DbBackend, identifier: &Ident) -> String {
    match backend {
        DbBackend::MySql => identifier.value.clone(),
        DbBackend::Postgres if identifier.quote_style.is_some() => identifier.value.clone(),
        _ => identifier.value.to_lowercase(),
    }
}

/// The same of a name that is no identifier of a statement.
pub(crate) fn folded(backend: DbBackend, name: &str) -> String {
    if backend == DbBackend::Sqlite { name.to_lowercase() } else { name.to_owned() }
}

/// The same of a table, with its schema where that is said.
pub(crate) fn table(backend: DbBackend, object: &ObjectName) -> String {
    let parts = object.0.iter().filter_map(|part| part.as_ident()).map(|part| name(backend, part));
    parts.collect::<Vec<_>>().join(".")
}

/// The tables that are named anywhere in it.
pub(crate) fn relations(backend: DbBackend, tree: &impl Visit) -> Vec<String> {
    let mut relations = Vec::new();
    let _ = visit_relations(tree, |relation| {
        relations.push(table(backend, relation));
        ControlFlow::<()>::Continue(())
    });
    relations
}

/// Whether a question changes nothing: it is a `SELECT` all through, and locks no rows.
pub(crate) fn only_reads(query: &Query) -> bool {
    let reads = query.with.iter().flat_map(|with| &with.cte_tables).all(|table| only_reads(&table.query));
    reads && query.locks.is_empty() && body_only_reads(&query.body)
}

fn body_only_reads(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.into.is_none(),
        SetExpr::Query(query) => only_reads(query),
        SetExpr::SetOperation { left, right, .. } => body_only_reads(left) && body_only_reads(right),
        SetExpr::Values(_) | SetExpr::Table(_) => true,
        _ => false,
    }
}
