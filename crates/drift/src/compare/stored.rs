//! What the database stores in a column that an insert omits: its default, its generator, or what it computes.

use super::omitted::omitted;
use crate::{
    change::{Change, DefaultEffect, Rejects},
    model::{Check, Column, DefaultValue, Dialect, Generation, Index, Nullability, Sides, Table, Uniqueness},
    normalise::{self, Stored},
    rule::Rule,
};

/// An undeclared column is computed, or gets its default, for each row that the program inserts. Whether its NOT NULL rejects
/// every row, or else what is not known of it.
pub(super) fn undeclared_value(
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
pub(super) fn stored_on_omit(
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
