//! The servers' errors, and values, in words.

use crate::model::{DefaultValue, Dialect};

pub(super) fn no_table(table: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("relation \"{table}\" does not exist"),
        Dialect::MySql | Dialect::MariaDb => format!("table '{table}' doesn't exist"),
        Dialect::Sqlite => format!("no such table: {table}"),
    }
}

pub(super) fn no_column(table: &str, column: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("column {table}.{column} does not exist"),
        Dialect::MySql | Dialect::MariaDb => format!("unknown column '{table}.{column}'"),
        Dialect::Sqlite => format!("no such column: {table}.{column}"),
    }
}

pub(crate) fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("'{label}'")).collect::<Vec<_>>().join(", ")
}

pub(super) fn stored(default: Option<&DefaultValue>) -> String {
    default.map_or_else(|| "NULL".to_owned(), ToString::to_string)
}
