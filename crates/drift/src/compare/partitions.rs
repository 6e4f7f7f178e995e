//! Whether the partitions of a table take the rows that a program inserts.

use std::cmp::Ordering;

use super::omitted::{omitted, stored};
use crate::{
    change::{Change, PartitionGap},
    model::{Dialect, LogicalType, Nullability, PartitionBound, PartitionMethod, Partitions, Table},
    normalise::StoredValue,
};

/// The rows that no partition takes; or what cannot be known of them.
pub(super) fn uncovered_rows(declared: &Table, live: &Table, dialect: Dialect) -> (Option<Change>, Option<String>) {
    let Some(partitions) = &live.partitions else { return (None, None) };
    let key = partitions.key.clone();
    let gap = |gap| (Some(Change::PartitionMissing { key: key.clone(), gap }), None);
    let undecided = || (None, Some(format!("whether the partitions by {key} take the rows that a program inserts")));
    if partitions.bounds.is_empty() {
        return gap(PartitionGap::All);
    }
    if partitions.bounds.contains(&PartitionBound::Default) {
        return (None, None);
    }
    if partitions.bounds.contains(&PartitionBound::Unknown) {
        return undecided();
    }
    if partitions.method == PartitionMethod::Hash {
        return if covers_all_remainders(&partitions.bounds) { (None, None) } else { gap(PartitionGap::OtherValues) };
    }
    let column = partitions
        .columns
        .first()
        .and_then(|name| live.columns.iter().find(|column| dialect.same_name(&column.name, name)));
    let Some(column) = column else { return undecided() };
    let takes = |value: &str| partitions.takes(value, &column.ty.kind);
    if let Some(sequence) = column.sequence.as_ref() {
        return match sequence.next.map(|next| next.to_string()) {
            Some(next) if !takes(&next) => gap(PartitionGap::NextKey(next)),
            _ => (None, None),
        };
    }
    let declared_column = declared.columns.iter().find(|declared| dialect.same_name(&declared.name, &column.name));
    let value_if_omitted = match declared_column {
        // A program may leave it to the table, or write NULL.
        Some(declared) if declared.nullability == Nullability::Nullable || declared.default.is_some() => {
            stored(&column.name, live, dialect)
        }
        Some(_) => StoredValue::NotNull,
        None => omitted(&column.name, declared, live, dialect).unwrap_or(StoredValue::Unknown),
    };
    match value_if_omitted {
        StoredValue::Null if !partitions.takes_null(dialect) => return gap(PartitionGap::Omitted(None)),
        StoredValue::Constant(value) if !takes(&value) => return gap(PartitionGap::Omitted(Some(value))),
        StoredValue::Null
        | StoredValue::Constant(_)
        | StoredValue::UpTo(_)
        | StoredValue::Within(..)
        | StoredValue::Float
        | StoredValue::Time
        | StoredValue::NotNull
        | StoredValue::Unknown => {}
    }
    let is_time = matches!(column.ty.kind, LogicalType::Timestamp { .. } | LogicalType::Date);
    // Another DateStyle of the role prints the bounds in another order.
    let is_iso_date = |bound: &Option<String>| bound.as_ref().is_none_or(|bound| parse_date(bound).is_some());
    let has_ranges_of_time = partitions.bounds.iter().all(|bound| {
        if let PartitionBound::Range { from, to } = bound { is_iso_date(from) && is_iso_date(to) } else { true }
    });
    let now_is_a_date = partitions.now.contains('-');
    if partitions.method == PartitionMethod::Range && is_time && now_is_a_date && !has_ranges_of_time {
        return undecided();
    }
    match partitions.method {
        PartitionMethod::Range if is_time && !takes(&partitions.now) => gap(PartitionGap::Now(partitions.now.clone())),
        PartitionMethod::Range if is_time && !takes(&partitions.tomorrow) => {
            gap(PartitionGap::Tomorrow(partitions.tomorrow.clone()))
        }
        PartitionMethod::Range if is_time => (None, None),
        PartitionMethod::Range if partitions.ranges_cover_all() => (None, None),
        PartitionMethod::List
            if every_value(&column.ty.kind).is_some_and(|all| all.iter().all(|value| takes(value))) =>
        {
            (None, None)
        }
        PartitionMethod::Range | PartitionMethod::List | PartitionMethod::Hash => gap(PartitionGap::OtherValues),
    }
}

