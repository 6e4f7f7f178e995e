//! What an insert leaves in the columns that it omits.

use crate::{
    model::{Column, DefaultValue, Dialect, Equality, Generation, LogicalType, Nullability, Table},
    normalise::{self, Stored},
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
            Stored::NotNull
        }
        _ if is_declared => Stored::Unknown,
        _ if column.generation == Generation::Computed => {
            generated(column, dialect, |name| omitted(name, declared, live, dialect))
        }
        _ if column.generation != Generation::Supplied => Stored::NotNull,
        None => Stored::Null,
        // What the collation takes for equal to it is not known.
        Some(DefaultValue::Literal(_)) if is_loose(column, dialect) => Stored::NotNull,
        Some(DefaultValue::Literal(text)) => Stored::Constant(text.clone()),
        Some(DefaultValue::CurrentTimestamp) => Stored::NotNull,
        Some(DefaultValue::Expression(_)) => Stored::Unknown,
    })
}

/// Whether the column takes letters of another case for equal, which is the rule on MySQL and MariaDB alone.
fn is_loose(column: &Column, dialect: Dialect) -> bool {
    let is_looser = column.collation.as_ref().is_some_and(|collation| collation.equality == Equality::Looser);
    let is_exact_by_default = matches!(dialect, Dialect::Postgres | Dialect::Sqlite);
    is_exact_by_default && (is_looser || column.ty.kind == LogicalType::Named("citext".to_owned()))
}

/// What a column of the table holds in a row that leaves it to the table, declared or not.
pub(super) fn stored(column: &str, live: &Table, dialect: Dialect) -> Stored {
    omitted(column, &Table::new(live.name.clone()), live, dialect).unwrap_or(Stored::Unknown)
}

/// What a generated column holds, in a row of which `of_column` knows the other columns.
fn generated(column: &Column, dialect: Dialect, of_column: impl Fn(&str) -> Option<Stored>) -> Stored {
    let of_others =
        |name: &str| if dialect.same_name(name, &column.name) { Some(Stored::Unknown) } else { of_column(name) };
    column.expression.as_ref().map_or(Stored::Unknown, |text| normalise::stored(text, dialect, of_others))
}

/// What a column holds in a row in which the program sets only what it must.
pub(super) fn left_out(name: &str, declared: &Table, live: &Table, dialect: Dialect) -> Option<Stored> {
    let of_table = |table: &'_ Table| table.columns.iter().position(|column| dialect.same_name(&column.name, name));
    let in_table = &live.columns[of_table(live)?];
    if in_table.generation == Generation::Computed {
        return Some(generated(in_table, dialect, |name| left_out(name, declared, live, dialect)));
    }
    let is_left_out = of_table(declared).map(|at| &declared.columns[at]).is_some_and(|column| {
        column.generation == Generation::Supplied
            && (column.nullability == Nullability::Nullable || column.default.is_some())
    });
    if is_left_out { Some(stored(name, live, dialect)) } else { omitted(name, declared, live, dialect) }
}
