//! Keys and indexes, paired by their columns, never by name.

use super::{
    long_values::refuses_declared_long_values,
    omitted::{left_out, omitted},
};
use crate::{
    change::{Change, Rejects},
    difference::Unchecked,
    model::{
        Column, DefaultValue, Dialect, Generation, Index, IndexRestriction, Nullability, RelationKind, Sides, Table,
        Uniqueness,
    },
    normalise::{self, StoredValue},
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
            if nearest.as_ref().is_some_and(|nearest| nearest.restrictions.contains(&IndexRestriction::SortOrder)) {
                changes.push(Change::IndexMissing { declared: index.clone(), nearest, longer: None });
            }
        }
    }
    // The order depends on the server.
    let mut by_columns: Vec<&Index> = live.indexes.iter().collect();
    by_columns.sort_by(|one, other| one.columns.cmp(&other.columns));
    for index in by_columns {
        let is_expected = |declared: &Index| {
            let adds_nothing = |limit: &IndexRestriction| {
                matches!(limit, IndexRestriction::Ignored | IndexRestriction::LongValues | IndexRestriction::SortOrder)
            };
            serves(declared, index)
                && declared.uniqueness == index.uniqueness
                && index.restrictions.iter().all(adds_nothing)
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

/// A unique index rejects nothing new if a declared key covers some of its columns, or if one of them is always NULL
/// because the entity never sets it.
fn rejects(index: &Index, declared: &Table, live: &Table, dialect: Dialect) -> Rejects {
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
        normalise::holds(condition, dialect, |name| omitted(name, declared, live, dialect)) == Some(false)
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
        return Rejects::Nulls;
    }
    if is_constant_when_omitted(index, declared, live, dialect) {
        return Rejects::Nulls;
    }
    let is_known = |column: &Column| declared.columns.iter().any(|known| known.name == column.name);
    // The database gives each row another one.
    let generates = |column: &Column| {
        let is_random = |default: &DefaultValue| matches!(default, DefaultValue::Expression(text) if normalise::is_new_each_time(text, dialect));
        !is_known(column)
            && (matches!(column.generation, Generation::AutoIncrement | Generation::AlwaysIdentity)
                || column.sequence.is_some()
                || column.default.as_ref().is_some_and(is_random))
    };
    if index.restrictions.contains(&IndexRestriction::NullsNotDistinct) {
        if !index.restrictions.contains(&IndexRestriction::Expression) && columns.iter().any(generates) {
            return otherwise;
        }
        // NULLs are no duplicates of each other in the declared key, unless there are none.
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
        return if all_null { Rejects::Nulls } else { Rejects::Duplicates };
    }
    let is_no_obstacle = |limit: IndexRestriction| {
        matches!(
            limit,
            IndexRestriction::Partial
                | IndexRestriction::LeavesOutNulls
                | IndexRestriction::Deferrable
                | IndexRestriction::LongValues
                | IndexRestriction::SortOrder
                | IndexRestriction::ExclusionOfEquals
        ) || limit.hides_duplicates()
    };
    let is_whole = index.restrictions.iter().all(|limit| is_no_obstacle(*limit));
    let sources: Vec<String> = index.columns.iter().map(|text| source(text, live, dialect)).collect();
    // Beside the columns of a declared key, what an expression adds makes no two rows alike.
    let has_whole_columns =
        index.restrictions.iter().all(|limit| is_no_obstacle(*limit) || *limit == IndexRestriction::Expression);
    let within =
        |key: &[String]| has_whole_columns && !key.is_empty() && key.iter().all(|column| sources.contains(column));
    let unique = declared.indexes.iter().filter(|index| index.uniqueness == Uniqueness::Unique);
    let is_implied = within(&declared.primary_key) || unique.map(|index| index.columns.as_slice()).any(within);
    // NULL conflicts with nothing, by whatever operator.
    let is_never_set = of_index(&live.columns).iter().any(|column| !is_known(column) && column.is_null_when_omitted());
    // An expression of one column keeps its values apart.
    let is_generated = |name: &String| live.columns.iter().any(|column| column.name == *name && generates(column));
    let is_new_each_time =
        is_whole && columns.iter().any(generates) || has_whole_columns && sources.iter().any(is_generated);
    let has_empty_range = of_index(&live.columns).iter().any(|column| is_unset(column) && is_apart(column));
    if is_implied || is_never_set || is_new_each_time || has_empty_range { otherwise } else { Rejects::Duplicates }
}

/// The column that keeps apart the rows of an index as its part does: itself, or what it is computed from.
fn source(part: &str, live: &Table, dialect: Dialect) -> String {
    let column = live.columns.iter().find(|column| column.name == part);
    let text = match column {
        Some(column) if column.generation == Generation::Computed => column.expression.as_deref(),
        Some(_) => None,
        None => Some(part),
    };
    text.and_then(|text| normalise::distinguishes(text, dialect)).unwrap_or_else(|| part.to_owned())
}

/// Whether the inserts that omit the column store the same value, one after the other.
fn is_repeated_when_omitted(column: &Column, dialect: Dialect) -> bool {
    let is_repeated = |default: &DefaultValue| match default {
        DefaultValue::Expression(text) => normalise::is_repeated(text, dialect),
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
    let has_all = |condition: &String| normalise::holds(condition, dialect, of_column) == Some(true);
    index.restrictions.iter().all(|limit| limits.contains(limit))
        && (!is_partial || index.condition.as_ref().is_some_and(has_all))
        && index.columns.iter().all(|text| conflicts(&value(text)))
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
            let covers = |index: &&Index| {
                index.restrictions.iter().all(|limit| *limit == IndexRestriction::LongValues)
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
