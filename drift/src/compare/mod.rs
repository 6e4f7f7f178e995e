//! Pairs what is declared with what is live and lists where they disagree. Total and pure: no database, no error, and
//! no opinion; what a difference breaks is said in [`consequence`](crate::consequence).

mod pair;

use pair::{Pair, pair};

use crate::{
    change::{Change, Refuses, Unset},
    difference::Unchecked,
    model::{
        Column, DefaultValue, Dialect, Generation, Index, Limit, Nullability, Schema, Sides, Table, TableName,
        Uniqueness,
    },
    normalise,
};

/// All disagreements, in the order of the tables and their columns, and all that could not be judged.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) changes: Vec<(TableName, Change)>,
    pub(crate) unchecked: Vec<Unchecked>,
}

/// Compares each declared table with the live one of its name.
pub(crate) fn compare(declared: &Schema, live_schema: &Schema) -> Comparison {
    let mut comparison = Comparison::default();
    for table in &declared.tables {
        let mut changes = Vec::new();
        match live_schema.tables.iter().find(|live| live.name == table.name) {
            None => changes.push(Change::TableMissing),
            Some(live) => {
                let live = &respelt(live, table, live_schema.dialect);
                columns(live_schema.dialect, table, live, &mut changes, &mut comparison.unchecked);
                changes.extend(primary_key(table, live));
                indexes(table, live, &mut changes);
            }
        }
        comparison.changes.extend(changes.into_iter().map(|change| (table.name.clone(), change)));
    }
    comparison
}

fn columns(
    dialect: Dialect,
    declared: &Table,
    live: &Table,
    changes: &mut Vec<Change>,
    unchecked: &mut Vec<Unchecked>,
) {
    for paired in pair(&declared.columns, &live.columns, |column| name(column, dialect)) {
        match paired {
            Pair::Declared(column) => changes.push(Change::ColumnMissing { declared: column.clone() }),
            Pair::Live(column) => changes.push(Change::ColumnUnexpected { live: column.clone() }),
            Pair::Both(column, live) => {
                if is_filled_by_expression(column, live, dialect) {
                    unchecked.push(Unchecked {
                        table: declared.name.clone(),
                        column: Some(column.name.clone()),
                        why: format!("whether `{}` makes a new key each time", shown(live)),
                    });
                    continue;
                }
                changes.extend(departures(column, live));
                match normalise::same_default(column, live) {
                    Some(true) => {}
                    Some(false) => changes.push(default_differs(column, live)),
                    None => unchecked.push(Unchecked {
                        table: declared.name.clone(),
                        column: Some(column.name.clone()),
                        why: format!("whether the defaults {} and {} store the same", shown(column), shown(live)),
                    }),
                }
            }
        }
    }
}

/// The live table with the columns of its keys spelt as the entity spells them, where the database does not care.
fn respelt(live: &Table, declared: &Table, dialect: Dialect) -> Table {
    let mut live = live.clone();
    if dialect != Dialect::Postgres {
        let keys = live.indexes.iter_mut().map(|index| &mut index.columns).chain([&mut live.primary_key]);
        for column in keys.flatten() {
            let same = declared.columns.iter().find(|declared| declared.name.eq_ignore_ascii_case(column));
            *column = same.map_or_else(|| column.clone(), |declared| declared.name.clone());
        }
    }
    live
}

/// What the database takes for the column's name: PostgreSQL alone tells cases apart.
fn name(column: &Column, dialect: Dialect) -> String {
    if dialect == Dialect::Postgres { column.name.clone() } else { column.name.to_lowercase() }
}

/// PostgreSQL returns whatever key a default made; the others tell only of their own counters.
fn is_filled_by_expression(declared: &Column, live: &Column, dialect: Dialect) -> bool {
    dialect == Dialect::Postgres
        && declared.generation == Generation::AutoIncrement
        && live.generation == Generation::Given
        && matches!(live.default, Some(DefaultValue::Expression(_)))
}

