//! Keys and indexes, paired by their columns, never by name.

use super::{long_values::holds_long_included_values, rejected_rows::rejects};
use crate::{
    change::{Change, Rejects},
    difference::Unchecked,
    model::{Dialect, Index, IndexRestriction, RelationKind, Sides, Table, Uniqueness},
    normalise,
    rule::Rule,
};

pub(super) fn primary_key(declared: &Table, live: &Table) -> Option<Change> {
    let sorted = |key: &[String]| {
        let mut key = key.to_vec();
        key.sort();
        key
    };
    let key = sorted(&declared.primary_key);
    // Whether it lets NULL in is a difference of the column.
    let does_the_same = |index: &&Index| !key.is_empty() && serves_key(&key, Uniqueness::Unique, index);
    let mut restrictions = live.primary_key_restrictions.clone();
    if contains_partition_key(&key, &live.primary_key, live) {
        restrictions.push(IndexRestriction::PerPartition);
    }
    let is_over_the_same = key == sorted(&live.primary_key);
    let is_same = is_over_the_same && live.primary_key_restrictions.is_empty();
    // No other index helps an upsert: the deferrable key is an arbiter, too.
    let refuses_upserts = is_over_the_same && live.primary_key_restrictions.contains(&IndexRestriction::Deferrable);
    let keeps_duplicates = live.primary_key_restrictions.iter().any(|limit| limit.hides_duplicates());
    let equivalent = live.indexes.iter().find(does_the_same).filter(|_| !refuses_upserts && !keeps_duplicates);
    (!is_same).then(|| Change::PrimaryKey {
        sides: Sides { declared: declared.primary_key.clone(), live: live.primary_key.clone() },
        restrictions,
        equivalent: equivalent.cloned(),
    })
}

pub(super) fn indexes(declared: &Table, live: &Table, dialect: Dialect, changes: &mut Vec<Change>) {
    for index in &declared.indexes {
        let is_key = index.uniqueness == Uniqueness::Unique
            && index.columns == live.primary_key
            && live.primary_key_restrictions.is_empty();
        if !is_key && !live.indexes.iter().any(|live| serves(index, live)) {
            changes.push(missing(index, declared, live));
        } else if !is_key
            && index.uniqueness == Uniqueness::Unique
            && !live.indexes.iter().any(|live| finds(index, live))
        {
            // It rejects duplicates, and the planner does not use it for a look-up.
            let nearest = live.indexes.iter().find(|live| serves(index, live)).cloned();
            let is_unused =
                |limit: &IndexRestriction| matches!(limit, IndexRestriction::SortOrder | IndexRestriction::Ignored);
            if nearest.as_ref().is_some_and(|nearest| nearest.restrictions.iter().any(is_unused)) {
                changes.push(Change::IndexMissing { declared: index.clone(), nearest, longer: None });
            }
        }
    }
    // The order depends on the server.
    let mut by_columns: Vec<&Index> = live.indexes.iter().collect();
    by_columns.sort_by(|one, other| one.columns.cmp(&other.columns));
    for index in by_columns {
        let rejects_long_values = holds_long_included_values(index, declared);
        let is_expected = |declared: &Index| {
            let adds_nothing = |limit: &IndexRestriction| {
                matches!(limit, IndexRestriction::Ignored | IndexRestriction::LongValues | IndexRestriction::SortOrder)
            };
            serves(declared, index)
                && declared.uniqueness == index.uniqueness
                && index.restrictions.iter().all(adds_nothing)
                && !rejects_long_values
        };
        if !declared.indexes.iter().any(is_expected) && !backs_a_foreign_key(index, live, dialect) {
            let counterpart = declared
                .indexes
                .iter()
                .find(|declared| serves(declared, index) && declared.uniqueness == index.uniqueness)
                .cloned();
            let rejects = if refuses_upserts(index, declared, live) {
                Rejects::Upserts
            } else {
                rejects(index, declared, live, dialect)
            };
            changes.push(Change::IndexUnexpected { live: index.clone(), counterpart, rejects });
        }
    }
}

/// What is not known of the expressions that each write computes for an index.
pub(super) fn computed(declared: &Table, live: &Table, dialect: Dialect) -> Vec<Unchecked> {
    let kind = |name: &str| {
        let column = live.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.map(|column| column.ty.kind.clone())
    };
    let mut unchecked = Vec::new();
    for index in live.indexes.iter().filter(|index| !index.restrictions.contains(&IndexRestriction::Unbuilt)) {
        for text in index.computed.iter().filter(|text| !normalise::never_fails(text, dialect, None, kind)) {
            let why = format!(
                "whether {text} of the index {} can be computed for every row that a program writes",
                index.name
            );
            unchecked.push(Unchecked::of_table(Rule::ExpressionUnchecked, &declared.name, why));
        }
    }
    unchecked
}

