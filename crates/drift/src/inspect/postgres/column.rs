//! The columns of a table.

use super::facts::{CollationFacts, ColumnFacts, DomainRow, SequenceFacts};
use crate::{
    model::{
        CharsetCoverage, Collation, Column, CounterKind, Dialect, Equality, FieldValues, Generation, NextValue,
        Nullability, Privilege, Sequence,
    },
    normalise,
};

impl CollationFacts {
    fn into_collation(self) -> Collation {
        Collation {
            name: self.name,
            equality: if self.is_deterministic { Equality::AsDefault } else { Equality::Looser },
            coverage: CharsetCoverage::Unicode,
        }
    }
}

pub(super) fn column(facts: ColumnFacts, domain: &[DomainRow]) -> Column {
    let (type_text, labels, type_schema) = match facts.own_type {
        Some(of) => (of.text, of.labels, of.schema),
        None => (facts.type_text, None, None),
    };
    let base = domain.last().map(|base| base.type_text.as_str());
    let is_not_null = facts.not_null || domain.iter().any(|level| level.not_null);
    let of_domain = || domain.iter().find_map(|level| level.default_text.clone());
    let (default_text, expression) =
        if facts.is_computed { (None, facts.default_text) } else { (facts.default_text, None) };
    let default = default_text.or_else(of_domain).unwrap_or_default();
    let generation = match facts.identity_kind.as_str() {
        "a" => Generation::AlwaysIdentity,
        "d" => Generation::AutoIncrement,
        _ if facts.is_computed => Generation::Computed,
        // The name of the function is quoted with `quote_all_identifiers`. A name that is computed, as by `nextval('s.ids'::text)`,
        // leads to a sequence only when the row is inserted.
        _ if default.starts_with("nextval('") || default.starts_with("\"nextval\"('") => Generation::AutoIncrement,
        _ => Generation::Supplied,
    };
    let mut denied = facts.denied.unwrap_or_default();
    denied.extend(facts.sequence.as_ref().filter(|sequence| !sequence.may_use).map(|_| Privilege::Usage));
    let ty = normalise::column_type(base.unwrap_or(&type_text), Dialect::Postgres);
    Column {
        ty: match labels {
            Some(labels) => ty.with_labels(&labels),
            None => ty,
        },
        also_reads: Box::default(),
        values: FieldValues::All,
        type_schema: type_schema.map(String::into_boxed_str),
        has_domain: base.is_some(),
        nullability: if is_not_null { Nullability::NotNull } else { Nullability::Nullable },
        may_hold_nulls: false,
        stores_default_for_null: false,
        lacks_default: false,
        is_virtual: facts.is_virtual,
        default: if generation == Generation::Supplied && !default.is_empty() {
            normalise::default_value(&default, Dialect::Postgres)
        } else {
            None
        },
        generation,
        expression: expression.map(String::into_boxed_str),
        sequence: facts.sequence.as_ref().filter(|_| generation != Generation::Supplied).and_then(sequence),
        collation: facts.collation.map(CollationFacts::into_collation).map(Box::new),
        denied: denied.into(),
        name: facts.name,
    }
}

/// The numbers come as text: they do not fit what JSON's readers take for numbers.
fn sequence(facts: &SequenceFacts) -> Option<Box<Sequence>> {
    Some(Box::new(Sequence {
        name: facts.name.clone(),
        kind: CounterKind::Sequence,
        next: None,
        increment: facts.increment.parse().ok()?,
        first: facts.first.parse().ok()?,
        last: facts.last.parse().ok()?,
        cycles: facts.cycles,
        is_cut: facts.is_cut,
        per_day: None,
        state: NextValue::Unknown,
    }))
}
