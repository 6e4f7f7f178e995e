//! An index that is created or dropped.

use sqlparser::ast::{Expr, IndexColumn};

use super::{
    algorithm::{Algorithm, combined},
    facts::Facts,
    names::name,
};
use crate::impact::Impact;

/// The impact of creating an index, or of dropping the index `dropped`.
pub(super) fn index_impact(table: &str, algorithm: Algorithm, dropped: &str, facts: &Facts) -> Impact {
    match &facts.engine {
        Some(engine) => Impact::unknown(foreign_engine(engine)),
        None if facts.hash_indexes.iter().any(|index| index != dropped) => combined(table, &[Algorithm::Copy]),
        None => combined(table, &[algorithm]),
    }
}

/// A `UNIQUE` on a whole TEXT or BLOB needs a hidden column with its hash (MariaDB).
pub(super) fn unique_index(columns: &[IndexColumn], facts: &Facts) -> Algorithm {
    let is_long = |column: &IndexColumn| match &column.column.expr {
        Expr::Identifier(identifier) => facts.columns.get(&name(identifier)).is_some_and(|column| {
            let data_type = column.data_type.to_lowercase();
            data_type.ends_with("text") || data_type.ends_with("blob")
        }),
        _ => false,
    };
    if columns.iter().any(is_long) { Algorithm::Copy } else { Algorithm::Index }
}

/// The rules are those of `InnoDB`.
pub(super) fn foreign_engine(engine: &str) -> String {
    format!("no rules for the engine {engine}")
}