/// Whether an upsert by a declared key that is enforced fails because of this index. PostgreSQL takes every unique index
/// over the columns of an ON CONFLICT as an arbiter, and rejects the statement if one is deferrable:
/// <https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT>.
fn refuses_upserts(index: &Index, declared: &Table, live: &Table) -> bool {
    let has_columns_of =
        |key: &[String]| key.len() == index.columns.len() && key.iter().all(|column| index.columns.contains(column));
    let is_enforced = |key: &Index| {
        let is_live_key = live.primary_key_restrictions.is_empty() && has_columns_of(&live.primary_key);
        is_live_key || live.indexes.iter().any(|live| serves(key, live))
    };
    let unique = declared.indexes.iter().filter(|key| key.uniqueness == Uniqueness::Unique);
    index.uniqueness == Uniqueness::Unique
        && index.restrictions.contains(&IndexRestriction::Deferrable)
        && index
            .restrictions
            .iter()
            .all(|limit| matches!(limit, IndexRestriction::Deferrable | IndexRestriction::NullsNotDistinct))
        && (has_columns_of(&declared.primary_key)
            || unique.into_iter().any(|key| has_columns_of(&key.columns) && is_enforced(key)))
}

/// MySQL makes an index for each foreign key that has none.
fn backs_a_foreign_key(index: &Index, live: &Table, dialect: Dialect) -> bool {
    matches!(dialect, Dialect::MySql | Dialect::MariaDb)
        && index.uniqueness == Uniqueness::Plain
        && index.restrictions.is_empty()
        && live.foreign_keys.iter().any(|key| key.columns == index.columns)
}

/// Whether `live` serves as `declared`. The columns of a unique index may come in any order:
/// `ON CONFLICT` finds it all the same.
fn serves(declared: &Index, live: &Index) -> bool {
    serves_key(&declared.columns, declared.uniqueness, live)
}

fn serves_key(columns: &[String], uniqueness: Uniqueness, live: &Index) -> bool {
    let same_columns = match uniqueness {
        Uniqueness::Plain => columns == live.columns,
        Uniqueness::Unique => {
            live.columns.len() == columns.len() && columns.iter().all(|column| live.columns.contains(column))
        }
    };
    let strong_enough = uniqueness == Uniqueness::Plain || live.uniqueness == Uniqueness::Unique;
    // An index that the planner ignores still rejects duplicates, and so does a stricter one. A search for a value needs no
    // rows with NULL, and finds it by its first characters.
    let is_no_less = |limit: &IndexRestriction| {
        matches!(limit, IndexRestriction::NullsNotDistinct | IndexRestriction::LongValues)
            || match uniqueness {
                Uniqueness::Unique => matches!(
                    limit,
                    IndexRestriction::Ignored | IndexRestriction::Collation | IndexRestriction::SortOrder
                ),
                Uniqueness::Plain => {
                    matches!(limit, IndexRestriction::LeavesOutNulls | IndexRestriction::Prefix)
                        || limit.hides_duplicates()
                }
            }
    };
    same_columns && strong_enough && live.restrictions.iter().all(is_no_less)
}

/// Whether the planner finds values by `live` as by `declared`.
fn finds(declared: &Index, live: &Index) -> bool {
    serves(&Index { uniqueness: Uniqueness::Plain, ..declared.clone() }, live)
}

/// Whether a unique key of a partitioned table has these columns and more: those of the partition key, which it must have.
fn contains_partition_key(declared: &[String], key: &[String], live: &Table) -> bool {
    live.relation == RelationKind::Partitioned
        && !declared.is_empty()
        && key.len() > declared.len()
        && declared.iter().all(|column| key.contains(column))
}

fn missing(declared: &Index, table: &Table, live: &Table) -> Change {
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
        Uniqueness::Unique => {
            Change::UniqueMissing { declared: declared.clone(), nearest, wider: wider(declared, table, live) }
        }
        Uniqueness::Plain => {
            // An expression, or the first characters of a column, may follow.
            let is_no_less = |limit: &IndexRestriction| {
                use IndexRestriction::{Expression, LongValues, NullsNotDistinct, Prefix};
                matches!(limit, LongValues | Expression | Prefix | NullsNotDistinct) || limit.hides_duplicates()
            };
            let covers = |index: &&Index| {
                // That of a unique index may be a WHERE over a later column.
                let leaves_out_nulls = |limit: &IndexRestriction| {
                    *limit == IndexRestriction::LeavesOutNulls && index.uniqueness == Uniqueness::Plain
                };
                index.restrictions.iter().all(|limit| is_no_less(limit) || leaves_out_nulls(limit))
                    && index.columns.starts_with(&declared.columns)
            };
            let longer = live.indexes.iter().find(covers).cloned();
            Change::IndexMissing { declared: declared.clone(), nearest, longer }
        }
    }
}

/// The live key of which the declared one is what `sea-orm-cli generate entity` left: a column has one attribute, `unique` or
/// the last `unique_key`, and is missing in its other keys.
fn wider(declared: &Index, table: &Table, live: &Table) -> Option<Index> {
    let has_another_key = |column: &String| {
        let others = table.indexes.iter().filter(|other| other.columns != declared.columns);
        others.filter(|other| other.uniqueness == Uniqueness::Unique).any(|other| other.columns.contains(column))
    };
    let is_made_from = |live: &&Index| {
        let (own, others): (Vec<&String>, Vec<&String>) =
            live.columns.iter().partition(|column| declared.columns.contains(column));
        let limits = [IndexRestriction::NullsNotDistinct, IndexRestriction::Ignored];
        live.uniqueness == Uniqueness::Unique
            && live.restrictions.iter().all(|limit| limits.contains(limit))
            && own.len() == declared.columns.len()
            && !others.is_empty()
            && others.into_iter().all(has_another_key)
    };
    live.indexes.iter().find(is_made_from).cloned()
}
