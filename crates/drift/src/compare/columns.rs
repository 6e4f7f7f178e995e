//! Columns, paired by name as the database compares names.

use std::borrow::Cow;

use super::{
    omitted::omitted,
    pair::{Pair, pair},
    renames::renames,
    scope::Scope,
    sequence::sequence,
};
use crate::{
    change::{Change, DefaultEffect, OnOmit, Rejects},
    difference::Unchecked,
    model::{
        CharsetCoverage, Check, Collation, Column, DefaultValue, Dialect, Equality, Generation, Index, LogicalType,
        Nullability, RelationKind, Sides, Table, Uniqueness, Visibility, Zone,
    },
    normalise::{self, Stored},
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
    let renames = renames(declared, live, dialect);
    for paired in pair(&declared.columns, &live.columns, |one, other| dialect.same_name(&one.name, &other.name)) {
        match paired {
            Pair::Declared(column) => {
                let found = renames.iter().find(|(missing, _)| missing.name == column.name);
                let similar = found.map(|(_, names)| names.iter().map(|name| (*name).clone()).collect());
                changes.push(Change::ColumnMissing { declared: column.clone(), similar: similar.unwrap_or_default() });
            }
            Pair::Live(column) => {
                let may_be_set_by_trigger = live.has_before_insert_trigger && column.must_be_given();
                changes.push(Change::ColumnUnexpected { live: column.clone(), may_be_set_by_trigger });
                changes.extend(sequence(None, column).filter(|_| scope == Scope::Whole));
                if scope == Scope::Whole {
                    let (refused, question) = undeclared_value(column, declared, live, dialect);
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
                let column = &*with_type_read(column, live_column);
                changes.extend(name_and_type(column, live_column, dialect));
                if dialect == Dialect::MariaDb && live.constraints == Visibility::Shown {
                    changes.extend(json(column, live_column));
                }
                let is_forced = is_forced_by_partitioning(declared, live, column);
                changes.extend(nullability(column, live_column, live, dialect, is_forced));
                let may_read_null = column.nullability == Nullability::NotNull && live_column.may_hold_nulls;
                changes.extend(may_read_null.then(|| Change::NullsRemain { column: column.name.clone() }));
                changes.extend(collation(column, live_column, live));
                let (stored, question) = stored_on_omit(column, live_column, live, dialect);
                changes.extend(stored);
                let computed = expressions(column, live_column, dialect);
                let is_refused =
                    column.nullability == Nullability::Nullable && live_column.nullability == Nullability::NotNull;
                let by_trigger = (is_refused && live.has_before_insert_trigger)
                    .then(|| (Rule::TriggerUnchecked, set_by_trigger(&column.name)));
                unchecked.extend(question.into_iter().chain(computed).chain(by_trigger).map(|(rule, question)| {
                    Unchecked {
                        column: Some(column.name.clone()),
                        ..Unchecked::of_table(rule, &declared.name, question)
                    }
                }));
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
            Dialect::Sqlite => normalise::is_of_numbers(&live.ty.text),
            Dialect::MySql | Dialect::MariaDb => false,
        };
        (is_exact && declared.ty.kind != declared.ty.field && is_other_field).then_some(sides)
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
        !table.unproven_checks.contains(&check.name)
            && normalise::required(&check.text, &check.columns, dialect)
                .iter()
                .any(|name| dialect.same_name(name, &live.name))
    };
    if live.nullability == Nullability::Nullable && table.checks.iter().any(keeps_null_out) {
        return None;
    }
    let takes_time = dialect == Dialect::MariaDb
        && live.generation != Generation::Computed
        && matches!(live.ty.kind, LogicalType::Timestamp { zone: Zone::With, .. });
    let takes_default = live.stores_default_for_null && live.default.is_some();
    let on_omit = match live.must_be_given() && !table.has_before_insert_trigger {
        true if is_forced => OnOmit::RejectedByPartitioning,
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

/// What is not known of a column that is generated on both sides.
fn expressions(declared: &Column, live: &Column, dialect: Dialect) -> Option<(Rule, String)> {
    if (declared.generation, live.generation) != (Generation::Computed, Generation::Computed) {
        return None;
    }
    let is_same = match (&declared.expression, &live.expression) {
        (Some(one), Some(other)) => normalise::same_expression(one, other, dialect),
        (one, other) => one == other,
    };
    let shown = |column: &Column| column.expression.clone().unwrap_or_else(|| "an unknown expression".to_owned());
    (!is_same).then(|| {
        let why = format!("whether {} and {} compute the same value", shown(declared), shown(live));
        (Rule::ExpressionUnchecked, why)
    })
}

/// An undeclared column is computed, or gets its default, for each row that the program inserts. Whether its NOT NULL rejects
/// every row, or else what is not known of it.
fn undeclared_value(
    column: &Column,
    declared: &Table,
    live: &Table,
    dialect: Dialect,
) -> (Option<Change>, Option<(Rule, String)>) {
    let is_computed = column.generation == Generation::Computed;
    let text = match (&column.expression, &column.default) {
        (Some(text), _) if is_computed => text,
        // Its sequence is compared by itself.
        (_, Some(DefaultValue::Expression(text))) if !is_computed && column.sequence.is_none() => text,
        _ => return (None, None),
    };
    let stored =
        normalise::stored(
            text,
            dialect,
            |name| {
                if is_computed { omitted(name, declared, live, dialect) } else { None }
            },
        );
    if column.nullability == Nullability::NotNull && stored == Stored::Null {
        let check = Check {
            name: format!("NOT NULL of {}", column.name),
            text: format!("({text}) IS NOT NULL"),
            columns: vec![column.name.clone()],
        };
        return (Some(Change::CheckUnexpected { live: check, rejects: Rejects::EveryInsert }), None);
    }
    let kind = |name: &str| {
        let column = live.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.map(|column| column.ty.kind.clone()).filter(|_| is_computed)
    };
    // SQLite stores any value in any column.
    let target = Some(&column.ty.kind).filter(|_| dialect != Dialect::Sqlite);
    let is_known = normalise::never_fails(text, dialect, target, kind);
    let is_accepted =
        column.nullability == Nullability::Nullable || matches!(stored, Stored::NotNull | Stored::Constant(_));
    // What no write computes fails none. A CHECK of it is judged by itself.
    let is_read_alone = column.is_virtual && column.nullability == Nullability::Nullable;
    if is_read_alone || is_known && is_accepted {
        return (None, None);
    }
    let question = if is_computed {
        (Rule::ExpressionUnchecked, format!("whether {text} can be computed for every row that a program writes"))
    } else {
        (
            Rule::DefaultUnchecked,
            format!("whether the default {text} can be stored, which every insert of a program uses"),
        )
    };
    (None, Some(question))
}

/// What an insert that omits the column stores, and what of it cannot be compared.
fn stored_on_omit(
    declared: &Column,
    live: &Column,
    table: &Table,
    dialect: Dialect,
) -> (Vec<Change>, Option<(Rule, String)>) {
    let counts = |column: &Column| column.generation == Generation::AutoIncrement;
    if table.has_before_insert_trigger && counts(declared) && live.generation == Generation::Supplied {
        let why = format!("whether a trigger generates a new {} each time", declared.name);
        return (Vec::new(), Some((Rule::GeneratorUnchecked, why)));
    }
    if has_generating_default(declared, live, dialect) {
        let why = format!("whether `{}` generates a new key each time", shown(live));
        return (Vec::new(), Some((Rule::GeneratorUnchecked, why)));
    }
    let generation = Sides::differing(&declared.generation, &live.generation);
    // Every integer key is an alias of SQLite's rowid, even if the program sets it.
    let is_rowid = |sides: &Sides<Generation>| {
        dialect == Dialect::Sqlite && (sides.declared, sides.live) == (Generation::Supplied, Generation::AutoIncrement)
    };
    let generation = generation.filter(|sides| !is_rowid(sides)).map(|sides| Change::Generation {
        column: declared.name.clone(),
        sides,
        nullability: declared.nullability,
    });
    // The default of a generated column is never used.
    let has_default = matches!(live.generation, Generation::Supplied | Generation::OnUpdate);
    let (default, question) = match normalise::same_default(declared, live, dialect) {
        _ if !has_default => (None, None),
        // A program that sets the column each time is not concerned.
        _ if dialect != Dialect::Sqlite && normalise::is_rejected(live, dialect) && can_be_omitted(declared) => {
            (Some(default_differs(declared, live, DefaultEffect::Rejected)), None)
        }
        Some(true) => (None, None),
        Some(false) => {
            if can_be_omitted(declared) {
                let effect = effect_of_default(declared, live, table, dialect);
                (Some(default_differs(declared, live, effect)), fallible(live, dialect))
            } else {
                (Some(default_differs(declared, live, DefaultEffect::Stored)), None)
            }
        }
        None => {
            let why = format!("whether the defaults {} and {} store the same value", shown(declared), shown(live));
            (None, Some((Rule::DefaultUnchecked, why)))
        }
    };
    (generation.into_iter().chain(default).collect(), question)
}

/// What becomes of a row that gets the default, which the column accepts.
fn effect_of_default(declared: &Column, live: &Column, table: &Table, dialect: Dialect) -> DefaultEffect {
    if let (Some(DefaultValue::Expression(text)), Dialect::Sqlite) = (&live.default, dialect)
        && normalise::is_no_time_of(text, &live.ty, &declared.ty.field)
    {
        return DefaultEffect::Unreadable;
    }
    let is_repeated = match &live.default {
        Some(DefaultValue::Literal(value)) => {
            let is_unknown_label = declared.ty.kind.labels().is_some_and(|labels| !labels.contains(value));
            if is_unknown_label || dialect == Dialect::Sqlite && normalise::is_no_value_of(value, &declared.ty.field) {
                return DefaultEffect::Unreadable;
            }
            true
        }
        Some(DefaultValue::Expression(text)) => normalise::is_repeated(text, dialect),
        Some(DefaultValue::CurrentTimestamp) | None => false,
    };
    let is_of_it = |index: &Index| {
        index.uniqueness == Uniqueness::Unique && index.restrictions.is_empty() && index.columns == [live.name.as_str()]
    };
    if is_repeated && table.indexes.iter().any(is_of_it) { DefaultEffect::Repeated } else { DefaultEffect::Stored }
}

/// What is not known of a default that is computed.
fn fallible(live: &Column, dialect: Dialect) -> Option<(Rule, String)> {
    let Some(DefaultValue::Expression(text)) = &live.default else { return None };
    let target = Some(&live.ty.kind).filter(|_| dialect != Dialect::Sqlite);
    let is_known = normalise::never_fails(text, dialect, target, |_| None);
    (!is_known).then(|| (Rule::DefaultUnchecked, format!("whether the default {text} can be stored")))
}

/// PostgreSQL returns a key that a default made; the others return only their own counters.
fn has_generating_default(declared: &Column, live: &Column, dialect: Dialect) -> bool {
    dialect == Dialect::Postgres
        && declared.generation == Generation::AutoIncrement
        && live.generation == Generation::Supplied
        && matches!(live.default, Some(DefaultValue::Expression(_)))
}

fn default_differs(declared: &Column, live: &Column, effect: DefaultEffect) -> Change {
    Change::Default {
        column: declared.name.clone(),
        sides: Sides { declared: declared.default.clone(), live: live.default.clone() },
        // A program that always sets the column is not concerned by what is stored instead.
        nullability: if can_be_omitted(declared) { live.nullability } else { Nullability::NotNull },
        effect,
    }
}

/// Whether a program may leave the column to the database.
fn can_be_omitted(declared: &Column) -> bool {
    declared.default.is_some() || declared.nullability == Nullability::Nullable
}

fn shown(column: &Column) -> String {
    column.default.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}
