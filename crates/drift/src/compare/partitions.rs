//! Whether the partitions of a table take the rows that a program inserts.

use std::cmp::Ordering;

use super::omitted::{omitted, stored};
use crate::{
    change::{Change, PartitionGap},
    model::{Dialect, LogicalType, Nullability, PartitionBound, PartitionMethod, Partitions, Table},
    normalise::Stored,
};

/// The rows that no partition takes; or what cannot be known of them.
pub(super) fn partitions(declared: &Table, live: &Table, dialect: Dialect) -> (Option<Change>, Option<String>) {
    let Some(partitions) = &live.partitions else { return (None, None) };
    let key = partitions.key.clone();
    let missing = |gap| (Some(Change::PartitionMissing { key: key.clone(), gap }), None);
    let open = || (None, Some(format!("whether the partitions by {key} take the rows that a program inserts")));
    if partitions.bounds.is_empty() {
        return missing(PartitionGap::All);
    }
    if partitions.bounds.contains(&PartitionBound::Default) {
        return (None, None);
    }
    if partitions.bounds.contains(&PartitionBound::Unknown) {
        return open();
    }
    if partitions.method == PartitionMethod::Hash {
        return if is_whole(&partitions.bounds) { (None, None) } else { missing(PartitionGap::Others) };
    }
    let column = partitions
        .columns
        .first()
        .and_then(|name| live.columns.iter().find(|column| dialect.same_name(&column.name, name)));
    let Some(column) = column else { return open() };
    let takes = |value: &str| partitions.takes(value);
    if let Some(sequence) = column.sequence.as_ref() {
        return match sequence.next.map(|next| next.to_string()) {
            Some(next) if !takes(&next) => missing(PartitionGap::NextKey(next)),
            _ => (None, None),
        };
    }
    let is_declared = declared.columns.iter().find(|declared| dialect.same_name(&declared.name, &column.name));
    let left_out = match is_declared {
        // A program may leave it to the table, or write NULL.
        Some(declared) if declared.nullability == Nullability::Nullable || declared.default.is_some() => {
            stored(&column.name, live, dialect)
        }
        Some(_) => Stored::Some,
        None => omitted(&column.name, declared, live, dialect).unwrap_or(Stored::Any),
    };
    match left_out {
        Stored::Null if !partitions.takes_null(dialect) => return missing(PartitionGap::Omitted(None)),
        Stored::Constant(value) if !takes(&value) => return missing(PartitionGap::Omitted(Some(value))),
        Stored::Null | Stored::Constant(_) | Stored::UpTo(_) | Stored::Within(..) | Stored::Some | Stored::Any => {}
    }
    let is_time = matches!(column.ty.kind, LogicalType::Timestamp { .. } | LogicalType::Date);
    // Another DateStyle of the role prints them in another order.
    let is_readable = |bound: &Option<String>| bound.as_ref().is_none_or(|bound| moment(bound).is_some());
    let has_ranges_of_time = partitions.bounds.iter().all(|bound| {
        if let PartitionBound::Range { from, to } = bound { is_readable(from) && is_readable(to) } else { true }
    });
    let counts_time = partitions.now.contains('-');
    if partitions.method == PartitionMethod::Range && is_time && counts_time && !has_ranges_of_time {
        return open();
    }
    match partitions.method {
        PartitionMethod::Range if is_time && !takes(&partitions.now) => {
            missing(PartitionGap::Now(partitions.now.clone()))
        }
        PartitionMethod::Range if is_time && !takes(&partitions.tomorrow) => {
            missing(PartitionGap::Tomorrow(partitions.tomorrow.clone()))
        }
        PartitionMethod::Range if is_time => (None, None),
        PartitionMethod::Range | PartitionMethod::List | PartitionMethod::Hash if partitions.takes_all() => {
            (None, None)
        }
        PartitionMethod::Range | PartitionMethod::List | PartitionMethod::Hash => missing(PartitionGap::Others),
    }
}

/// Whether the parts of a hash add up to everything.
fn is_whole(bounds: &[PartitionBound]) -> bool {
    let part = |bound: &PartitionBound| {
        if let PartitionBound::Hash { modulus } = bound { 1.0 / f64::from((*modulus).max(1)) } else { 0.0 }
    };
    bounds.iter().map(part).sum::<f64>() > 0.999_999
}

impl Partitions {
    fn takes(&self, value: &str) -> bool {
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
        let sorts_null = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
        self.bounds.iter().any(|bound| match bound {
            PartitionBound::List(values) => values.contains(&None),
            PartitionBound::Range { .. } => sorts_null,
            PartitionBound::Default | PartitionBound::Hash { .. } | PartitionBound::Unknown => true,
        })
    }

    /// Whether ranges without a gap reach from one end to the other.
    fn takes_all(&self) -> bool {
        let ranges: Vec<(&Option<String>, &Option<String>)> = self
            .bounds
            .iter()
            .filter_map(|bound| if let PartitionBound::Range { from, to } = bound { Some((from, to)) } else { None })
            .collect();
        let begins = ranges.iter().any(|(from, _)| from.is_none());
        let ends = ranges.iter().any(|(_, to)| to.is_none());
        // MySQL has no beginnings: each range begins where another ends.
        let has_no_beginnings = ranges.iter().all(|(from, _)| from.is_none());
        let is_followed = |to: &Option<String>| to.is_none() || ranges.iter().any(|(from, _)| *from == to);
        begins && ends && (has_no_beginnings || ranges.iter().all(|(_, to)| is_followed(to)))
    }
}

/// Numbers and points in time as such; all else as it is spelt.
fn order(one: &str, other: &str) -> Ordering {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
        _ => match (moment(one), moment(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => one.cmp(other),
        },
    }
}

/// The year, which may have more than four digits or be `BC`, and the rest of a point in time in ISO's order.
fn moment(text: &str) -> Option<(i64, &str)> {
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
