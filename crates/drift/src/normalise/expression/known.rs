//! What is known of a value, and of a comparison of two.

use chrono::Datelike;

use crate::model::Dialect;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Text(String),
    /// A text of at most so many characters.
    UpTo(u32),
    /// A number from the first to the second.
    Within(f64, f64),
    Number(f64),
    /// A number that is stored as a float.
    Float,
    /// A date or a time of a day, which is not infinite.
    Time,
    Truth(bool),
    NotNull,
    Unknown,
    /// It cannot be computed.
    Fails,
}

impl Value {
    /// `None` if it is NULL or unknown.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Number(number) => Some(*number != 0.0),
            Self::Null
            | Self::Text(_)
            | Self::UpTo(_)
            | Self::Within(..)
            | Self::Float
            | Self::Time
            | Self::NotNull
            | Self::Unknown
            | Self::Fails => None,
        }
    }

    /// 1 for what holds, and 0 for what does not.
    pub(super) fn counted(self) -> Self {
        if let Self::Truth(truth) = self { Self::Number(f64::from(u8::from(truth))) } else { self }
    }

    pub(super) fn is_null(&self) -> Option<bool> {
        match self {
            Self::Null => Some(true),
            Self::Text(_)
            | Self::UpTo(_)
            | Self::Within(..)
            | Self::Float
            | Self::Time
            | Self::Number(_)
            | Self::Truth(_)
            | Self::NotNull => Some(false),
            Self::Unknown | Self::Fails => None,
        }
    }
}

/// A collation of MySQL and MariaDB may take other texts for equal, too: never those of other ASCII letters. On the other servers a
/// column with such a collation has no constant.
pub(super) fn equal(one: &Value, other: &Value, dialect: Dialect) -> Option<bool> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => Some((one - other).abs() < f64::EPSILON),
        (Value::Within(least, greatest), Value::Number(number))
        | (Value::Number(number), Value::Within(least, greatest)) => {
            (number < least || number > greatest).then_some(false)
        }
        (Value::Truth(one), Value::Truth(other)) => Some(one == other),
        // MySQL and SQLite have 1 and 0 for what holds and what does not.
        (Value::Truth(truth), Value::Number(number)) | (Value::Number(number), Value::Truth(truth)) => {
            equal(&Value::Number(f64::from(u8::from(*truth))), &Value::Number(*number), dialect)
        }
        (Value::Text(one), Value::Text(other)) if one == other => Some(true),
        (Value::Text(one), Value::Text(other)) => {
            let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
            let is_other = match dialect {
                Dialect::Postgres | Dialect::Sqlite => one != other,
                Dialect::MySql | Dialect::MariaDb => !one.eq_ignore_ascii_case(other),
            };
            (is_plain(one) && is_plain(other) && is_other).then_some(false)
        }
        _ => None,
    }
}

pub(super) fn ordered(
    one: &Value,
    other: &Value,
    dialect: Dialect,
    compare: impl Fn(f64, f64) -> bool,
) -> Option<bool> {
    // It holds for the least and for the greatest number, or for neither.
    match (one, other) {
        (Value::Within(least, greatest), Value::Number(number)) => {
            let (least, greatest) = (compare(*least, *number), compare(*greatest, *number));
            (least == greatest).then_some(least)
        }
        (Value::Number(number), Value::Within(least, greatest)) => {
            let (least, greatest) = (compare(*number, *least), compare(*number, *greatest));
            (least == greatest).then_some(least)
        }
        (Value::Number(one), Value::Number(other)) => Some(compare(*one, *other)),
        // No field holds an infinite time.
        (Value::Time, Value::Text(end)) if is_infinity(end) => Some(compare(0.0, signed_infinity(end))),
        (Value::Text(end), Value::Time) if is_infinity(end) => Some(compare(signed_infinity(end), 0.0)),
        (Value::Time, Value::Text(end)) if let Some(ends) = beside_all_times(end, dialect) => {
            let [one, other] = ends.map(|end| compare(0.0, end));
            (one == other).then_some(one)
        }
        (Value::Text(end), Value::Time) if let Some(ends) = beside_all_times(end, dialect) => {
            let [one, other] = ends.map(|end| compare(end, 0.0));
            (one == other).then_some(one)
        }
        // Two days are in the same order as texts and as dates.
        (Value::Text(one), Value::Text(other)) => {
            let day = |text: &str| text.parse::<chrono::NaiveDate>().ok().filter(|_| text.len() == 10);
            let (one, other) = (day(one)?.num_days_from_ce(), day(other)?.num_days_from_ce());
            Some(compare(one.into(), other.into()))
        }
        _ => None,
    }
}

