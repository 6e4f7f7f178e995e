//! Defaults: one meaning for the many spellings of a constant and of the current time.

use super::{
    column_type::column_type,
    expression::{Expression, StoredValue, evaluate, is_infinity, shortest, span},
    literal::{number, same_literal},
};
use crate::model::{Column, ColumnType, DefaultValue, Dialect, LogicalType, Sign};

/// What the text of a default means; `None` for NULL, which is what a column without a default stores.
pub(crate) fn default_value(text: &str, dialect: Dialect) -> Option<DefaultValue> {
    let text = without_parentheses(text.trim());
    if let (Dialect::Sqlite, Some(text)) = (dialect, text_without_quotes(text)) {
        return Some(DefaultValue::Literal(text));
    }
    let Some(expression) = Expression::parse(text, dialect) else {
        return Some(DefaultValue::Expression(text.to_owned()));
    };
    match constant(&expression, dialect) {
        Some(Constant::Null) => None,
        Some(Constant::Value(value)) => Some(DefaultValue::Literal(value)),
        None if is_current_timestamp(&expression) => Some(DefaultValue::CurrentTimestamp),
        None => Some(DefaultValue::Expression(text.to_owned())),
    }
}

enum Constant {
    Null,
    Value(String),
}

/// A constant keeps its value in a cast, and only in one without a length or precision.
fn constant(expression: &Expression, dialect: Dialect) -> Option<Constant> {
    match expression {
        Expression::Text(text) => Some(Constant::Value(text.clone())),
        Expression::Number(text) => number(text).is_some().then(|| Constant::Value(text.clone())),
        Expression::Name(name) if name == "null" => Some(Constant::Null),
        Expression::Name(name) if ["true", "false"].contains(&name.as_str()) => Some(Constant::Value(name.clone())),
        Expression::Prefixed(prefix, bits) if prefix == "b" && dialect == Dialect::Postgres => {
            Some(Constant::Value(bits.clone()))
        }
        Expression::Cast(operand, ty) if dialect == Dialect::Postgres && (!ty.contains('(') || keeps(operand, ty)) => {
            constant(operand, dialect)
        }
        Expression::Cast(operand, _) if matches!(constant(operand, dialect), Some(Constant::Null)) => {
            Some(Constant::Null)
        }
        Expression::Name(_)
        | Expression::Call(..)
        | Expression::Prefixed(..)
        | Expression::Array(_)
        | Expression::Negation(_)
        | Expression::Operation(..)
        | Expression::Cast(..) => None,
    }
}

/// With or without digits of a second.
fn is_current_timestamp(expression: &Expression) -> bool {
    let is_now = |name: &str| ["current_timestamp", "localtimestamp"].contains(&name);
    if let Expression::Call(name, arguments) = expression {
        return is_now(name) && matches!(arguments.as_slice(), [Expression::Number(_)]);
    }
    matches!(expression, Expression::Name(name) if is_now(name))
}

/// <https://www.sqlite.org/quirks.html>: double quotes and bare words make a text, too.
fn text_without_quotes(text: &str) -> Option<String> {
    const KEYWORDS: [&str; 6] = ["null", "true", "false", "current_timestamp", "current_date", "current_time"];
    if let Some(inside) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let halves = inside.replace("\"\"", "");
        return (!halves.contains('"')).then(|| inside.replace("\"\"", "\""));
    }
    let is_word = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !KEYWORDS.iter().any(|keyword| text.eq_ignore_ascii_case(keyword));
    is_word.then(|| text.to_owned())
}