fn shown(column: &Column) -> String {
    column.default.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn departures(declared: &Column, live: &Column) -> impl Iterator<Item = Change> {
    let column = &declared.name;
    let ty = Sides::differing(&declared.ty, &live.ty);
    let spelling = Sides::differing(&declared.name, &live.name);
    let nullability = Sides::differing(&declared.nullability, &live.nullability);
    let unset = if live.must_be_given() { Unset::Refused } else { Unset::Stored };
    let generation = Sides::differing(&declared.generation, &live.generation);
    [
        spelling.map(|sides| Change::Spelling { sides, nullability: declared.nullability }),
        ty.map(|sides| Change::Type { column: column.clone(), sides }),
        nullability.map(|sides| Change::Nullability { column: column.clone(), sides, unset }),
        generation.map(|sides| Change::Generation { column: column.clone(), sides, nullability: declared.nullability }),
    ]
    .into_iter()
    .flatten()
}

fn default_differs(declared: &Column, live: &Column) -> Change {
    Change::Default {
        column: declared.name.clone(),
        sides: Sides { declared: declared.default.clone(), live: live.default.clone() },
        nullability: live.nullability,
        supplied: live.generation != Generation::Given,
    }
}

fn primary_key(declared: &Table, live: &Table) -> Option<Change> {
    let sorted = |key: &[String]| {
        let mut key = key.to_vec();
        key.sort();
        key
    };
    let is_required = |name: &String| {
        live.columns.iter().any(|column| column.name == *name && column.nullability == Nullability::NotNull)
    };
    let key = sorted(&declared.primary_key);
    let does_the_same = |index: &&Index| {
        index.uniqueness == Uniqueness::Unique
            && index.limits.is_empty()
            && sorted(&index.columns) == key
            && key.iter().all(is_required)
    };
    (key != sorted(&live.primary_key)).then(|| Change::PrimaryKey {
        sides: Sides { declared: declared.primary_key.clone(), live: live.primary_key.clone() },
        substitute: live.indexes.iter().find(does_the_same).cloned(),
    })
}

/// Indexes are paired by what they cover, never by name.
fn indexes(declared: &Table, live: &Table, changes: &mut Vec<Change>) {
    for index in &declared.indexes {
        let is_key = index.uniqueness == Uniqueness::Unique && index.columns == live.primary_key;
        if !is_key && !live.indexes.iter().any(|live| serves(index, live)) {
            changes.push(missing(index, live));
        }
    }
    for index in &live.indexes {
        let is_expected = |declared: &Index| {
            serves(declared, index) && declared.uniqueness == index.uniqueness && index.limits.is_empty()
        };
        if !declared.indexes.iter().any(is_expected) {
            changes.push(Change::IndexUnexpected { live: index.clone(), refuses: refuses(index, declared, live) });
        }
    }
}

/// A unique index refuses nothing new if some of its columns are a declared key already, or if one of them is always
/// NULL because the entity never gives it.
fn refuses(index: &Index, declared: &Table, live: &Table) -> Refuses {
    if index.uniqueness == Uniqueness::Plain {
        return Refuses::Nothing;
    }
    let of_index = |columns: &[Column]| -> Vec<Column> {
        columns.iter().filter(|column| index.columns.contains(&column.name)).cloned().collect()
    };
    let is_null_when_left_out = |column: &Column| {
        column.nullability == Nullability::Nullable
            && column.default.is_none()
            && column.generation == Generation::Given
    };
    if index.limits.contains(&Limit::NullsNotDistinct) {
        let all_null = of_index(&live.columns).iter().all(is_null_when_left_out);
        return if all_null { Refuses::Nulls } else { Refuses::Duplicates };
    }
    let is_whole = index.limits.iter().all(|limit| *limit == Limit::Partial || *limit == Limit::Deferrable);
    let within =
        |key: &[String]| is_whole && !key.is_empty() && key.iter().all(|column| index.columns.contains(column));
    let unique = declared.indexes.iter().filter(|index| index.uniqueness == Uniqueness::Unique);
    let is_implied = within(&declared.primary_key) || unique.map(|index| index.columns.as_slice()).any(within);
    let is_known = |column: &Column| declared.columns.iter().any(|known| known.name == column.name);
    let is_never_given =
        is_whole && of_index(&live.columns).iter().any(|column| !is_known(column) && is_null_when_left_out(column));
    if is_implied || is_never_given { Refuses::Nothing } else { Refuses::Duplicates }
}

/// Whether `live` does all that `declared` promises. The columns of a unique index may come in any order:
/// `ON CONFLICT` finds it all the same.
fn serves(declared: &Index, live: &Index) -> bool {
    let same_columns = match declared.uniqueness {
        Uniqueness::Plain => declared.columns == live.columns,
        Uniqueness::Unique => {
            live.columns.len() == declared.columns.len()
                && declared.columns.iter().all(|column| live.columns.contains(column))
        }
    };
    let strong_enough = declared.uniqueness == Uniqueness::Plain || live.uniqueness == Uniqueness::Unique;
    same_columns && strong_enough && live.limits.iter().all(|limit| *limit == Limit::NullsNotDistinct)
}

fn missing(declared: &Index, live: &Table) -> Change {
    let nearest = live.indexes.iter().find(|live| live.columns == declared.columns).cloned();
    match declared.uniqueness {
        Uniqueness::Unique => Change::UniqueMissing { declared: declared.clone(), nearest },
        Uniqueness::Plain => {
            let covers = |index: &&Index| index.limits.is_empty() && index.columns.starts_with(&declared.columns);
            let substitute = live.indexes.iter().find(covers).cloned();
            Change::IndexMissing { declared: declared.clone(), nearest, substitute }
        }
    }
}

#[cfg(test)]
mod tests;
