//! Which rows of a program a unique index that the entity does not declare rejects.

use super::{
    long_values::refuses_declared_long_values,
    omitted::{left_out, omitted},
};
use crate::{
    change::Rejects,
    model::{
        Column, DefaultValue, Dialect, Generation, Index, IndexRestriction, LogicalType, Nullability, Table, Uniqueness,
    },
    normalise::{self, StoredValue},
};

/// A unique index rejects nothing new if a declared key covers some of its columns, or if one of them is always NULL
/// because the entity never sets it.
pub(super) fn rejects(index: &Index, declared: &Table, live: &Table, dialect: Dialect) -> Rejects {
    let otherwise =
        if refuses_declared_long_values(index, declared, live) { Rejects::Values } else { Rejects::Nothing };
    if index.uniqueness == Uniqueness::Plain {
        return otherwise;
    }
    let of_index = |columns: &[Column]| -> Vec<Column> {
        columns.iter().filter(|column| index.columns.contains(&column.name)).cloned().collect()
    };
    if index.restrictions.contains(&IndexRestriction::Unbuilt) {
        return Rejects::Nothing;
    }
    // The condition of `WHERE false` holds for no row.
    let is_empty = |condition: &String| {
        normalise::condition_holds(condition, dialect, |name| omitted(name, declared, live, dialect)) == Some(false)
    };
    if index.condition.as_ref().is_some_and(is_empty) {
        return Rejects::Nothing;
    }
    let columns = of_index(&live.columns);
    let is_unset = |column: &Column| !declared.columns.iter().any(|known| known.name == column.name);
    let is_covering = index.restrictions.iter().all(|limit| {
        matches!(
            limit,
            IndexRestriction::NullsNotDistinct
                | IndexRestriction::Deferrable
                | IndexRestriction::Ignored
                | IndexRestriction::ExclusionOfEquals
                | IndexRestriction::ExclusionOfOverlaps
        )
    });
    // An empty range overlaps none.
    let is_apart = |column: &Column| {
        let is_empty = matches!(&column.default, Some(DefaultValue::Literal(text)) if text == "empty");
        index.restrictions.contains(&IndexRestriction::ExclusionOfOverlaps)
            && is_empty
            && column.ty.text.contains("range")
    };
    if is_covering
        && columns.len() == index.columns.len()
        && columns
            .iter()
            .all(|column| is_unset(column) && is_repeated_when_omitted(column, dialect) && !is_apart(column))
    {
        return Rejects::SecondOmission;
    }
    if is_constant_when_omitted(index, declared, live, dialect) {
        return Rejects::SecondOmission;
    }
    let is_known = |column: &Column| declared.columns.iter().any(|known| known.name == column.name);
    // The database gives each row another one.
    let generates = |column: &Column| {
        let is_random = |default: &DefaultValue| matches!(default, DefaultValue::Expression(text) if normalise::is_new_for_each_row(text, dialect));
        !is_known(column)
            && (matches!(column.generation, Generation::AutoIncrement | Generation::AlwaysIdentity)
                || column.sequence.is_some()
                || column.default.as_ref().is_some_and(is_random))
    };
    if index.restrictions.contains(&IndexRestriction::NullsNotDistinct) {
        if !index.restrictions.contains(&IndexRestriction::Expression) && columns.iter().any(generates) {
            return otherwise;
        }
        // NULLs are not duplicates of each other in the declared key, unless there are none.
        let is_never_null = |name: &String| {
            [declared, live]
                .iter()
                .flat_map(|table| &table.columns)
                .any(|column| column.name == *name && column.nullability == Nullability::NotNull)
        };
        let is_within = |key: &[String]| {
            !key.is_empty() && key.iter().all(|column| index.columns.contains(column) && is_never_null(column))
        };
        let unique = declared.indexes.iter().filter(|index| index.uniqueness == Uniqueness::Unique);
        if is_within(&declared.primary_key) || unique.map(|index| index.columns.as_slice()).any(is_within) {
            return otherwise;
        }
        let all_null = columns.iter().all(Column::is_null_when_omitted);
        return if all_null { Rejects::SecondOmission } else { Rejects::Duplicates };
    }
    let is_whole = index.restrictions.iter().all(|limit| is_no_obstacle(*limit));
    let sources: Vec<String> = index.columns.iter().map(|text| source(text, live, dialect)).collect();
    let has_whole_columns =
        index.restrictions.iter().all(|limit| is_no_obstacle(*limit) || *limit == IndexRestriction::Expression);
    let is_implied = contains_a_key(index, &sources, declared, live);
    // NULL conflicts with nothing, by whatever operator.
    let is_never_set = index.columns.iter().any(|part| is_always_null(part, declared, live, dialect));
    // An expression of one column keeps its values apart.
    let is_generated = |name: &String| live.columns.iter().any(|column| column.name == *name && generates(column));
    let is_new_each_time =
        is_whole && columns.iter().any(generates) || has_whole_columns && sources.iter().any(is_generated);
    let has_empty_range = of_index(&live.columns).iter().any(|column| is_unset(column) && is_apart(column));
    if is_implied || is_never_set || is_new_each_time || has_empty_range { otherwise } else { Rejects::Duplicates }
}