/// Whether two defaults of one column store the same; `None` if their texts alone cannot tell.
pub(crate) fn same_default(declared: &Column, live: &Column, dialect: Dialect) -> Option<bool> {
    use DefaultValue::{CurrentTimestamp, Expression, Literal};
    match (&declared.default, &live.default) {
        (Some(Literal(one)), Some(Literal(other))) if one != other && is_unprintable(one, other, dialect) => None,
        (Some(Literal(one)), Some(Literal(other)))
            if dialect == Dialect::Sqlite && is_kept_as_text(&declared.ty.kind) =>
        {
            Some(one == other)
        }
        (Some(Literal(one)), Some(Literal(other))) => {
            let [one, other] =
                [one, other].map(|value| if dialect == Dialect::Sqlite { number_of(value) } else { value });
            same_literal(&declared.ty.kind, one, other)
        }
        (Some(Expression(one)), Some(Expression(other))) => same_expression(one, other, dialect).then_some(true),
        (Some(Expression(text)), Some(Literal(value))) | (Some(Literal(value)), Some(Expression(text))) => {
            if let StoredValue::Constant(computed) = evaluate(text, dialect, |_| None) {
                same_literal(&declared.ty.kind, value, &computed)
            } else {
                None
            }
        }
        (Some(Expression(_)), Some(CurrentTimestamp)) => None,
        (Some(CurrentTimestamp), Some(Expression(_))) => None,
        // NULL, unless the session has the setting.
        (None, Some(Expression(text))) if is_optional_setting(text, dialect) => None,
        (one, other) => Some(one == other),
    }
}

/// PostgreSQL's `current_setting('app.user', true)`, in casts and `nullif`.
fn is_optional_setting(text: &str, dialect: Dialect) -> bool {
    fn is_optional(expression: &Expression) -> bool {
        match expression {
            Expression::Cast(operand, _) => is_optional(operand),
            Expression::Call(name, arguments) if name == "nullif" => arguments.first().is_some_and(is_optional),
            Expression::Call(name, arguments) if name == "current_setting" => {
                matches!(arguments.as_slice(), [_, Expression::Name(missing)] if missing == "true")
            }
            Expression::Text(_)
            | Expression::Number(_)
            | Expression::Name(_)
            | Expression::Call(..)
            | Expression::Prefixed(..)
            | Expression::Array(_)
            | Expression::Negation(_)
            | Expression::Operation(..) => false,
        }
    }
    dialect == Dialect::Postgres && Expression::parse(text, dialect).is_some_and(|expression| is_optional(&expression))
}

/// <https://www.sqlite.org/datatype3.html#boolean_datatype>: SQLite stores truth as a number.
fn number_of(value: &str) -> &str {
    match value {
        "true" => "1",
        "false" => "0",
        other => other,
    }
}

/// Whether inserts that omit the column fail because it does not accept its own default. PostgreSQL does not try it.
pub(crate) fn rejects_own_default(live: &Column, dialect: Dialect) -> bool {
    if let (Some(DefaultValue::Expression(text)), LogicalType::Char(length) | LogicalType::Varchar(Some(length))) =
        (&live.default, &live.ty.kind)
    {
        return u32::try_from(shortest(text, dialect)).is_ok_and(|shortest| shortest > *length);
    }
    if let Some(DefaultValue::Expression(text)) = &live.default {
        return always_exceeds_integer(text, &live.ty.kind, dialect);
    }
    live.default.as_ref().is_some_and(|default| exceeds_type(default, &live.ty.kind))
}

/// Whether a column of this type rejects the constant for its size. SQLite's types have none.
pub(crate) fn exceeds_type(default: &DefaultValue, kind: &LogicalType) -> bool {
    let DefaultValue::Literal(value) = default else { return false };
    if let LogicalType::Char(length) | LogicalType::Varchar(Some(length)) = kind {
        // Blanks beyond the end are cut.
        let value = value.trim_end_matches(' ');
        return u32::try_from(value.chars().count()).is_ok_and(|count| count > *length);
    }
    if let LogicalType::Integer { bits, sign } = kind {
        let (least, largest) = ends(*bits, *sign);
        return value.parse::<i128>().is_ok_and(|number| number < least || number > largest);
    }
    if let LogicalType::Decimal(Some((precision, scale))) = kind {
        let whole = i32::try_from(precision.saturating_sub(*scale)).unwrap_or(i32::MAX);
        return value.parse::<f64>().is_ok_and(|number| number.abs() >= 10_f64.powi(whole));
    }
    false
}

