//! Constants of one type: a server writes back the value that it read, not the words.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::model::{LogicalType, Zone};

/// Whether a column of this kind stores the same for both constants; `None` if its words alone do not tell.
pub(super) fn same_literal(kind: &LogicalType, one: &str, other: &str) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    match kind {
        LogicalType::Boolean => both(one, other, boolean).or(Some(false)),
        LogicalType::Integer { .. } | LogicalType::Decimal(_) => both(one, other, number).or(Some(false)),
        LogicalType::Float { .. } => Some(same_float(one, other)),
        LogicalType::Timestamp { .. } | LogicalType::Time { .. } | LogicalType::Date => {
            both(one, other, |text| moment(text, kind))
        }
        LogicalType::Json | LogicalType::JsonBinary => {
            both(one, other, |text| serde_json::from_str::<Value>(text).ok())
        }
        LogicalType::Uuid => both(one, other, uuid),
        LogicalType::Blob(_) => both(one, other, bytes).or(Some(false)),
        LogicalType::Array(_) => both(one, other, elements),
        // They have many spellings each, and the server chooses one.
        LogicalType::Money | LogicalType::Interval => None,
        LogicalType::Named(name) if ["inet", "cidr", "macaddr", "macaddr8", "tsvector"].contains(&name.as_str()) => {
            None
        }
        LogicalType::Char(_) => Some(one.trim_end_matches(' ') == other.trim_end_matches(' ')),
        LogicalType::Varchar(_)
        | LogicalType::Text(_)
        | LogicalType::Binary(_)
        | LogicalType::Varbinary(_)
        | LogicalType::Bit(_)
        | LogicalType::BitVarying(_)
        | LogicalType::Year
        | LogicalType::Enum { .. }
        | LogicalType::Named(_)
        | LogicalType::Rust(_)
        | LogicalType::Unsupported => Some(false),
    }
}

/// `None` if one of them is not such a value.
fn both<T: PartialEq>(one: &str, other: &str, read: impl Fn(&str) -> Option<T>) -> Option<bool> {
    Some(read(one)? == read(other)?)
}

/// MariaDB's last digit of seventeen is not always the nearest.
fn same_float(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() <= 4.0 * f64::EPSILON * one.abs(),
        _ => false,
    }
}

/// The truth that a constant stands for.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Its sign, its digits without zeros at either end, and the power of ten that the last of them counts.
pub(super) fn number(text: &str) -> Option<(bool, String, i64)> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let power = exponent.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()?;
    let significant = digits.trim_end_matches('0');
    if significant.trim_start_matches('0').is_empty() {
        return Some((false, String::new(), 0));
    }
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    Some((is_negative, significant.trim_start_matches('0').to_owned(), power + zeros))
}

/// Nanoseconds since the year 1, or since midnight. What has no zone is in UTC, which is what sqlx sets for its connections.
fn moment(text: &str, kind: &LogicalType) -> Option<i128> {
    const DAY: i128 = 86_400_000_000_000;
    let (day, rest) = if matches!(kind, LogicalType::Time { .. }) {
        (0, text)
    } else {
        let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
        (days(date)?, rest)
    };
    let (clock, zone) = rest.find(['+', '-', 'Z']).map_or((rest, ""), |position| rest.split_at(position));
    let has_zone =
        matches!(kind, LogicalType::Timestamp { zone: Zone::With, .. } | LogicalType::Time { zone: Zone::With, .. });
    let offset = match zone.strip_prefix(['+', '-']) {
        Some(offset) if zone.starts_with('-') => -nanoseconds(offset)?,
        Some(offset) => nanoseconds(offset)?,
        None => 0,
    };
    let clock = if clock.trim().is_empty() { 0 } else { nanoseconds(clock.trim())? };
    Some(day * DAY + clock - if has_zone { offset } else { 0 })
}

/// Of `12:34:56.789`; all but the hours may be left out.
fn nanoseconds(clock: &str) -> Option<i128> {
    let mut parts = clock.split(':');
    let hours: i128 = parts.next()?.parse().ok()?;
    let minutes: i128 = parts.next().unwrap_or("0").parse().ok()?;
    let seconds = parts.next().unwrap_or("0");
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let seconds: i128 = seconds.parse().ok()?;
    let fraction: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    parts.next().is_none().then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + fraction)
}