/// The word that PostgreSQL has for a time before or after all others.
pub(crate) fn is_infinity(text: &str) -> bool {
    text.trim_start_matches(['-', '+']).eq_ignore_ascii_case("infinity")
}

/// Where the text may be beside a time (0) that MySQL and MariaDB store: after it, or the last second itself; before it, or the
/// first day itself. <https://mariadb.com/kb/en/datetime/>
fn beside_all_times(text: &str, dialect: Dialect) -> Option<[f64; 2]> {
    const FIRST_DAYS: [&str; 4] = ["0000-00-00", "0000-01-01", "0001-01-01", "1000-01-01"];
    if dialect == Dialect::Postgres {
        return None;
    }
    if let Some(fraction) = text.strip_prefix("9999-12-31 23:59:59") {
        let digits = fraction.strip_prefix('.').unwrap_or(fraction);
        let is_part = digits.chars().all(|c| c.is_ascii_digit()) && (fraction.is_empty() || digits != fraction);
        let is_later = digits.contains(|c: char| c != '0');
        return is_part.then_some([if is_later { 1.0 } else { 0.0 }, 1.0]);
    }
    let clock = FIRST_DAYS.iter().find_map(|day| text.strip_prefix(day))?;
    clock.chars().all(|c| "0:. ".contains(c)).then_some([-1.0, 0.0])
}

fn signed_infinity(text: &str) -> f64 {
    if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }
}

/// NULL if an operand is, and not computed if one is not.
pub(super) fn strict(operands: &[Value]) -> Value {
    if operands.contains(&Value::Fails) {
        Value::Fails
    } else if operands.contains(&Value::Null) {
        Value::Null
    } else if operands.contains(&Value::Unknown) {
        Value::Unknown
    } else {
        Value::NotNull
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::up_to_it("9999-12-31 23:59:59", "<=", Some(true))]
    #[case::before_it("9999-12-31 23:59:59", "<", None)]
    #[case::before_its_end("9999-12-31 23:59:59.9", "<", Some(true))]
    #[case::after_its_beginning("9999-12-31 23:59:59.0", ">", Some(false))]
    #[case::an_earlier_one("9999-12-30 23:59:59", "<=", None)]
    #[case::no_time("9999-12-31 23:59:59x", "<=", None)]
    #[case::from_the_first_day("1000-01-01", ">=", Some(true))]
    #[case::after_the_first_day("0000-00-00 00:00:00", ">", None)]
    #[case::before_the_first_day("1000-01-01", "<", Some(false))]
    #[case::from_another_day("1000-01-02", ">=", None)]
    fn a_time_and_the_ends_of_those_of_mariadb(
        #[case] end: &str,
        #[case] operator: &str,
        #[case] expected: Option<bool>,
    ) {
        let compare = |one: f64, other: f64| match operator {
            "<" => one < other,
            "<=" => one <= other,
            ">=" => one >= other,
            _ => one > other,
        };
        let end = Value::Text(end.to_owned());
        assert_eq!(ordered(&Value::Time, &end, Dialect::MariaDb, compare), expected);
        assert_eq!(ordered(&end, &Value::Time, Dialect::MariaDb, |end, time| compare(time, end)), expected);
        assert_eq!(ordered(&Value::Time, &end, Dialect::Postgres, compare), None);
    }
}