/// The least and the largest number of so many bits.
fn ends(bits: u8, sign: Sign) -> (i128, i128) {
    match sign {
        Sign::Signed => (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1),
        Sign::Unsigned => (0, (1_i128 << bits) - 1),
    }
}

/// Whether every number that the expression yields is too large or too small for an integer of this type: milliseconds since 1970 in
/// 32 bits.
#[expect(clippy::cast_precision_loss, reason = "compared with what is far from it")]
pub(crate) fn always_exceeds_integer(text: &str, kind: &LogicalType, dialect: Dialect) -> bool {
    let LogicalType::Integer { bits, sign } = kind else { return false };
    let (least, largest) = ends(*bits, *sign);
    span(text, dialect).is_some_and(|(from, to)| from > largest as f64 || to < least as f64)
}

/// Whether PostgreSQL's cast to a `varchar` of a length leaves the text as it is.
fn keeps(operand: &Expression, ty: &str) -> bool {
    let (Expression::Text(text), LogicalType::Varchar(Some(length))) =
        (operand, column_type(ty, Dialect::Postgres).kind)
    else {
        return false;
    };
    u32::try_from(text.chars().count()).is_ok_and(|count| count <= length)
}

/// Whether a field of this type cannot hold the constant that SQLite, which takes any value, stores as it is.
#[expect(clippy::wildcard_enum_match_arm, reason = "a text or bytes hold anything, and of the others it is not known")]
pub(crate) fn stores_unreadable_value(value: &str, field: &LogicalType) -> bool {
    let is_number = value.trim().parse::<f64>().is_ok();
    let is_truth = ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
    match field {
        LogicalType::Integer { .. } | LogicalType::Boolean => {
            let is_whole = value.trim().parse::<f64>().is_ok_and(|number| number.fract() == 0.0);
            !is_truth && (!is_whole || exceeds_type(&DefaultValue::Literal(value.to_owned()), field))
        }
        LogicalType::Float { .. } | LogicalType::Decimal(_) | LogicalType::Money => !is_truth && !is_number,
        LogicalType::Date | LogicalType::Time { .. } | LogicalType::Timestamp { .. } => {
            !value.contains(|c: char| c.is_ascii_digit()) || is_no_day(value)
        }
        LogicalType::Json | LogicalType::JsonBinary => {
            !is_number && serde_json::from_str::<serde::de::IgnoredAny>(value).is_err()
        }
        _ => false,
    }
}

/// Whether a text that looks like a day is none: `0000-00-00`.
fn is_no_day(value: &str) -> bool {
    let Some(day) = value.get(..10) else { return false };
    let looks_like_one = day
        .char_indices()
        .all(|(at, letter)| if [4, 7].contains(&at) { letter == '-' } else { letter.is_ascii_digit() });
    looks_like_one && day.parse::<chrono::NaiveDate>().is_err()
}

/// Whether no field can hold the time: PostgreSQL's `infinity`.
pub(crate) fn is_unreadable_time(value: &str, kind: &LogicalType, dialect: Dialect) -> bool {
    dialect == Dialect::Postgres
        && matches!(kind, LogicalType::Date | LogicalType::Timestamp { .. })
        && is_infinity(value)
}

/// Whether a field of this type cannot hold the text that a function of SQLite which tells the time stores in `column`.
#[expect(clippy::wildcard_enum_match_arm, reason = "a text holds anything, and of the others it is not known")]
pub(crate) fn stores_unreadable_time(text: &str, column: &ColumnType, field: &LogicalType) -> bool {
    let Some(told) = Expression::parse(text, Dialect::Sqlite).and_then(|expression| told(&expression)) else {
        return false;
    };
    // <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>: others may keep a number.
    let affinity = column.text.to_uppercase();
    let is_text = !affinity.contains("INT") && ["CHAR", "CLOB", "TEXT"].iter().any(|word| affinity.contains(word));
    match field {
        _ if told == Told::Number && !is_text => false,
        LogicalType::Timestamp { .. } => told != Told::Both,
        LogicalType::Date => told != Told::Day,
        LogicalType::Time { .. } => told != Told::Clock,
        LogicalType::Integer { .. } | LogicalType::Float { .. } => told != Told::Number,
        _ => false,
    }
}