/// Whether a part of an index is NULL in every row of the program: a column that it never sets, or what is computed of one.
fn is_always_null(part: &str, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let of_column = |name: &str| omitted(name, declared, live, dialect);
    of_column(part).unwrap_or_else(|| normalise::evaluate(part, dialect, of_column)) == StoredValue::Null
}

/// Whether an index with this restriction still tells apart the rows that its columns do.
fn is_no_obstacle(limit: IndexRestriction) -> bool {
    matches!(
        limit,
        IndexRestriction::Partial
            | IndexRestriction::LeavesOutNulls
            | IndexRestriction::Deferrable
            | IndexRestriction::LongValues
            | IndexRestriction::SortOrder
            | IndexRestriction::ExclusionOfEquals
    ) || limit.hides_duplicates()
}

/// Whether all columns of a declared key are in the index: what an expression or a prefix adds to them makes no two rows alike.
fn contains_a_key(index: &Index, sources: &[String], declared: &Table, live: &Table) -> bool {
    let has_only = |others: &[IndexRestriction]| {
        index.restrictions.iter().all(|limit| is_no_obstacle(*limit) || others.contains(limit))
    };
    let has_whole_columns = has_only(&[IndexRestriction::Expression]);
    let has_whole_numbers = has_only(&[IndexRestriction::Expression, IndexRestriction::Prefix]);
    // Only texts and bytes have a prefix.
    let is_number = |name: &String| {
        let column = live.columns.iter().find(|column| column.name == *name);
        column.is_some_and(|column| matches!(column.ty.kind, LogicalType::Integer { .. } | LogicalType::Decimal(_)))
    };
    let within = |key: &[String]| {
        let is_whole = has_whole_columns || has_whole_numbers && key.iter().all(is_number);
        is_whole && !key.is_empty() && key.iter().all(|column| sources.contains(column))
    };
    let unique = declared.indexes.iter().filter(|index| index.uniqueness == Uniqueness::Unique);
    within(&declared.primary_key) || unique.map(|index| index.columns.as_slice()).any(within)
}

/// The column that keeps apart the rows of an index as its part does: itself, or what it is computed from.
fn source(part: &str, live: &Table, dialect: Dialect) -> String {
    let column = live.columns.iter().find(|column| column.name == part);
    let text = match column {
        Some(column) if column.generation == Generation::Computed => column.expression.as_deref(),
        Some(_) => None,
        None => Some(part),
    };
    text.and_then(|text| normalise::distinguishing_column(text, dialect)).unwrap_or_else(|| part.to_owned())
}

/// Whether the inserts that omit the column store the same value, one after the other.
fn is_repeated_when_omitted(column: &Column, dialect: Dialect) -> bool {
    let is_repeated = |default: &DefaultValue| match default {
        DefaultValue::Expression(text) => normalise::repeats_itself(text, dialect),
        DefaultValue::Literal(_) => true,
        DefaultValue::CurrentTimestamp => false,
    };
    column.generation == Generation::Supplied && column.default.as_ref().is_some_and(is_repeated)
}

/// Whether an index has all rows in which the program leaves what it can to the table, and the same values for them:
/// `coalesce(status, '')`, or a column that is generated from that.
fn is_constant_when_omitted(index: &Index, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let of_column = |name: &str| left_out(name, declared, live, dialect);
    let value = |text: &String| match live.columns.iter().find(|column| column.name == *text) {
        Some(column) => match of_column(&column.name) {
            // The day, which is not a constant, and the same in many rows.
            Some(StoredValue::Unknown) if is_repeated_when_omitted(column, dialect) => {
                StoredValue::Constant(String::new())
            }
            stored => stored.unwrap_or(StoredValue::Unknown),
        },
        None => normalise::evaluate(text, dialect, of_column),
    };
    let limits = [
        IndexRestriction::Expression,
        IndexRestriction::Partial,
        IndexRestriction::LeavesOutNulls,
        IndexRestriction::ExclusionOfEquals,
        IndexRestriction::NullsNotDistinct,
        IndexRestriction::LongValues,
        IndexRestriction::SortOrder,
    ];
    let is_partial = index
        .restrictions
        .iter()
        .any(|limit| matches!(limit, IndexRestriction::Partial | IndexRestriction::LeavesOutNulls));
    let conflicts = |stored: &StoredValue| match stored {
        StoredValue::Constant(_) => true,
        StoredValue::Null => index.restrictions.contains(&IndexRestriction::NullsNotDistinct),
        StoredValue::UpTo(_)
        | StoredValue::Within(..)
        | StoredValue::Float
        | StoredValue::Time
        | StoredValue::NotNull
        | StoredValue::Unknown => false,
    };
    let has_all = |condition: &String| normalise::condition_holds(condition, dialect, of_column) == Some(true);
    index.restrictions.iter().all(|limit| limits.contains(limit))
        && (!is_partial || index.condition.as_ref().is_some_and(has_all))
        && index.columns.iter().all(|text| conflicts(&value(text)))
}
