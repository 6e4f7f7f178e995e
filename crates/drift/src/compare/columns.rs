//! Columns, paired by name as the database compares names.

use std::borrow::Cow;

use super::{
    omitted_value::{check_undeclared_column, compare_omitted_value},
    pair::{Pair, pair},
    renames::rename_candidates,
    scope::Scope,
    sequence::sequence,
};
use crate::{
    change::{Change, OnOmit, Rejects},
    difference::Unchecked,
    model::{
        CharsetCoverage, Check, Collation, Column, Dialect, Equality, FieldValues, Generation, LogicalType,
        Nullability, RelationKind, Sides, Table, Uniqueness, Visibility, Zone,
    },
    normalise::{self, CheckOutcome, StoredValue},
    rule::Rule,
};

pub(super) fn columns(
    declared: &Table,
    live: &Table,
    dialect: Dialect,
    scope: Scope,
    changes: &mut Vec<Change>,
    unchecked: &mut Vec<Unchecked>,
) {
    let renames = rename_candidates(declared, live, dialect);
    for paired in pair(&declared.columns, &live.columns, |one, other| dialect.same_name(&one.name, &other.name)) {
        match paired {
            Pair::Declared(column) => {
                let found = renames.iter().find(|(missing, _)| missing.name == column.name);
                let candidates = found.map(|(_, names)| names.iter().map(|name| (*name).clone()).collect());
                changes.push(Change::ColumnMissing {
                    declared: column.clone(),
                    rename_candidates: candidates.unwrap_or_default(),
                });
            }
            Pair::Live(column) => {
                let may_be_set_by_trigger = live.has_before_insert_trigger && column.must_be_given();
                let may_be_set_by_server =
                    may_be_set_by_trigger || (live.has_lenient_sql_mode && column.must_be_given());
                changes.push(Change::ColumnUnexpected { live: column.clone(), may_be_set_by_server });
                changes.extend(sequence(None, column).filter(|_| scope == Scope::Whole));
                if scope == Scope::Whole {
                    let (refused, question) = check_undeclared_column(column, declared, live, dialect);
                    changes.extend(refused);
                    let by_trigger =
                        may_be_set_by_trigger.then(|| (Rule::TriggerUnchecked, set_by_trigger(&column.name)));
                    unchecked.extend(question.into_iter().chain(by_trigger).map(|(rule, question)| Unchecked {
                        column: Some(column.name.clone()),
                        ..Unchecked::of_table(rule, &declared.name, question)
                    }));
                }
            }
            Pair::Both(column, live) if scope != Scope::Whole => {
                let column = &*with_type_read(column, live);
                changes.extend(name_and_type(column, live, dialect));
                // What the view computes cannot be written through it.
                let is_computed = [column, live].map(|column| column.generation == Generation::Computed);
                changes.extend((scope == Scope::ColumnsOnly && is_computed == [false, true]).then(|| {
                    Change::Generation {
                        column: column.name.clone(),
                        sides: Sides { declared: column.generation, live: live.generation },
                        nullability: column.nullability,
                    }
                }));
            }
            Pair::Both(column, live_column) => {
                changes.extend(sequence(Some(column), live_column));
                let own_values = unchecked_labels(column, live_column, dialect);
                let column = &*with_type_read(column, live_column);
                if own_values.is_none() {
                    changes.extend(name_and_type(column, live_column, dialect));
                }
                if dialect == Dialect::MariaDb && live.constraints == Visibility::Shown {
                    changes.extend(json(column, live_column));
                }
                let is_forced = is_forced_by_partitioning(declared, live, column);
                changes.extend(nullability(column, live_column, live, dialect, is_forced));
                let may_read_null = column.nullability == Nullability::NotNull && live_column.may_hold_nulls;
                changes.extend(may_read_null.then(|| Change::NullsRemain { column: column.name.clone() }));
                changes.extend(collation(column, live_column, live));
                let (stored, question) = compare_omitted_value(column, live_column, live, dialect);
                changes.extend(stored);
                let computed = expressions(column, live_column, dialect);
                let is_refused =
                    column.nullability == Nullability::Nullable && live_column.nullability == Nullability::NotNull;
                let by_trigger = (is_refused && live.has_before_insert_trigger)
                    .then(|| (Rule::TriggerUnchecked, set_by_trigger(&column.name)));
                unchecked.extend(question.into_iter().chain(computed).chain(by_trigger).chain(own_values).map(
                    |(rule, question)| Unchecked {
                        column: Some(column.name.clone()),
                        ..Unchecked::of_table(rule, &declared.name, question)
                    },
                ));
            }
        }
    }
}

