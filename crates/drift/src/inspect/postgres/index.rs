//! The indexes of a table.

use super::facts::{ColumnFacts, IndexFacts, IndexParticulars, names};
use crate::{
    inspect::facts::{partial, restrictions, uniqueness},
    model::{Column, Dialect, Index, IndexRestriction, LogicalType, Table},
    normalise,
};

/// Whether an index over expressions takes every value: the catalogue gives a text that is computed no length.
pub(super) fn is_short(index: &Index, columns: &[Column]) -> bool {
    const LONGEST: u32 = 2704;
    let kind = |name: &str| columns.iter().find(|column| column.name == name).map(|column| column.ty.kind.clone());
    let width = |part: &String| match kind(part) {
        Some(LogicalType::Text(_) | LogicalType::Varchar(None) | LogicalType::Blob(_) | LogicalType::JsonBinary) => {
            None
        }
        Some(LogicalType::Varchar(Some(length)) | LogicalType::Char(length)) => length.checked_mul(4),
        Some(_) => Some(16),
        None => normalise::max_text_length(part, Dialect::Postgres, kind)?.checked_mul(4),
    };
    index.columns.iter().try_fold(0_u32, |sum, part| sum.checked_add(width(part)?)).is_some_and(|sum| sum <= LONGEST)
}

pub(super) fn add_indexes(table: &mut Table, indexes: Vec<IndexFacts>, columns: &[ColumnFacts]) {
    for facts in indexes {
        let is_primary = facts.is_primary;
        let mut particulars = facts.particulars.unwrap_or_default();
        table.outdated_collation = table.outdated_collation.take().or_else(|| particulars.outdated_collation.take());
        let index = index(IndexFacts { particulars: None, ..facts }, particulars, columns);
        if is_primary {
            table.primary_key = index.columns;
            // Long keys and their order are the entity's own choice.
            let is_of_use =
                |limit: &IndexRestriction| !matches!(limit, IndexRestriction::LongValues | IndexRestriction::SortOrder);
            table.primary_key_restrictions = index.restrictions.into_iter().filter(is_of_use).collect();
        } else {
            table.indexes.push(index);
        }
    }
}

fn index(facts: IndexFacts, particulars: IndexParticulars, all: &[ColumnFacts]) -> Index {
    let is_expression = particulars.expressions.is_some();
    let texts = particulars.expressions.unwrap_or_default();
    let mut expressions = texts.iter().cloned();
    let key = facts.columns.iter().take(facts.key_length);
    let columns: Vec<String> =
        key.filter_map(|&number| if number == 0 { expressions.next() } else { names(&[number], all).pop() }).collect();
    let included = facts.columns.get(facts.key_length..).map(|numbers| names(numbers, all)).unwrap_or_default();
    let uniqueness = uniqueness(facts.is_unique);
    let predicate = particulars.predicate.as_ref();
    let computed = texts.into_iter().chain(predicate.cloned()).collect();
    let condition = predicate.cloned();
    let partial = predicate.map(|condition| partial(condition, &columns, uniqueness, Dialect::Postgres));
    let exclusion = particulars.exclusion.as_deref();
    let others = restrictions([
        (is_expression, IndexRestriction::Expression),
        (particulars.is_deferrable, IndexRestriction::Deferrable),
        (particulars.is_invalid, IndexRestriction::Invalid),
        (facts.is_nulls_not_distinct, IndexRestriction::NullsNotDistinct),
        (exclusion == Some("equals"), IndexRestriction::ExclusionOfEquals),
        (exclusion == Some("overlaps"), IndexRestriction::ExclusionOfOverlaps),
        (exclusion == Some("other"), IndexRestriction::Exclusion),
        (particulars.is_other_method, IndexRestriction::Method),
        (particulars.other_collation.as_deref() == Some("order"), IndexRestriction::SortOrder),
        (particulars.other_collation.as_deref() == Some("equality"), IndexRestriction::Collation),
        (facts.may_overflow, IndexRestriction::LongValues),
        (particulars.is_unbuilt, IndexRestriction::Unbuilt),
    ]);
    let restrictions = partial.into_iter().chain(others).collect();
    Index { name: facts.name, restrictions, columns, uniqueness, computed, condition, included }
}
