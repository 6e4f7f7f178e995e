//! What an insert leaves in the columns that it omits.

use crate::{
    model::{Column, DefaultValue, Dialect, Equality, Generation, LogicalType, NextValue, Nullability, Table},
    normalise::{self, StoredValue},
};

/// What a column holds in a row that the program inserts, without the values of its own: what the database stores in an
/// undeclared column, and anything in a declared one. `None` for what is not a column.
pub(super) fn omitted(name: &str, declared: &Table, live: &Table, dialect: Dialect) -> Option<StoredValue> {
    let named = |table: &'_ Table| table.columns.iter().position(|column| dialect.same_name(&column.name, name));
    let column = &live.columns[named(live)?];
    let is_declared = named(declared).is_some();
    Some(match &column.default {
        _ if column.nullability == Nullability::NotNull
            && (is_declared || column.generation != Generation::Supplied) =>
        {
            StoredValue::NotNull
        }
        _ if is_declared => StoredValue::Unknown,
        _ if column.generation == Generation::Computed => {
            generated(column, dialect, |name| omitted(name, declared, live, dialect))
        }
        _ if column.generation != Generation::Supplied => StoredValue::NotNull,
        None => StoredValue::Null,
        // What the collation takes for equal to it is not known.
        Some(DefaultValue::Literal(_)) if is_loose(column, dialect) => StoredValue::NotNull,
        Some(DefaultValue::Literal(text)) => StoredValue::Constant(text.clone()),
        Some(DefaultValue::CurrentTimestamp) => StoredValue::NotNull,
        Some(DefaultValue::Expression(_)) => StoredValue::Unknown,
    })
}

/// Whether the column takes letters of another case for equal, which is the rule on MySQL and MariaDB alone.
fn is_loose(column: &Column, dialect: Dialect) -> bool {
    let is_looser = column.collation.as_ref().is_some_and(|collation| collation.equality == Equality::Looser);
    let is_exact_by_default = matches!(dialect, Dialect::Postgres | Dialect::Sqlite);
    is_exact_by_default && (is_looser || column.ty.kind == LogicalType::Named("citext".to_owned()))
}

/// The keys that the database generates from now on; `None` for another column, or if that is not known.
#[expect(clippy::cast_precision_loss, reason = "only numbers of at most 32 bits, which are exact")]
pub(super) fn next_keys(name: &str, declared: &Table, live: &Table, dialect: Dialect) -> Option<StoredValue> {
    let named = |table: &'_ Table| table.columns.iter().position(|column| dialect.same_name(&column.name, name));
    let is_generated = declared.columns[named(declared)?].generation == Generation::AutoIncrement;
    let column = &live.columns[named(live)?];
    let sequence = column.sequence.as_deref().filter(|sequence| {
        let is_known = matches!(sequence.state, NextValue::Free | NextValue::Unknown);
        is_generated && is_known && sequence.increment > 0 && !sequence.cycles
    })?;
    let next = sequence.next.filter(|next| i32::try_from(*next).is_ok())?;
    matches!(column.ty.kind, LogicalType::Integer { bits, .. } if bits <= 32)
        .then(|| StoredValue::Within(next as f64, f64::from(u32::MAX)))
}

/// What a column of the table holds in a row that leaves it to the table, declared or not.
pub(super) fn stored(column: &str, live: &Table, dialect: Dialect) -> StoredValue {
    omitted(column, &Table::new(live.name.clone()), live, dialect).unwrap_or(StoredValue::Unknown)
}

/// What a generated column holds, in a row of which `of_column` knows the other columns.
fn generated(column: &Column, dialect: Dialect, of_column: impl Fn(&str) -> Option<StoredValue>) -> StoredValue {
    let of_others =
        |name: &str| if dialect.same_name(name, &column.name) { Some(StoredValue::Unknown) } else { of_column(name) };
    column.expression.as_ref().map_or(StoredValue::Unknown, |text| normalise::evaluate(text, dialect, of_others))
}

/// What a column holds in a row in which the program sets only what it must.
pub(super) fn left_out(name: &str, declared: &Table, live: &Table, dialect: Dialect) -> Option<StoredValue> {
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