/// The declared column, of the live type if the program also reads that one.
fn with_type_read<'a>(declared: &'a Column, live: &Column) -> Cow<'a, Column> {
    match declared.also_reads.iter().find(|ty| **ty == live.ty) {
        Some(ty) => Cow::Owned(Column { ty: ty.clone(), ..declared.clone() }),
        None => Cow::Borrowed(declared),
    }
}

/// What is not known where a trigger may set what an insert leaves out.
fn set_by_trigger(column: &str) -> String {
    format!("whether a trigger gives {column} a value in every row that a program inserts without one")
}

/// What a read depends on.
fn name_and_type(declared: &Column, live: &Column, dialect: Dialect) -> impl Iterator<Item = Change> {
    let spelling = Sides::differing(&declared.name, &live.name);
    let is_other_field = declared.ty.field == LogicalType::Text(None) && matches!(live.ty.kind, LogicalType::Named(_));
    let ty = Sides::differing(&declared.ty, &live.ty).or_else(|| {
        // The same type, and a field that cannot hold it. MySQL returns most types as text, and SQLite all but numbers.
        let sides = Sides { declared: declared.ty.clone(), live: live.ty.clone() };
        let is_exact = match dialect {
            Dialect::Postgres => true,
            Dialect::Sqlite => normalise::promises_numbers(&live.ty.text),
            Dialect::MySql | Dialect::MariaDb => false,
        };
        let is_unread = matches!(declared.ty.field, LogicalType::Rust(_));
        (is_unread || (is_exact && declared.ty.kind != declared.ty.field && is_other_field)).then_some(sides)
    });
    [
        spelling.map(|sides| Change::Spelling { sides, nullability: declared.nullability }),
        ty.map(|sides| Change::Type { column: declared.name.clone(), sides })
            .or_else(|| enum_labels(declared, live, dialect)),
    ]
    .into_iter()
    .flatten()
}

/// The `json` of MariaDB is a `longtext` with a CHECK, which may be lost.
fn json(declared: &Column, live: &Column) -> Option<Change> {
    let is_json = |column: &Column| matches!(column.ty.field, LogicalType::Json | LogicalType::JsonBinary);
    (is_json(declared) && declared.ty == live.ty && !is_json(live)).then(|| Change::Type {
        column: declared.name.clone(),
        sides: Sides { declared: declared.ty.clone(), live: live.ty.clone() },
    })
}

/// <https://mariadb.com/kb/en/timestamp/>: a `timestamp` of MariaDB takes NULL for the current time.
fn nullability(declared: &Column, live: &Column, table: &Table, dialect: Dialect, is_forced: bool) -> Option<Change> {
    let keeps_null_out = |check: &Check| {
        let of_null = |name: &str| {
            let is_null = dialect.same_name(check.column_named(name), &live.name);
            let is_column = table.columns.iter().any(|column| dialect.same_name(&column.name, name));
            (is_null || is_column).then_some(if is_null { StoredValue::Null } else { StoredValue::Unknown })
        };
        !table.unproven_checks.contains(&check.name)
            && (normalise::check_outcome(&check.text, dialect, of_null) == CheckOutcome::Rejects
                || normalise::columns_without_null(&check.text, &check.columns, dialect)
                    .iter()
                    .any(|name| dialect.same_name(name, &live.name)))
    };
    if live.nullability == Nullability::Nullable && table.checks.iter().any(keeps_null_out) {
        return None;
    }
    let takes_time = dialect == Dialect::MariaDb
        && live.generation != Generation::Computed
        && matches!(live.ty.kind, LogicalType::Timestamp { zone: Zone::With, .. });
    let takes_default = live.stores_default_for_null && live.default.is_some();
    // A server that is not strict stores '' or 0.
    let may_be_set = table.has_before_insert_trigger || table.has_lenient_sql_mode;
    let on_omit = match live.must_be_given() && !may_be_set {
        true if is_forced => OnOmit::RejectedAsPartitionKey,
        true => OnOmit::Rejected,
        false => OnOmit::Stored,
    };
    let sides = Sides::differing(&declared.nullability, &live.nullability)?;
    let on_null = if takes_time || takes_default { OnOmit::Stored } else { OnOmit::Rejected };
    // It may set what is NULL, too.
    if sides.live == Nullability::NotNull && table.has_before_insert_trigger && on_null == OnOmit::Rejected {
        return None;
    }
    Some(Change::Nullability { column: declared.name.clone(), sides, on_omit, on_null })
}

