//! Parses statements in the dialect of their server.

use std::ops::ControlFlow;

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::{
    ast::{Expr, Ident, ObjectName, Query, SetExpr, Statement, Visit, visit_relations},
    dialect::{Dialect, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
    parser::{Parser, ParserError},
};

/// The statements in a text, or the syntax error.
pub(crate) fn parse(backend: DbBackend, sql: &str) -> Result<Vec<Statement>, String> {
    let dialect: &dyn Dialect = match backend {
        DbBackend::Postgres => &PostgreSqlDialect {},
        DbBackend::MySql => &MySqlDialect {},
        _ => &SQLiteDialect {},
    };
    let sql = match backend {
        DbBackend::MySql => trigger_without_body(sql).unwrap_or_else(|| without_mariadb_syntax(sql)),
        DbBackend::Postgres if drops_concurrently(sql) => {
            sql.split_whitespace().filter(|word| !is_concurrently(word)).collect::<Vec<_>>().join(" ")
        }
        DbBackend::Postgres if indexes_only_the_parent(sql) => sql.replacen(" ON ONLY ", " ON ", 1),
        DbBackend::Sqlite => with_quoted_pragmas(sql),
        _ => sql.to_owned(),
    };
    match Parser::parse_sql(dialect, &sql) {
        // The parser does not know the virtual columns of PostgreSQL 18.
        Err(ParserError::ParserError(error))
            if backend == DbBackend::Postgres && error.contains("Expected: STORED") =>
        {
            Parser::parse_sql(&GenericDialect {}, &sql)
        }
        parsed => parsed,
    }
    .map_err(|error| error.to_string())
}

/// Parses an expression in the dialect of PostgreSQL.
pub(crate) fn expression(sql: &str) -> Option<Expr> {
    Parser::new(&PostgreSqlDialect {}).try_with_sql(sql).and_then(|mut parser| parser.parse_expr()).ok()
}

/// Whether it is a `CREATE INDEX ... ON ONLY`, which leaves out the partitions, and which the parser does not know.
pub(crate) fn indexes_only_the_parent(sql: &str) -> bool {
    sql.starts_with("CREATE ") && sql.contains(" ON ONLY ")
}

/// The index of an `ALTER INDEX ... ATTACH PARTITION`, which the parser does not know.
pub(crate) fn attached_index(sql: &str) -> Option<&str> {
    sql.strip_prefix("ALTER INDEX ")
        .and_then(|rest| rest.split_once(" ATTACH PARTITION "))
        .map(|(_, index)| index.trim())
}

/// Whether it is a `DROP INDEX CONCURRENTLY`, which the parser does not know.
pub(crate) fn drops_concurrently(sql: &str) -> bool {
    let words: Vec<&str> = sql.split_whitespace().take(3).collect();
    matches!(words.as_slice(), [drop, index, word]
        if drop.eq_ignore_ascii_case("drop") && index.eq_ignore_ascii_case("index") && is_concurrently(word))
}

fn is_concurrently(word: &str) -> bool {
    word.eq_ignore_ascii_case("concurrently")
}

/// Replaces syntax of `ALTER TABLE` that the parser does not know. Whether a column exists is looked up anyway, and `INPLACE`
/// refuses a copy as `NOCOPY` does.
fn without_mariadb_syntax(sql: &str) -> String {
    [("ADD COLUMN IF NOT EXISTS ", "ADD COLUMN "), ("DROP COLUMN IF EXISTS ", "DROP COLUMN "), ("=NOCOPY", "=INPLACE")]
        .iter()
        .fold(sql.to_owned(), |sql, (unknown, known)| sql.replace(unknown, known))
}

/// A `CREATE TRIGGER` of MySQL or MariaDB in the words of PostgreSQL: the parser knows neither a body of one statement nor `DEFINER`.
/// The body runs later.
fn trigger_without_body(sql: &str) -> Option<String> {
    let upper = sql.to_ascii_uppercase();
    let (options, _) = upper.split_once(" TRIGGER ")?;
    let mut words = options.split_whitespace();
    let is_of_trigger =
        words.next() == Some("CREATE") && words.next().is_none_or(|word| word == "OR" || word.starts_with("DEFINER"));
    let (head, _) = sql.split_at(upper.find("FOR EACH ROW")?);
    let name = head.get(options.len() + " TRIGGER ".len()..)?.trim_start();
    let is_conditional =
        name.get(.."IF NOT EXISTS ".len()).is_some_and(|words| words.eq_ignore_ascii_case("IF NOT EXISTS "));
    let name = if is_conditional { name.get("IF NOT EXISTS ".len()..)? } else { name };
    is_of_trigger.then(|| format!("CREATE TRIGGER {name} FOR EACH ROW EXECUTE FUNCTION body()"))
}

/// Quotes a word that is the value of a pragma: the parser takes only numbers and strings.
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

/// A name as in the catalog: PostgreSQL folds unquoted names, and SQLite ignores case.
pub(crate) fn name(backend: DbBackend, identifier: &Ident) -> String {
    match backend {
        DbBackend::MySql => identifier.value.clone(),
        DbBackend::Postgres if identifier.quote_style.is_some() => identifier.value.clone(),
        _ => identifier.value.to_lowercase(),
    }
}

/// The same for a name that does not come from a statement.
pub(crate) fn folded(backend: DbBackend, name: &str) -> String {
    if backend == DbBackend::Sqlite { name.to_lowercase() } else { name.to_owned() }
}

/// The same for a table, with its schema if it is given.
pub(crate) fn table(backend: DbBackend, object: &ObjectName) -> String {
    let parts = object.0.iter().filter_map(|part| part.as_ident()).map(|part| name(backend, part));
    parts.collect::<Vec<_>>().join(".")
}

/// All tables named in it.
pub(crate) fn relations(backend: DbBackend, tree: &impl Visit) -> Vec<String> {
    let mut relations = Vec::new();
    let _ = visit_relations(tree, |relation| {
        relations.push(table(backend, relation));
        ControlFlow::<()>::Continue(())
    });
    relations
}

/// Whether a query changes nothing and locks no rows.
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
