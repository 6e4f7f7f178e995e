//! Keys and indexes, paired by their columns, never by name.

use crate::{
    change::{Change, Rejects},
    model::{Column, Dialect, Index, IndexRestriction, Nullability, RelationKind, Sides, Table, Uniqueness},
};

pub(super) fn primary_key(declared: &Table, live: &Table) -> Option<Change> {
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
            && index.restrictions.is_empty()
            && sorted(&index.columns) == key
            && key.iter().all(is_required)
    };
    let is_same = key == sorted(&live.primary_key) && live.primary_key_restrictions.is_empty();
    let mut restrictions = live.primary_key_restrictions.clone();
    if contains_partition_key(&key, &live.primary_key, live) {
        restrictions.push(IndexRestriction::PerPartition);
    }
    (!is_same).then(|| Change::PrimaryKey {
        sides: Sides { declared: declared.primary_key.clone(), live: live.primary_key.clone() },
        restrictions,
        substitute: live.indexes.iter().find(does_the_same).cloned(),
    })
}

pub(super) fn indexes(declared: &Table, live: &Table, dialect: Dialect, changes: &mut Vec<Change>) {
    for index in &declared.indexes {
        let is_key = index.uniqueness == Uniqueness::Unique && index.columns == live.primary_key;
        if !is_key && !live.indexes.iter().any(|live| serves(index, live)) {
            changes.push(missing(index, live));
        }
    }
    // The order depends on the server.
    let mut found: Vec<&Index> = live.indexes.iter().collect();
    found.sort_by(|one, other| one.columns.cmp(&other.columns));
    for index in found {
        let is_expected = |declared: &Index| {
            let adds_nothing = |limit: &IndexRestriction| *limit == IndexRestriction::Ignored;
            serves(declared, index)
                && declared.uniqueness == index.uniqueness
                && index.restrictions.iter().all(adds_nothing)
        };
        if !declared.indexes.iter().any(is_expected) && !backs_a_foreign_key(index, live, dialect) {
            changes.push(Change::IndexUnexpected { live: index.clone(), rejects: rejects(index, declared, live) });
        }
    }
}

/// MySQL makes an index for each foreign key that has none.
fn backs_a_foreign_key(index: &Index, live: &Table, dialect: Dialect) -> bool {
    matches!(dialect, Dialect::MySql | Dialect::MariaDb)
        && index.uniqueness == Uniqueness::Plain
        && index.restrictions.is_empty()
        && live.foreign_keys.iter().any(|key| key.columns == index.columns)
}

/// A unique index rejects nothing new if a declared key covers some of its columns, or if one of them is always NULL
/// because the entity never sets it.
fn rejects(index: &Index, declared: &Table, live: &Table) -> Rejects {
    if index.uniqueness == Uniqueness::Plain {
        return Rejects::Nothing;
    }
    let of_index = |columns: &[Column]| -> Vec<Column> {
        columns.iter().filter(|column| index.columns.contains(&column.name)).cloned().collect()
    };
    if index.restrictions.contains(&IndexRestriction::NullsNotDistinct) {
        let all_null = of_index(&live.columns).iter().all(Column::is_null_when_omitted);
        return if all_null { Rejects::Nulls } else { Rejects::Duplicates };
    }
    let is_whole = index
        .restrictions
        .iter()
        .all(|limit| *limit == IndexRestriction::Partial || *limit == IndexRestriction::Deferrable);
    let within =
        |key: &[String]| is_whole && !key.is_empty() && key.iter().all(|column| index.columns.contains(column));
    let unique = declared.indexes.iter().filter(|index| index.uniqueness == Uniqueness::Unique);
    let is_implied = within(&declared.primary_key) || unique.map(|index| index.columns.as_slice()).any(within);
    let is_known = |column: &Column| declared.columns.iter().any(|known| known.name == column.name);
    let is_never_set =
        is_whole && of_index(&live.columns).iter().any(|column| !is_known(column) && column.is_null_when_omitted());
    if is_implied || is_never_set { Rejects::Nothing } else { Rejects::Duplicates }
}

/// Whether `live` serves as `declared`. The columns of a unique index may come in any order:
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
    // An index that the planner ignores still rejects duplicates, and so does a stricter one.
    let is_no_less = |limit: &IndexRestriction| {
        *limit == IndexRestriction::NullsNotDistinct
            || (declared.uniqueness == Uniqueness::Unique
                && [IndexRestriction::Ignored, IndexRestriction::Collation].contains(limit))
    };
    same_columns && strong_enough && live.restrictions.iter().all(is_no_less)
}

/// Whether a unique key of a partitioned table has these columns and more: those of the partition key, which it must have.
fn contains_partition_key(declared: &[String], key: &[String], live: &Table) -> bool {
    live.relation == RelationKind::Partitioned
        && !declared.is_empty()
        && key.len() > declared.len()
        && declared.iter().all(|column| key.contains(column))
}

fn missing(declared: &Index, live: &Table) -> Change {
    let same = live.indexes.iter().find(|live| live.columns == declared.columns).cloned();
    let per_partition = || {
        let is_wider = |index: &&Index| {
            index.uniqueness == Uniqueness::Unique && contains_partition_key(&declared.columns, &index.columns, live)
        };
        let mut index = live.indexes.iter().find(is_wider).cloned()?;
        index.restrictions.push(IndexRestriction::PerPartition);
        Some(index)
    };
    let nearest = if declared.uniqueness == Uniqueness::Unique { same.or_else(per_partition) } else { same };
    match declared.uniqueness {
        Uniqueness::Unique => Change::UniqueMissing { declared: declared.clone(), nearest },
        Uniqueness::Plain => {
            let covers = |index: &&Index| index.restrictions.is_empty() && index.columns.starts_with(&declared.columns);
            let substitute = live.indexes.iter().find(covers).cloned();
            Change::IndexMissing { declared: declared.clone(), nearest, substitute }
        }
    }
}