/// Days since the year 1, of `2020-12-31`.
fn days(date: &str) -> Option<i128> {
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    NaiveDate::from_ymd_opt(year, month, day).map(|date| i128::from(date.num_days_from_ce()))
}

fn uuid(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !"-{}".contains(*c)).collect();
    (digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit())).then(|| digits.to_lowercase())
}

/// PostgreSQL writes `\x6869` for `hi`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(digits) => {
            let pairs = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok());
            pairs.collect()
        }
        None => Some(text.as_bytes().to_vec()),
    }
}

/// Those of PostgreSQL's `{1,"two words",NULL}`; not of an array in an array.
fn elements(text: &str) -> Option<Vec<Option<String>>> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut elements = vec![(String::new(), false)];
    let mut is_quoted = false;
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        let (element, was_quoted) = elements.last_mut()?;
        match character {
            '\\' => element.push(characters.next()?),
            '"' => {
                is_quoted = !is_quoted;
                *was_quoted = true;
            }
            ',' if !is_quoted => elements.push((String::new(), false)),
            '{' | '}' if !is_quoted => return None,
            blank if blank.is_whitespace() && !is_quoted => {}
            other => element.push(other),
        }
    }
    let is_null = |(text, was_quoted): &(String, bool)| !was_quoted && text.eq_ignore_ascii_case("null");
    Some(elements.into_iter().map(|element| (!is_null(&element)).then_some(element.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Dialect, normalise::column_type};
    use rstest::rstest;

    #[rstest]
    #[case::zeros("numeric(10,3)", "1.5", "1.500")]
    #[case::an_exponent("double precision", "1e300", "1.0E+300")]
    #[case::no_exponent("numeric", "1e3", "1000")]
    #[case::no_sign_of_zero("integer", "0", "-0.0")]
    #[case::a_midnight("timestamp", "2020-02-29", "2020-02-29 00:00:00")]
    #[case::a_letter_between("timestamp", "2020-02-29T01:02:03.5", "2020-02-29 01:02:03.500000")]
    #[case::a_zone("timestamptz", "2020-03-01 01:30:00+02", "2020-02-29 23:30:00+00")]
    #[case::no_seconds("time", "12:30", "12:30:00")]
    #[case::capitals("uuid", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b8109dad11d180b400c04fd430c8")]
    #[case::json("jsonb", r#"{"b":1,"a":[true]}"#, r#"{"a": [true], "b": 1}"#)]
    #[case::bytes("bytea", "hi", r"\x6869")]
    #[case::elements("integer[]", "{1, 2}", "{1,2}")]
    #[case::quoted_elements("text[]", r#"{"a","b c"}"#, r#"{a,"b c"}"#)]
    #[case::nulls("text[]", "{null}", "{NULL}")]
    #[case::words("boolean", "yes", "true")]
    #[case::padding("char(5)", "a", "a    ")]
    #[case::the_last_digit_of_a_float("double precision", "1e300", "1.0000000000000002e300")]
    #[case::a_zone_in_the_west("timestamptz", "2020-02-29 20:30:00-03", "2020-02-29 23:30:00+00")]
    #[case::a_zone_of_half_an_hour("timestamptz", "2020-03-01 05:00:00+05:30", "2020-02-29 23:30:00+00")]
    #[case::a_zone_of_seconds("timestamptz", "1900-01-01 00:20:02+00:19:32", "1900-01-01 00:00:30+00")]
    #[case::a_leap_day("timestamptz", "2100-03-01 00:30:00+01", "2100-02-28 23:30:00+00")]
    #[case::other_words("boolean", "off", "0")]
    #[case::quoted_commas("text[]", r#"{"a,b",c}"#, r#"{"a,b","c"}"#)]
    #[case::quoted_braces("text[]", r#"{"{}",a}"#, r#"{"{}","a"}"#)]
    #[case::escaped_quotes("text[]", r#"{"a\"b"}"#, r#"{a\"b}"#)]
    #[case::a_sign("integer", "+5", "5")]
    #[case::a_negative_number("numeric", "-0.50", "-.5")]
    #[case::zeros_in_front("integer", "007", "7")]
    #[case::a_small_number("numeric", "5e-3", "0.005")]
    #[case::a_clock_with_a_zone("timetz", "12:00+02", "10:00:00+00")]
    #[case::a_clock_without_a_zone("time", "12:00+02", "12:00:00")]
    #[case::universal_time("timestamptz", "2020-01-01T00:00:00Z", "2020-01-01 00:00:00+00")]
    #[case::braces_around_a_uuid("uuid", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "6ba7b8109dad11d180b400c04fd430c8")]
    #[case::a_float_with_its_sign("double precision", "-1.5", "-15e-1")]
    fn one_value_has_many_spellings(#[case] ty: &str, #[case] one: &str, #[case] other: &str) {
        let kind = column_type(ty, Dialect::Postgres).kind;
        assert_eq!(same_literal(&kind, one, other), Some(true));
    }

    #[rstest]
    #[case::beyond_what_a_float_tells_apart("bigint", "9007199254740993", "9007199254740992")]
    #[case::text_is_compared_by_its_letters("text", "1.5", "1.50")]
    #[case::another_second("timestamp", "2020-01-01", "2020-01-01 00:00:01")]
    #[case::another_zone("timestamptz", "2020-01-01 00:00:00", "2020-01-01 00:00:00+02")]
    #[case::null_and_its_word("text[]", "{NULL}", r#"{"NULL"}"#)]
    #[case::no_number("integer", "1", "one")]
    #[case::no_digits("integer", "0", "-")]
    #[case::another_float("double precision", "1.5", "1.5001")]
    #[case::no_float("double precision", "1.5", "many")]
    #[case::another_truth("boolean", "t", "f")]
    #[case::a_comma_in_quotes("text[]", r#"{"a,b"}"#, "{a,b}")]
    #[case::a_blank_in_quotes("text[]", r#"{"a b"}"#, "{ab}")]
    #[case::another_element("integer[]", "{1,2}", "{1,3}")]
    #[case::other_bytes("bytea", "hi", r"\x6868")]
    #[case::a_type_of_an_extension("citext", "a", "b")]
    #[case::another_sign("integer", "-1", "1")]
    #[case::ten_times_as_much("numeric", "10", "1")]
    #[case::a_tenth("numeric", "0.1", "1")]
    #[case::another_hour("time", "12:30", "13:30")]
    #[case::another_minute("time", "12:30", "12:31")]
    #[case::a_part_of_a_second("timestamp", "2020-01-01 00:00:00.5", "2020-01-01 00:00:00.05")]
    #[case::another_day("date", "2020-01-01", "2020-01-02")]
    #[case::another_month("date", "2020-01-01", "2020-02-01")]
    #[case::another_year("date", "2020-01-01", "2021-01-01")]
    #[case::another_uuid("uuid", "6ba7b8109dad11d180b400c04fd430c8", "6ba7b8109dad11d180b400c04fd430c9")]
    #[case::bytes_that_are_none("bytea", r"\x6", r"\x06")]
    #[case::fewer_elements("integer[]", "{1}", "{1,1}")]
    #[case::a_blank_in_front("char(5)", " a", "a")]
    #[case::a_blank_in_a_text("varchar(5)", "a ", "a")]
    fn two_values_are_two(#[case] ty: &str, #[case] one: &str, #[case] other: &str) {
        let kind = column_type(ty, Dialect::Postgres).kind;
        assert_eq!(same_literal(&kind, one, other), Some(false));
    }

    #[rstest]
    #[case::which_the_server_reads_by_the_clock("timestamp", "tomorrow", "2020-01-01 00:00:00")]
    #[case::which_the_server_writes_in_its_own_way("interval", "24 hours", "24:00:00")]
    #[case::which_is_an_address("inet", "10.0.0.1", "10.0.0.1/32")]
    #[case::which_is_no_uuid("uuid", "6ba7", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")]
    #[case::which_has_other_letters("uuid", "6ba7b8109dad11d180b400c04fd430cX", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")]
    #[case::which_is_no_day("date", "2020-02-30", "2020-03-01")]
    #[case::which_is_a_list_of_lists("integer[]", "{{1},{2}}", "{{1}, {2}}")]
    fn what_the_words_do_not_tell_is_left_open(#[case] ty: &str, #[case] one: &str, #[case] other: &str) {
        let kind = column_type(ty, Dialect::Postgres).kind;
        assert_eq!(same_literal(&kind, one, other), None);
    }
}
