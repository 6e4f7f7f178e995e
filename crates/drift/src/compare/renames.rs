//! Suggests undeclared columns that may be missing ones under another name. Only people know whether they are.

use std::cmp::Ordering;

use super::pair::{Pair, pair};
use crate::model::{Column, Dialect, Generation, LogicalType, Table};

/// The candidates for each missing column, best match first. Each undeclared column is the first candidate of at most one missing
/// column.
pub(super) fn rename_candidates<'a>(
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
    let names = |pair: &(&Column, &Column)| (pair.0.name.clone(), pair.1.name.clone());
    let mut pairs: Vec<(&Column, &Column)> = missing
        .iter()
        .flat_map(|column| unexpected.iter().map(move |live| (*column, *live)))
        .filter(|(column, live)| could_be_rename(column, live))
        .collect();
    // If a column has several candidates, equal types are not evidence: the names must be similar, too.
    let unfiltered = pairs.clone();
    pairs.retain(|(column, live)| {
        let column_matches = unfiltered.iter().filter(|(other, _)| other.name == column.name).count();
        let live_matches = unfiltered.iter().filter(|(_, other)| other.name == live.name).count();
        (column_matches == 1 && live_matches == 1 && column.ty == live.ty)
            || name_similarity(column, live) >= MIN_NAME_SIMILARITY
    });
    pairs.sort_by(|one, other| {
        match_score(*other)
            .partial_cmp(&match_score(*one))
            .unwrap_or(Ordering::Equal)
            .then_with(|| names(one).cmp(&names(other)))
    });
    let mut chosen: Vec<(&Column, Vec<&Column>)> = Vec::new();
    for (column, live) in &pairs {
        let is_free =
            chosen.iter().all(|(matched, candidates)| matched.name != column.name && candidates[0].name != live.name);
        if is_free {
            chosen.push((column, vec![live]));
        }
    }
    let best: Vec<&str> = chosen.iter().map(|(_, candidates)| candidates[0].name.as_str()).collect();
    for (column, live) in pairs {
        let entry = chosen.iter_mut().find(|(chosen, _)| chosen.name == column.name);
        if let (Some((_, candidates)), false) = (entry, best.contains(&live.name.as_str())) {
            candidates.push(live);
        }
    }
    chosen
}

/// Whether the live column may be the declared one under another name: the types are the same, or both are text.
fn could_be_rename(declared: &Column, live: &Column) -> bool {
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

/// The least similarity of two names if there are several candidates, or the types differ.
const MIN_NAME_SIMILARITY: f64 = 0.75;

fn name_similarity(declared: &Column, live: &Column) -> f64 {
    strsim::jaro_winkler(&declared.name.to_lowercase(), &live.name.to_lowercase())
}

/// The same type counts for more than a similar name.
fn match_score((declared, live): (&Column, &Column)) -> (bool, f64) {
    (declared.ty == live.ty, name_similarity(declared, live))
}
