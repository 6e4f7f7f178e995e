//! Columns, paired by the name that the database takes for the same.

use super::pair::{Pair, pair};
use crate::{
    change::{Change, Unset},
    difference::Unchecked,
    model::{Column, DefaultValue, Dialect, Generation, Sides, Table},
    normalise,
};

pub(super) fn columns(
    declared: &Table,
    live: &Table,
    dialect: Dialect,
    changes: &mut Vec<Change>,
    unchecked: &mut Vec<Unchecked>,
) {
    for paired in pair(&declared.columns, &live.columns, |column| name(column, dialect)) {
        match paired {
            Pair::Declared(column) => changes.push(Change::ColumnMissing { declared: column.clone() }),
            Pair::Live(column) => changes.push(Change::ColumnUnexpected { live: column.clone() }),
            Pair::Both(column, live) => {
                changes.extend(shape(column, live));
                let (filling, open) = filling(column, live, dialect);
                changes.extend(filling);
                unchecked.extend(open.map(|(rule, why)| Unchecked {
                    rule,
                    table: declared.name.clone(),
                    column: Some(column.name.clone()),
                    why,
                }));
            }
        }
    }
}

/// What the database takes for the column's name: PostgreSQL alone tells cases apart.
fn name(column: &Column, dialect: Dialect) -> String {
    if dialect == Dialect::Postgres { column.name.clone() } else { column.name.to_lowercase() }
}

/// What can be stored.
fn shape(declared: &Column, live: &Column) -> impl Iterator<Item = Change> {
    let column = &declared.name;
    let spelling = Sides::differing(&declared.name, &live.name);
    let ty = Sides::differing(&declared.ty, &live.ty);
    let nullability = Sides::differing(&declared.nullability, &live.nullability);
    let unset = if live.must_be_given() { Unset::Refused } else { Unset::Stored };
    [
        spelling.map(|sides| Change::Spelling { sides, nullability: declared.nullability }),
        ty.map(|sides| Change::Type { column: column.clone(), sides }).or_else(|| enum_labels(declared, live)),
        nullability.map(|sides| Change::Nullability { column: column.clone(), sides, unset }),
    ]
    .into_iter()
    .flatten()
}

/// Their order does not count.
fn enum_labels(declared: &Column, live: &Column) -> Option<Change> {
    let (declared_labels, live_labels) = (declared.ty.kind.labels()?, live.ty.kind.labels()?);
    let only_in = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|label| !other.contains(label)).cloned().collect()
    };
    let missing = only_in(declared_labels, live_labels);
    let unexpected = only_in(live_labels, declared_labels);
    let is_same = missing.is_empty() && unexpected.is_empty();
    (!is_same).then(|| Change::EnumLabels { column: declared.name.clone(), missing, unexpected })
}

/// What is stored where nothing is given, and what of it cannot be told.
fn filling(declared: &Column, live: &Column, dialect: Dialect) -> (Vec<Change>, Option<(&'static str, String)>) {
    if is_filled_by_expression(declared, live, dialect) {
        let why = format!("whether `{}` makes a new key each time", shown(live));
        return (Vec::new(), Some(("generator-unchecked", why)));
    }
    let generation = Sides::differing(&declared.generation, &live.generation).map(|sides| Change::Generation {
        column: declared.name.clone(),
        sides,
        nullability: declared.nullability,
    });
    // A column that the database fills has no default to speak of.
    let has_default = matches!(live.generation, Generation::Given | Generation::Touched);
    let (default, open) = match normalise::same_default(declared, live) {
        _ if !has_default => (None, None),
        Some(true) => (None, None),
        Some(false) => (Some(default_differs(declared, live)), None),
        None => {
            let why = format!("whether the defaults {} and {} store the same", shown(declared), shown(live));
            (None, Some(("default-unchecked", why)))
        }
    };
    (generation.into_iter().chain(default).collect(), open)
}

/// PostgreSQL returns whatever key a default made; the others tell only of their own counters.
fn is_filled_by_expression(declared: &Column, live: &Column, dialect: Dialect) -> bool {
    dialect == Dialect::Postgres
        && declared.generation == Generation::AutoIncrement
        && live.generation == Generation::Given
        && matches!(live.default, Some(DefaultValue::Expression(_)))
}

fn default_differs(declared: &Column, live: &Column) -> Change {
    Change::Default {
        column: declared.name.clone(),
        sides: Sides { declared: declared.default.clone(), live: live.default.clone() },
        nullability: live.nullability,
    }
}

fn shown(column: &Column) -> String {
    column.default.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}