/// Whether the parts of a hash add up to everything.
fn covers_all_remainders(bounds: &[PartitionBound]) -> bool {
    let part = |bound: &PartitionBound| {
        if let PartitionBound::Hash { modulus } = bound { 1.0 / f64::from((*modulus).max(1)) } else { 0.0 }
    };
    bounds.iter().map(part).sum::<f64>() > 0.999_999
}

impl Partitions {
    fn takes(&self, value: &str, kind: &LogicalType) -> bool {
        let order = |one: &str, other: &str| compare_values(one, other, kind);
        self.bounds.iter().any(|bound| match bound {
            PartitionBound::Default | PartitionBound::Hash { .. } | PartitionBound::Unknown => true,
            PartitionBound::Range { from, to } => {
                let is_above = from.as_ref().is_none_or(|from| order(value, from) != Ordering::Less);
                is_above && to.as_ref().is_none_or(|to| order(value, to) == Ordering::Less)
            }
            PartitionBound::List(values) => {
                values.iter().flatten().any(|listed| order(value, listed) == Ordering::Equal)
            }
        })
    }

    /// MySQL and MariaDB put NULL into the lowest range.
    fn takes_null(&self, dialect: Dialect) -> bool {
        let null_is_lowest = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
        self.bounds.iter().any(|bound| match bound {
            PartitionBound::List(values) => values.contains(&None),
            PartitionBound::Range { .. } => null_is_lowest,
            PartitionBound::Default | PartitionBound::Hash { .. } | PartitionBound::Unknown => true,
        })
    }

    /// Whether ranges without a gap reach from one end to the other.
    fn ranges_cover_all(&self) -> bool {
        let ranges: Vec<(&Option<String>, &Option<String>)> = self
            .bounds
            .iter()
            .filter_map(|bound| if let PartitionBound::Range { from, to } = bound { Some((from, to)) } else { None })
            .collect();
        let begins = ranges.iter().any(|(from, _)| from.is_none());
        let ends = ranges.iter().any(|(_, to)| to.is_none());
        // MySQL has no beginnings: each range begins where another ends.
        let has_only_upper_bounds = ranges.iter().all(|(from, _)| from.is_none());
        let has_next_range = |to: &Option<String>| to.is_none() || ranges.iter().any(|(from, _)| *from == to);
        begins && ends && (has_only_upper_bounds || ranges.iter().all(|(_, to)| has_next_range(to)))
    }
}

/// A text as it is spelt, all else as a number or a date if it is one.
fn compare_values(one: &str, other: &str, kind: &LogicalType) -> Ordering {
    if matches!(kind, LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_)) {
        return one.cmp(other);
    }
    // Those of 64 bits are not exact as `f64`.
    if let (Ok(one), Ok(other)) = (one.parse::<i128>(), other.parse::<i128>()) {
        return one.cmp(&other);
    }
    let by_number = one.parse::<f64>().ok().zip(other.parse().ok()).and_then(|(one, other)| one.partial_cmp(&other));
    let by_date = || parse_date(one).zip(parse_date(other)).map(|(one, other)| one.cmp(&other));
    by_number.or_else(by_date).unwrap_or_else(|| one.cmp(other))
}

/// The values of a type that has few; `None` for others.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others have too many values for a list")]
fn every_value(kind: &LogicalType) -> Option<Vec<String>> {
    match kind {
        LogicalType::Boolean => Some(vec!["true".to_owned(), "false".to_owned()]),
        LogicalType::Enum { labels, .. } => Some(labels.to_vec()),
        _ => None,
    }
}

/// The year, which may have more than four digits or be `BC`, and the rest of a point in time in ISO's order.
fn parse_date(text: &str) -> Option<(i64, &str)> {
    match text {
        "infinity" => return Some((i64::MAX, "")),
        "-infinity" => return Some((i64::MIN, "")),
        _ => {}
    }
    let (text, is_before_christ) = text.strip_suffix(" BC").map_or((text, false), |text| (text, true));
    let (year, rest) = text.split_once('-')?;
    let is_year = year.len() >= 4 && rest.starts_with(|first: char| first.is_ascii_digit());
    let year = year.parse::<i64>().ok().filter(|_| is_year)?;
    Some((if is_before_christ { -year } else { year }, rest))
}

#[cfg(test)]
mod tests;