/// What a function that tells the time returns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Day,
    Clock,
    Both,
    /// Of seconds, or of days.
    Number,
}

/// <https://www.sqlite.org/lang_datefunc.html>
#[expect(clippy::wildcard_enum_match_arm, reason = "all else tells no time, or it is not known what")]
fn told(expression: &Expression) -> Option<Told> {
    let (name, arguments) = match expression {
        Expression::Name(name) => (name, &[][..]),
        Expression::Call(name, arguments) => (name, arguments.as_slice()),
        _ => return None,
    };
    match (name.as_str(), arguments) {
        ("current_date" | "date", _) => Some(Told::Day),
        ("current_time" | "time", _) => Some(Told::Clock),
        ("current_timestamp" | "datetime", _) => Some(Told::Both),
        ("julianday" | "unixepoch", _) => Some(Told::Number),
        ("strftime", [Expression::Text(format), ..]) => {
            let has = |letters: [&str; 2]| letters.iter().any(|letter| format.contains(letter));
            match (has(["%Y", "%F"]), has(["%H", "%T"])) {
                (true, true) => Some(Told::Both),
                (true, false) => Some(Told::Day),
                (false, true) => Some(Told::Clock),
                (false, false) => ["%s", "%J"].contains(&format.as_str()).then_some(Told::Number),
            }
        }
        _ => None,
    }
}

/// Whether the catalogue of MySQL and MariaDB, which prints defaults in three bytes for each character, printed `?` for
/// what takes four.
fn is_unprintable(declared: &str, live: &str, dialect: Dialect) -> bool {
    let printed = |c: char| if c.len_utf8() > 3 { '?' } else { c };
    matches!(dialect, Dialect::MySql | Dialect::MariaDb) && declared.chars().map(printed).eq(live.chars())
}

/// SQLite has no dates, no JSON and no UUIDs, only the texts.
fn is_kept_as_text(kind: &LogicalType) -> bool {
    !matches!(
        kind,
        LogicalType::Boolean
            | LogicalType::Integer { .. }
            | LogicalType::Float { .. }
            | LogicalType::Decimal(_)
            | LogicalType::Money
    )
}

/// SQLite keeps the words as they were typed; the others write what they understood.
pub(crate) fn same_expression(declared: &str, live: &str, dialect: Dialect) -> bool {
    let parsed = |text| Expression::parse(text, dialect).filter(|_| dialect != Dialect::Sqlite);
    match (parsed(declared), parsed(live)) {
        (Some(declared), Some(live)) => live.is_of(&declared, dialect),
        _ => words(declared) == words(live),
    }
}

/// Case and blanks are the server's to choose, except inside quotes.
fn words(text: &str) -> String {
    let mut is_quoted = false;
    let mut words = String::new();
    for character in text.chars() {
        is_quoted ^= character == '\'';
        match character {
            _ if is_quoted => words.push(character),
            blank if blank.is_whitespace() => {}
            other => words.extend(other.to_lowercase()),
        }
    }
    words
}

fn without_parentheses(text: &str) -> &str {
    match text.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')) {
        Some(inside) if ends_where_it_began(inside) => without_parentheses(inside.trim()),
        _ => text,
    }
}

/// Whether parentheses in `inside` pair up without reaching outside.
fn ends_where_it_began(inside: &str) -> bool {
    let mut depth = 0_i32;
    let mut is_quoted = false;
    inside.chars().all(|character| {
        is_quoted ^= character == '\'';
        depth += i32::from(!is_quoted && character == '(') - i32::from(!is_quoted && character == ')');
        depth >= 0
    }) && depth == 0
}

#[cfg(test)]
mod tests;
