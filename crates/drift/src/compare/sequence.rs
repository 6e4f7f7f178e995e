//! The counter behind a generated key: whether it is behind, or ends too early.

use crate::{
    change::Change,
    model::{Column, CounterKind, LogicalType, NextValue, Sequence, Sign},
};

/// A counter of large steps ends after so few, however little of its range is used.
const FEW: i128 = 1000;

/// `declared` is `None` for a column that the entity lacks.
pub(super) fn sequence(declared: Option<&Column>, live: &Column) -> Option<Change> {
    let (column, sequence) = (declared.unwrap_or(live).name.clone(), live.sequence.as_deref()?.clone());
    if matches!(sequence.state, NextValue::Taken | NextValue::TakenAfter(_)) {
        return Some(Change::SequenceBehind { column, sequence });
    }
    let is_rowid = matches!(sequence.kind, CounterKind::Rowid { .. });
    // A rowid has 64 bits, whatever the type is called.
    let rowid = LogicalType::Integer { bits: 64, sign: Sign::Signed };
    let stored = if is_rowid { &rowid } else { &live.ty.kind };
    let (least, largest) = limits(declared.map_or(stored, |declared| &declared.ty.field))
        .zip(limits(stored))
        .map(|(declared, live)| (declared.0.max(live.0), declared.1.min(live.1)))?;
    let ends_before = sequence.increment > 0 && sequence.last < largest;
    if ends_before && sequence.kind == CounterKind::Sequence {
        return Some(Change::SequenceNarrower { column, sequence, largest });
    }
    let next = match sequence.next {
        Some(next) => next,
        // SQLite then tries numbers by chance, of 63 bits.
        None if is_rowid && largest < i128::from(i64::MAX) => largest + 1,
        None => return None,
    };
    let is_wider = if sequence.increment > 0 { sequence.last > largest } else { sequence.first < least };
    let sequence = Sequence { is_cut: sequence.is_cut && is_wider, ..sequence };
    let (lower, upper) = (sequence.first.max(least), sequence.last.min(largest));
    let (used, ahead) =
        if sequence.increment > 0 { (next - lower, upper - next) } else { (upper - next, next - lower) };
    let left = ahead.div_euclid(sequence.increment.abs().max(1)) + 1;
    let is_half_used = used > ahead;
    let ends_soon = sequence.increment.abs() > 1 && left <= FEW;
    (is_half_used || ends_soon).then_some(Change::KeysRunOut { column, sequence, left: left.max(0) })
}

/// The smallest and the largest value.
fn limits(kind: &LogicalType) -> Option<(i128, i128)> {
    let LogicalType::Integer { bits, sign } = kind else { return None };
    Some(match sign {
        Sign::Signed => (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1),
        Sign::Unsigned => (0, (1_i128 << bits) - 1),
    })
}
