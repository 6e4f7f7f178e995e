//! Which undeclared columns may be missing ones under another name. A question, never an answer: only people know.

use std::cmp::Ordering;

use super::pair::{Pair, pair};
use crate::model::{Column, Dialect, Generation, LogicalType, Table};

/// The candidates for each missing column, the likeliest first. An undeclared column is the likeliest of one at most.
pub(super) fn renames<'a>(
    declared: &'a Table,
    live: &'a Table,
    dialect: Dialect,
) -> Vec<(&'a Column, Vec<&'a Column>)> {
    let (mut missing, mut unexpected) = (Vec::new(), Vec::new());
    for paired in pair(&declared.columns, &live.columns, move |one, other| dialect.same_name(&one.name, &other.name)) {
        match paired {
            Pair::Declared(column) => missing.push(column),
            Pair::Live(column) => unexpected.push(column),
            Pair::Both(..) => {}
        }
    }
    let names = |couple: &(&Column, &Column)| (couple.0.name.clone(), couple.1.name.clone());
    let mut couples: Vec<(&Column, &Column)> = missing
        .iter()
        .flat_map(|column| unexpected.iter().map(move |live| (*column, *live)))
        .filter(|(column, live)| is_alike(column, live))
        .collect();
    // Among many, a type in common says nothing; nor does another one that is a text, too.
    let all = couples.clone();
    couples.retain(|(column, live)| {
        let of_column = all.iter().filter(|(other, _)| other.name == column.name).count();
        let of_live = all.iter().filter(|(_, other)| other.name == live.name).count();
        (of_column == 1 && of_live == 1 && column.ty == live.ty) || similarity(column, live) >= SIMILAR
    });
    couples.sort_by(|one, other| {
        likeness(*other)
            .partial_cmp(&likeness(*one))
            .unwrap_or(Ordering::Equal)
            .then_with(|| names(one).cmp(&names(other)))
    });
    let mut chosen: Vec<(&Column, Vec<&Column>)> = Vec::new();
    for (column, live) in &couples {
        let is_free = chosen.iter().all(|(taken, names)| taken.name != column.name && names[0].name != live.name);
        if is_free {
            chosen.push((column, vec![live]));
        }
    }
    let firsts: Vec<&str> = chosen.iter().map(|(_, names)| names[0].name.as_str()).collect();
    for (column, live) in couples {
        let of_column = chosen.iter_mut().find(|(chosen, _)| chosen.name == column.name);
        if let (Some((_, names)), false) = (of_column, firsts.contains(&live.name.as_str())) {
            names.push(live);
        }
    }
    chosen
}

/// Whether a rename may turn the one into the other: a rename changes no type, and nobody renames to narrow a text.
fn is_alike(declared: &Column, live: &Column) -> bool {
    let is_computed = |column: &Column| column.generation == Generation::Computed;
    let is_numbered =
        |column: &Column| matches!(column.generation, Generation::AutoIncrement | Generation::AlwaysIdentity);
    let is_text = |column: &Column| {
        matches!(column.ty.kind, LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_))
    };
    (declared.ty == live.ty || (is_text(declared) && is_text(live)))
        && is_computed(declared) == is_computed(live)
        && is_numbered(declared) == is_numbered(live)
}

/// How much alike two names must be where other columns could be meant, too.
const SIMILAR: f64 = 0.75;

fn similarity(declared: &Column, live: &Column) -> f64 {
    strsim::jaro_winkler(&declared.name.to_lowercase(), &live.name.to_lowercase())
}

/// The same type counts for more than similar names.
fn likeness((declared, live): (&Column, &Column)) -> f64 {
    similarity(declared, live) + f64::from(u8::from(declared.ty == live.ty)) * 2.0
}
