//! What a column stores if an insert omits it: its default, the next value of its counter, or what it is computed from.

use super::omitted::omitted;
use crate::{
    change::{Change, DefaultEffect, Rejects},
    model::{
        Check, Column, DefaultValue, Dialect, FieldValues, Generation, Index, Nullability, Sides, Table, Uniqueness,
    },
    normalise::{self, StoredValue},
    rule::Rule,
};

/// An undeclared column is computed, or gets its default, for each row that the program inserts. A change if its NOT NULL rejects
/// every row, or else the question that stays open.
pub(super) fn check_undeclared_column(
    column: &Column,
    declared: &Table,
    live: &Table,
    dialect: Dialect,
) -> (Option<Change>, Option<(Rule, String)>) {
    let is_computed = column.generation == Generation::Computed;
    let text = match (column.expression.as_deref(), &column.default) {
        (Some(text), _) if is_computed => text,
        // A sequence is compared separately.
        (_, Some(DefaultValue::Expression(text))) if !is_computed && column.sequence.is_none() => text,
        _ => return (None, None),
    };
    let stored =
        normalise::evaluate(
            text,
            dialect,
            |name| {
                if is_computed { omitted(name, declared, live, dialect) } else { None }
            },
        );
    if column.nullability == Nullability::NotNull && stored == StoredValue::Null {
        let check = Check {
            name: format!("NOT NULL of {}", column.name),
            text: format!("({text}) IS NOT NULL"),
            columns: vec![column.name.clone()],
        };
        return (Some(Change::CheckUnexpected { live: check, rejects: Rejects::EveryOmission }), None);
    }
    let kind = |name: &str| {
        let column = live.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.map(|column| column.ty.kind.clone()).filter(|_| is_computed)
    };
    // SQLite stores any value in any column.
    let target = Some(&column.ty.kind).filter(|_| dialect != Dialect::Sqlite);
    let never_fails = normalise::never_fails(text, dialect, target, kind);
    let satisfies_not_null = column.nullability == Nullability::Nullable
        || matches!(stored, StoredValue::NotNull | StoredValue::Constant(_));
    // A virtual column is not computed by a write, so none fails. Its CHECKs are compared separately.
    let is_never_written = column.is_virtual && column.nullability == Nullability::Nullable;
    if is_never_written || never_fails && satisfies_not_null {
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

/// Compares what the two sides store if an insert omits the column; with the question that stays open.
pub(super) fn compare_omitted_value(
    declared: &Column,
    live: &Column,
    table: &Table,
    dialect: Dialect,
) -> (Vec<Change>, Option<(Rule, String)>) {
    let is_auto_increment = |column: &Column| column.generation == Generation::AutoIncrement;
    if table.has_before_insert_trigger && is_auto_increment(declared) && live.generation == Generation::Supplied {
        let question = format!("whether a trigger generates a new {} each time", declared.name);
        return (Vec::new(), Some((Rule::GeneratorUnchecked, question)));
    }
    if may_generate_by_default(declared, live, dialect) {
        let question = format!("whether `{}` generates a new key each time", default_sql(live));
        return (Vec::new(), Some((Rule::GeneratorUnchecked, question)));
    }
    let generation = Sides::differing(&declared.generation, &live.generation);
    // On SQLite every integer key is the rowid, even if the program sets it.
    let is_rowid = |sides: &Sides<Generation>| {
        dialect == Dialect::Sqlite && (sides.declared, sides.live) == (Generation::Supplied, Generation::AutoIncrement)
    };
    let generation = generation.filter(|sides| !is_rowid(sides)).map(|sides| Change::Generation {
        column: declared.name.clone(),
        sides,
        nullability: declared.nullability,
    });
    // The default of a generated column is never used.
    let uses_default = matches!(live.generation, Generation::Supplied | Generation::OnUpdate);
    let (default, question) = match normalise::same_default(declared, live, dialect) {
        _ if !uses_default => (None, None),
        // A program that sets the column each time is not concerned.
        _ if dialect != Dialect::Sqlite
            && normalise::rejects_own_default(live, dialect)
            && can_be_omitted(declared) =>
        {
            (Some(default_change(declared, live, DefaultEffect::Rejected)), None)
        }
        _ if is_incomputable(live, table, dialect) && can_be_omitted(declared) => {
            (Some(default_change(declared, live, DefaultEffect::Rejected)), None)
        }
        _ if live.lacks_default
            && can_be_omitted(declared)
            && !table.has_before_insert_trigger
            && !table.has_lenient_sql_mode =>
        {
            (Some(default_change(declared, live, DefaultEffect::Missing)), None)
        }
        Some(true) => (None, None),
        Some(false) => {
            if can_be_omitted(declared) {
                let effect = effect_of_default(declared, live, table, dialect);
                (Some(default_change(declared, live, effect)), unchecked_default(declared, live, dialect))
            } else {
                (Some(default_change(declared, live, DefaultEffect::Stored)), None)
            }
        }
        None => {
            let question = format!(
                "whether the defaults {} and {} store the same value",
                default_sql(declared),
                default_sql(live)
            );
            (None, Some((Rule::DefaultUnchecked, question)))
        }
    };
    (generation.into_iter().chain(default).collect(), question)
}

/// Whether the default cannot be computed in a row that leaves all to the table.
fn is_incomputable(live: &Column, table: &Table, dialect: Dialect) -> bool {
    let Some(DefaultValue::Expression(text)) = &live.default else { return false };
    let of_column = |name: &str| omitted(name, &Table::new(table.name.clone()), table, dialect);
    !table.has_lenient_sql_mode && normalise::evaluation_fails(text, dialect, of_column)
}

/// What happens to a row that gets the default, if the column accepts it.
fn effect_of_default(declared: &Column, live: &Column, table: &Table, dialect: Dialect) -> DefaultEffect {
    if let (Some(DefaultValue::Expression(text)), Dialect::Sqlite) = (&live.default, dialect)
        && (normalise::stores_unreadable_time(text, &live.ty, &declared.ty.field)
            || normalise::always_exceeds_integer(text, &declared.ty.field, dialect))
    {
        return DefaultEffect::Unreadable;
    }
    let is_constant = match &live.default {
        Some(DefaultValue::Literal(value)) => {
            let is_unknown_label = declared.ty.kind.labels().is_some_and(|labels| !labels.contains(value));
            if is_unknown_label
                || normalise::is_unreadable_time(value, &live.ty.kind, dialect)
                || dialect == Dialect::Sqlite && normalise::stores_unreadable_value(value, &declared.ty.field)
            {
                return DefaultEffect::Unreadable;
            }
            true
        }
        Some(DefaultValue::Expression(text)) => normalise::repeats_itself(text, dialect),
        Some(DefaultValue::CurrentTimestamp) | None => false,
    };
    if table.has_lenient_sql_mode && live.must_be_given() {
        return DefaultEffect::EmptyValueStored;
    }
    let is_unique_on_column = |index: &Index| {
        index.uniqueness == Uniqueness::Unique && index.restrictions.is_empty() && index.columns == [live.name.as_str()]
    };
    if is_constant && table.indexes.iter().any(is_unique_on_column) {
        DefaultEffect::Repeated
    } else {
        DefaultEffect::Stored
    }
}

/// The question that a default leaves open: whether an expression fails, or whether a field can hold the constant.
fn unchecked_default(declared: &Column, live: &Column, dialect: Dialect) -> Option<(Rule, String)> {
    if let (Some(DefaultValue::Literal(value)), FieldValues::Own) = (&live.default, declared.values) {
        let why = "the entity does not list the values of an enum stored as text or number";
        return Some((Rule::DefaultUnchecked, format!("whether the field can hold the default '{value}': {why}")));
    }
    let Some(DefaultValue::Expression(text)) = &live.default else { return None };
    let target = Some(&live.ty.kind).filter(|_| dialect != Dialect::Sqlite);
    let never_fails = normalise::never_fails(text, dialect, target, |_| None);
    (!never_fails).then(|| (Rule::DefaultUnchecked, format!("whether the default {text} can be stored")))
}

/// PostgreSQL returns (RETURNING) a key that a default made; the others return only those of `AUTO_INCREMENT` and the rowid.
fn may_generate_by_default(declared: &Column, live: &Column, dialect: Dialect) -> bool {
    dialect == Dialect::Postgres
        && declared.generation == Generation::AutoIncrement
        && live.generation == Generation::Supplied
        && matches!(live.default, Some(DefaultValue::Expression(_)))
}

fn default_change(declared: &Column, live: &Column, effect: DefaultEffect) -> Change {
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

fn default_sql(column: &Column) -> String {
    column.default.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}