/// Whether a column is NOT NULL only because the primary key of a partitioned table must contain the partition key. Who chose to
/// partition by it has rows that all have a value there.
fn is_forced_by_partitioning(declared: &Table, live: &Table, column: &Column) -> bool {
    live.relation == RelationKind::Partitioned
        && live.primary_key.contains(&column.name)
        && !declared.primary_key.contains(&column.name)
}

fn collation(declared: &Column, live: &Column, table: &Table) -> Option<Change> {
    let live = &with_collation_of_its_type(declared, live);
    let name = |column: &Column| column.collation.as_ref().map(|collation| collation.name.to_lowercase());
    let is_unique = table
        .indexes
        .iter()
        .any(|index| index.uniqueness == Uniqueness::Unique && index.columns.contains(&declared.name))
        || table.primary_key.contains(&declared.name);
    // It is compared as JSON by no query of SeaORM, and MariaDB's has a collation of its own.
    let is_json = matches!(declared.ty.field, LogicalType::Json | LogicalType::JsonBinary);
    let is_unicode = live.collation.as_ref().is_none_or(|collation| collation.coverage == CharsetCoverage::Unicode);
    if is_json && is_unicode && declared.collation.is_none() {
        return None;
    }
    let is_looser = live.collation.as_ref().is_some_and(|collation| collation.equality == Equality::Looser);
    let collation = |column: &Column| column.collation.as_deref().cloned();
    (name(declared) != name(live)).then(|| Change::Collation {
        column: declared.name.clone(),
        sides: Sides { declared: collation(declared), live: collation(live) },
        rejects: if is_unique && is_looser { Rejects::Duplicates } else { Rejects::Nothing },
    })
}

/// PostgreSQL's `citext` takes letters of another case for equal, which a declared `varchar` does not.
fn with_collation_of_its_type<'a>(declared: &Column, live: &'a Column) -> Cow<'a, Column> {
    let is_citext = |column: &Column| column.ty.kind == LogicalType::Named("citext".to_owned());
    if !is_citext(live) || is_citext(declared) {
        return Cow::Borrowed(live);
    }
    let collation =
        Collation { name: "citext".to_owned(), equality: Equality::Looser, coverage: CharsetCoverage::Unicode };
    Cow::Owned(Column { collation: Some(Box::new(collation)), ..live.clone() })
}

/// Their order does not count. MySQL and MariaDB take a label for one in another case, and return that.
fn enum_labels(declared: &Column, live: &Column, dialect: Dialect) -> Option<Change> {
    let (declared_labels, live_labels) = (declared.ty.kind.labels()?, live.ty.kind.labels()?);
    let only_in = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|label| !other.contains(label)).cloned().collect()
    };
    let ignores_case = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let is_taken =
        |label: &String| ignores_case && live_labels.iter().any(|live| live.to_lowercase() == label.to_lowercase());
    let missing =
        only_in(declared_labels, live_labels).into_iter().filter(|label| !is_taken(label)).collect::<Vec<_>>();
    let unexpected = only_in(live_labels, declared_labels);
    let is_same = missing.is_empty() && unexpected.is_empty();
    (!is_same).then(|| Change::EnumLabels { column: declared.name.clone(), missing, unexpected })
}

/// What is not known of an `enum` under a field that takes only some texts: MySQL and MariaDB return its labels as texts.
fn unchecked_labels(declared: &Column, live: &Column, dialect: Dialect) -> Option<(Rule, String)> {
    let is_text = matches!(declared.ty.kind, LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_));
    let has_own_values = declared.values == FieldValues::Own && is_text && declared.name == live.name;
    let is_enum = matches!(dialect, Dialect::MySql | Dialect::MariaDb) && live.ty.kind.labels().is_some();
    (has_own_values && is_enum).then(|| {
        let why = format!(
            "whether {} has every value of {}: the entity does not list those of an enum stored as text or number",
            live.ty.text, declared.name
        );
        (Rule::CheckUnchecked, why)
    })
}

/// What is not known of a column that is generated on both sides.
fn expressions(declared: &Column, live: &Column, dialect: Dialect) -> Option<(Rule, String)> {
    if (declared.generation, live.generation) != (Generation::Computed, Generation::Computed) {
        return None;
    }
    let is_same = match (&declared.expression, &live.expression) {
        (Some(one), Some(other)) => normalise::same_expression(one, other, dialect),
        (one, other) => one == other,
    };
    let shown = |column: &Column| column.expression.as_deref().unwrap_or("an unknown expression").to_owned();
    (!is_same).then(|| {
        let why = format!("whether {} and {} compute the same value", shown(declared), shown(live));
        (Rule::ExpressionUnchecked, why)
    })
}
