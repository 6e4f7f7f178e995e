//! What an insert leaves in the columns that it omits.

use crate::{
    model::{DefaultValue, Dialect, Generation, Nullability, Table},
    normalise::Stored,
};

/// What a column holds in a row that the program inserts, without the values of its own: what the database stores in an
/// undeclared column, and anything in a declared one. `None` for what is no column.
pub(super) fn omitted(name: &str, declared: &Table, live: &Table, dialect: Dialect) -> Option<Stored> {
    let named = |table: &'_ Table| table.columns.iter().position(|column| dialect.same_name(&column.name, name));
    let column = &live.columns[named(live)?];
    let is_declared = named(declared).is_some();
    Some(match &column.default {
        _ if column.nullability == Nullability::NotNull
            && (is_declared || column.generation != Generation::Supplied) =>
        {
            Stored::Some
        }
        _ if is_declared => Stored::Any,
        _ if column.generation == Generation::Computed => Stored::Any,
        _ if column.generation != Generation::Supplied => Stored::Some,
        None => Stored::Null,
        Some(DefaultValue::Literal(text)) => Stored::Constant(text.clone()),
        Some(DefaultValue::CurrentTimestamp) => Stored::Some,
        Some(DefaultValue::Expression(_)) => Stored::Any,
    })
}
