//! Which values a CHECK accepts, among those that a field may hold.

use crate::{
    model::{Check, Column, Dialect, Generation, LogicalType, Nullability, Sequence, Sign, Table},
    normalise::{self, CheckOutcome, Constants, StoredValue},
};

/// Whether the CHECK accepts each value of the fields of its columns: each label, each number, and each text that is not too
/// long.
pub(super) fn accepts_every_value(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    /// More combinations of values than this, and none is tried.
    const MAX_COMBINATIONS: usize = 64;
    let constants = normalise::constants_in(&check.text, dialect);
    let domains = check.columns.iter().map(|name| {
        let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.map(|column| {
            let is_column = |other: &str| dialect.same_name(check.column_named(other), name);
            let is_only_equated = normalise::only_compares_for_equality(&check.text, dialect, is_column);
            let values = values(column, live, dialect).into_iter();
            let values = values.map(|value| narrowed(value, column, declared, dialect));
            values.flat_map(|value| divided(value, &constants, is_only_equated)).collect::<Vec<_>>()
        })
    });
    let Some(domains) = domains.collect::<Option<Vec<_>>>() else { return false };
    let mut combinations: Vec<Vec<StoredValue>> = vec![Vec::new()];
    for values in domains {
        if combinations.len() * values.len() > MAX_COMBINATIONS {
            return false;
        }
        let extend = |row: &Vec<StoredValue>| {
            let append = |value: &StoredValue| [row.as_slice(), std::slice::from_ref(value)].concat();
            values.iter().map(append).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(extend).collect();
    }
    !check.columns.is_empty()
        && combinations.iter().all(|row| {
            let value_of = |other: &str| {
                let at = check.columns.iter().position(|name| dialect.same_name(name, check.column_named(other)))?;
                row.get(at).cloned()
            };
            normalise::check_outcome(&check.text, dialect, value_of) == CheckOutcome::Accepts
        })
}

/// The values that the CHECK may tell apart: what lies between the constants with which it compares, and these themselves.
fn divided(value: StoredValue, constants: &Constants, is_only_equated: bool) -> Vec<StoredValue> {
    match value {
        StoredValue::Within(least, greatest) => {
            let mut parts = Vec::new();
            let mut next = least;
            for number in constants.numbers.iter().filter(|number| (least..=greatest).contains(*number)) {
                // The numbers of the field are whole.
                if number.ceil() > next {
                    parts.push(StoredValue::Within(next, number.ceil() - 1.0));
                }
                if number.fract() == 0.0 {
                    parts.push(StoredValue::Constant(number.to_string()));
                }
                next = number.floor() + 1.0;
            }
            if next <= greatest {
                parts.push(StoredValue::Within(next, greatest));
            }
            parts
        }
        StoredValue::UpTo(length) if is_only_equated => {
            let is_other = |text: &String| !constants.texts.iter().any(|known| known.eq_ignore_ascii_case(text));
            let fits = |text: &&String| text.chars().count() <= usize::try_from(length).unwrap_or(usize::MAX);
            let mut texts: Vec<String> = constants.texts.iter().filter(fits).cloned().collect();
            texts.extend(('a'..='z').map(String::from).find(is_other));
            texts.into_iter().map(StoredValue::Constant).collect()
        }
        StoredValue::Null
        | StoredValue::Constant(_)
        | StoredValue::UpTo(_)
        | StoredValue::Float
        | StoredValue::Time
        | StoredValue::NotNull
        | StoredValue::Unknown => vec![value],
    }
}

/// What a field may hold.
#[expect(clippy::wildcard_enum_match_arm, reason = "of the values of other types nothing is known")]
fn values(column: &Column, live: &Table, dialect: Dialect) -> Vec<StoredValue> {
    let mut values = match &column.ty.kind {
        LogicalType::Varchar(Some(length)) | LogicalType::Char(length) => vec![StoredValue::UpTo(*length)],
        // A text of MySQL and MariaDB has a limit in bytes.
        LogicalType::Text(Some(bytes)) => vec![StoredValue::UpTo(*bytes)],
        LogicalType::Varchar(None) | LogicalType::Text(None) => vec![StoredValue::UpTo(u32::MAX)],
        // The database generates it, and counts up from 1.
        LogicalType::Integer { bits, sign } if is_counted_up(column, live, dialect) => {
            let of_sign = i32::from(*sign == Sign::Signed);
            vec![StoredValue::Within(1.0, 2_f64.powi(i32::from(*bits) - of_sign) - 1.0)]
        }
        // Integers of 64 bits are not exact as `f64`, in which they are compared.
        LogicalType::Integer { bits, sign } if *bits <= 32 => {
            let count = 2_f64.powi(i32::from(*bits));
            vec![match sign {
                Sign::Signed => StoredValue::Within(-count / 2.0, count / 2.0 - 1.0),
                Sign::Unsigned => StoredValue::Within(0.0, count - 1.0),
            }]
        }
        LogicalType::Enum { labels, .. } => labels.iter().cloned().map(StoredValue::Constant).collect(),
        LogicalType::Float { .. } if dialect == Dialect::Sqlite => vec![StoredValue::Float],
        LogicalType::Timestamp { .. } | LogicalType::Date | LogicalType::Time { .. } if dialect == Dialect::Sqlite => {
            vec![StoredValue::UpTo(u32::MAX)]
        }
        LogicalType::Timestamp { .. } | LogicalType::Date => vec![StoredValue::Time],
        _ => vec![StoredValue::NotNull],
    };
    if column.nullability == Nullability::Nullable {
        values.push(StoredValue::Null);
    }
    values
}

/// What the declared CHECKs leave of the whole numbers of a field.
fn narrowed(value: StoredValue, column: &Column, declared: &Table, dialect: Dialect) -> StoredValue {
    let StoredValue::Within(least, greatest) = value else { return value };
    let ranges =
        declared.checks.iter().filter_map(|check| normalise::accepted_range(&check.text, dialect, &column.name));
    let (least, greatest) = ranges
        .fold((least, greatest), |(least, greatest), range| (f64::max(least, range.0), f64::min(greatest, range.1)));
    StoredValue::Within(least, greatest)
}

/// Whether the column is a generated key whose values begin at 1.
fn is_counted_up(column: &Column, live: &Table, dialect: Dialect) -> bool {
    let of_table = live.columns.iter().find(|live| dialect.same_name(&live.name, &column.name));
    let counts_up = |column: &Column| {
        let is_upwards = |sequence: &Sequence| sequence.increment > 0 && sequence.first >= 1 && !sequence.cycles;
        column.sequence.as_deref().is_none_or(is_upwards)
    };
    column.generation == Generation::AutoIncrement && of_table.is_some_and(counts_up)
}
