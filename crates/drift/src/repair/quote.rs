//! Names and constants in the quotes of a dialect, by sea-query's builders.

use sea_orm::sea_query::{
    DynIden, Expr, MysqlQueryBuilder, PostgresQueryBuilder, Query, QuotedBuilder, SqliteQueryBuilder,
};

use crate::model::{Dialect, TableName};

/// A string constant.
pub(super) fn literal(text: &str, dialect: Dialect) -> String {
    expression(Expr::val(text), dialect)
}

pub(super) fn expression(expression: Expr, dialect: Dialect) -> String {
    let select = Query::select().expr(expression).take();
    let text = match dialect {
        Dialect::Postgres => select.to_string(PostgresQueryBuilder),
        Dialect::MySql | Dialect::MariaDb => select.to_string(MysqlQueryBuilder),
        Dialect::Sqlite => select.to_string(SqliteQueryBuilder),
    };
    text.strip_prefix("SELECT ").unwrap_or(&text).to_owned()
}

/// A name in the quotes of the dialect.
pub(super) fn quoted(name: &str, dialect: Dialect) -> String {
    let name = DynIden::from(name.to_owned());
    let mut sql = String::new();
    match dialect {
        Dialect::Postgres => PostgresQueryBuilder.prepare_iden(&name, &mut sql),
        Dialect::MySql | Dialect::MariaDb => MysqlQueryBuilder.prepare_iden(&name, &mut sql),
        Dialect::Sqlite => SqliteQueryBuilder.prepare_iden(&name, &mut sql),
    }
    sql
}

pub(super) fn quoted_table(table: &TableName, dialect: Dialect) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("{}.", quoted(schema, dialect))).unwrap_or_default();
    format!("{schema}{}", quoted(&table.name, dialect))
}

pub(super) fn quoted_list(names: &[String], dialect: Dialect) -> String {
    names.iter().map(|name| quoted(name, dialect)).collect::<Vec<_>>().join(", ")
}
