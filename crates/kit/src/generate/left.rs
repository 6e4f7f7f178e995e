//! What stays as the database has it, although the entity says something else, or nothing: a default and a length that it does not
//! mention, and a type that was decided to stay.

use sea_orm_drift::{
    Change, ColumnTypes, Consequence, Difference, Report,
    model::{ColumnType, Dialect, LogicalType, Sides, Stated, TableName},
};

use super::{
    call::keeps_every_value,
    decisions::{Decisions, typed},
    spec::TableSpec,
};

/// A part of a column that an entity need not mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Default,
    Length,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Length => "length",
        })
    }
}

/// The part of the column that the entity does not mention, and nothing else differs.
pub(super) fn unsaid(change: &Change) -> Option<(&str, Part)> {
    if let Change::Default { column, sides: Sides { declared: None, live: Some(_) }, .. } = change {
        return Some((column, Part::Default));
    }
    let Change::Type { column, sides: Sides { declared, live } } = change else { return None };
    let is_text = |ty: &LogicalType| matches!(ty, LogicalType::Varchar(_) | LogicalType::Char(_));
    let is_unsaid = declared.stated == Stated::WithoutLength && is_text(&declared.kind) && is_text(&live.kind);
    is_unsaid.then_some((column, Part::Length))
}

/// The report without the differences that stay, and those.
pub(super) fn split(report: &Report, decisions: &Decisions, types: &[ColumnTypes]) -> (Report, Vec<Difference>) {
    let mut rest = report.clone();
    let left = rest.differences.extract_if(.., |found| is_left(found, report.dialect, decisions, types)).collect();
    (rest, left)
}

fn is_left(found: &Difference, dialect: Dialect, decisions: &Decisions, types: &[ColumnTypes]) -> bool {
    let table = &found.table;
    if let Some((column, part)) = unsaid(&found.change) {
        return !decisions.drops.contains(&format!("{table}.{column}.{part}"));
    }
    let Change::Type { column, sides } = &found.change else { return false };
    let object = format!("{table}.{column}");
    let is_sqlites =
        decisions.is_for_sqlite && dialect == Dialect::Sqlite && found.consequence() == Consequence::Nothing;
    let may_stay = || found.suppression.is_accepted() || (is_sqlites && is_time(&sides.declared));
    let is_asked_about =
        || !decisions.drops.contains(&object) && !holds_every_value(table, column, sides, dialect, types);
    decisions.keeps.contains(&object) || (may_stay() && is_asked_about())
}

fn is_time(ty: &ColumnType) -> bool {
    matches!(ty.field, LogicalType::Timestamp { .. })
}

/// Whether every value of the column has its place in the declared type.
pub(super) fn holds_every_value(
    table: &TableName,
    column: &str,
    sides: &Sides<ColumnType>,
    dialect: Dialect,
    types: &[ColumnTypes],
) -> bool {
    let types = types.iter().find(|types| types.table == *table);
    let declared = types.and_then(|types| types.columns.iter().find(|(name, _)| name == column)).map(|(_, ty)| ty);
    sides.declared.is_wider_than(&sides.live, dialect)
        || matches!((sides.live.to_sea_query(dialect), declared), (Some(live), Some(declared)) if keeps_every_value(&live, declared))
}

/// The declared table, with what stays as the live one has it.
pub(super) fn as_left(mut declared: TableSpec, before: &TableSpec, left: &[&Change], changes: &[&Change]) -> TableSpec {
    for column in &mut declared.columns {
        let Some(live) = before.column(&column.name) else { continue };
        let is_of_column = |change: &&&Change| change.column() == Some(column.name.as_str());
        for change in left.iter().filter(is_of_column) {
            if matches!(change, Change::Type { .. }) {
                column.ty = live.ty.clone();
            } else if !is_retyped(&column.name, changes) {
                column.default.clone_from(&live.default);
            }
        }
    }
    declared
}

/// The columns whose defaults the entity does not mention, and that get another type, for which they may be no value.
pub(super) fn lost_defaults<'a>(left: &'a [&Change], changes: &'a [&Change]) -> impl Iterator<Item = &'a str> {
    let of_default = |change: &&&'a Change| matches!(change, Change::Default { .. });
    left.iter().filter(of_default).filter_map(|change| change.column()).filter(|column| is_retyped(column, changes))
}

fn is_retyped(column: &str, changes: &[&Change]) -> bool {
    changes.iter().any(|change| matches!(change, Change::Type { column: other, .. } if other == column))
}

/// How many are named in a note.
const MOST: usize = 5;

/// What to know about those that stay, unless it was decided.
pub(super) fn notes(left: &[Difference], decisions: &Decisions) -> Vec<String> {
    let of_part = |part: Part| {
        let objects = left.iter().filter_map(|found| match unsaid(&found.change)? {
            (column, other) if other == part => Some(format!("{}.{column}", found.table)),
            _ => None,
        });
        let objects: Vec<String> =
            objects.filter(|object| !decisions.keeps.contains(&format!("{object}.{part}"))).collect();
        let first = objects.first()?;
        let (stays, one) = if objects.len() == 1 { ("it stays", "it") } else { ("they stay", "the first") };
        Some(format!(
            "no entity declares the {part} of {}: {stays}; --drop {} drops {one}",
            listed(&objects),
            typed(&format!("{first}.{part}"))
        ))
    };
    let times = left.iter().filter(|found| unsaid(&found.change).is_none() && !found.suppression.is_accepted());
    let times = times.filter_map(|found| found.change.column().map(|column| format!("{}.{column}", found.table)));
    let times: Vec<String> = times.filter(|object| !decisions.keeps.contains(object)).collect();
    let times = times.first().map(|first| {
        format!(
            "{} would get another type of time, which SQLite stores alike: nothing changes; --drop {} writes it, --scratch-url \
             names a server that tells them apart",
            listed(&times),
            typed(first)
        )
    });
    [of_part(Part::Default), of_part(Part::Length), times].into_iter().flatten().collect()
}

fn listed(objects: &[String]) -> String {
    match objects.get(MOST..) {
        Some(more) if !more.is_empty() => format!("{} and {} more", objects[..MOST].join(", "), more.len()),
        _ => objects.join(", "),
    }
}
