//! Defaults: one meaning for the many spellings of a constant and of the current time.

use crate::model::{Column, DefaultValue, Dialect, Kind};

/// What the text of a default means; `None` for NULL, which is what a column without a default stores.
pub(crate) fn default_value(text: &str, dialect: Dialect) -> Option<DefaultValue> {
    let text = bare(text);
    if let Some(literal) = literal(text, dialect) {
        return Some(DefaultValue::Literal(literal));
    }
    let spelling = text.to_lowercase();
    let (name, arguments) = spelling.split_once('(').unwrap_or((&spelling, ""));
    let has_digits_only = arguments.trim_end_matches(')').chars().all(|digit| digit.is_ascii_digit());
    match name.trim() {
        "null" => None,
        "now" | "current_timestamp" | "localtimestamp" | "transaction_timestamp" if has_digits_only => {
            Some(DefaultValue::CurrentTimestamp)
        }
        _ => Some(DefaultValue::Expression(text.to_owned())),
    }
}

/// Whether two defaults of one column store the same; `None` where their texts alone cannot tell.
pub(crate) fn same_default(declared: &Column, live: &Column) -> Option<bool> {
    use DefaultValue::{CurrentTimestamp, Expression, Literal};
    match (&declared.default, &live.default) {
        (Some(Literal(one)), Some(Literal(other))) => Some(same_literal(&declared.ty.kind, one, other)),
        (Some(Expression(one)), Some(Expression(other))) => (words(one) == words(other)).then_some(true),
        (Some(Expression(_)), Some(Literal(_) | CurrentTimestamp)) => None,
        (Some(Literal(_) | CurrentTimestamp), Some(Expression(_))) => None,
        (one, other) => Some(one == other),
    }
}

fn same_literal(kind: &Kind, one: &str, other: &str) -> bool {
    let is_number = matches!(kind, Kind::Integer { .. } | Kind::Float { .. } | Kind::Decimal(_) | Kind::Money);
    if *kind == Kind::Boolean && boolean(one).is_some() {
        boolean(one) == boolean(other)
    } else if let (true, Ok(one), Ok(other)) = (is_number, one.parse::<f64>(), other.parse::<f64>()) {
        one.total_cmp(&other).is_eq()
    } else {
        one == other
    }
}

/// The truth that a constant stands for.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
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

/// Without the parentheses around it and PostgreSQL's casts behind it.
fn bare(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let stripped = without_parentheses(without_cast(text)).trim();
        if stripped.len() == text.len() {
            return text;
        }
        text = stripped;
    }
}

fn without_parentheses(text: &str) -> &str {
    match text.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')) {
        Some(inside) if ends_where_it_began(inside) => inside,
        _ => text,
    }
}

/// Whether parentheses in `inside` pair up without reaching outside.
fn ends_where_it_began(inside: &str) -> bool {
    let mut depth = 0_i32;
    outside_quotes(inside).all(|(_, character)| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        depth >= 0
    }) && depth == 0
}

/// Only a constant keeps its value in a cast, and only in one without a length or precision.
fn without_cast(text: &str) -> &str {
    let mut depth = 0_i32;
    let mut last = None;
    for (position, character) in outside_quotes(text) {
        depth += i32::from(character == '(') - i32::from(character == ')');
        if depth == 0 && text[position..].starts_with("::") {
            last = Some(position);
        }
    }
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_ \".[]".contains(c));
    match last.map(|position| text.split_at(position)) {
        Some((value, cast)) if is_name(&cast[2..]) && is_constant(bare(value)) => value,
        _ => text,
    }
}

fn is_constant(text: &str) -> bool {
    // Its closing quote is the last character: nothing is done to it.
    let is_text = text.trim_start_matches(['E', 'e']).starts_with('\'')
        && text.ends_with('\'')
        && !outside_quotes(text.trim_start_matches(['E', 'e'])).any(|(_, character)| character != '\'');
    is_text || text.parse::<f64>().is_ok() || ["null", "true", "false"].contains(&text.to_lowercase().as_str())
}

fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quoted = false;
    text.char_indices().filter(move |(_, character)| {
        quoted ^= *character == '\'';
        !quoted
    })
}

fn literal(text: &str, dialect: Dialect) -> Option<String> {
    let escaped = text.strip_prefix(['E', 'e']).filter(|rest| rest.starts_with('\''));
    let quoted = escaped.unwrap_or(text).strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if let Some(inside) = quoted {
        let has_escapes = escaped.is_some() || matches!(dialect, Dialect::MySql | Dialect::MariaDb);
        return Some(unquoted(inside, has_escapes));
    }
    if dialect == Dialect::Sqlite {
        // <https://www.sqlite.org/quirks.html>: double quotes and bare words make a text, too.
        let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let is_word = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || c == '_');
        let is_keyword = ["null", "true", "false", "current_timestamp", "current_date", "current_time"]
            .iter()
            .any(|keyword| text.eq_ignore_ascii_case(keyword));
        if quoted.is_some() || (is_word && !is_keyword) {
            return Some(quoted.unwrap_or(text).to_owned());
        }
    }
    let constant =
        text.parse::<f64>().is_ok() || text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    constant.then(|| text.to_lowercase())
}

/// A doubled quote stands for one; where backslashes escape, one takes the next character as it is.
fn unquoted(inside: &str, has_escapes: bool) -> String {
    let mut value = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if has_escapes => value.extend(characters.next().map(|escaped| match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            })),
            '\'' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::postgres_text("'inbound'::character varying", "inbound")]
    #[case::postgres_negative("'-1'::integer", "-1")]
    #[case::postgres_negative_in_parentheses("(-1)", "-1")]
    #[case::mariadb_text("'inbound'", "inbound")]
    #[case::plain_number("0", "0")]
    #[case::a_cast_inside_the_text("'a::b'::text", "a::b")]
    #[case::a_doubled_quote("'it''s'::text", "it's")]
    #[case::a_backslash(r"E'a\\b'::text", r"a\b")]
    #[case::a_keyword("TRUE", "true")]
    fn constants_lose_their_dress(#[case] text: &str, #[case] value: &str) {
        assert_eq!(default_value(text, Dialect::Postgres), Some(DefaultValue::Literal(value.to_owned())));
    }

    #[rstest]
    #[case("now()")]
    #[case("CURRENT_TIMESTAMP")]
    #[case("current_timestamp()")]
    #[case("CURRENT_TIMESTAMP(6)")]
    #[case("(CURRENT_TIMESTAMP)")]
    fn the_current_time_has_many_spellings(#[case] text: &str) {
        assert_eq!(default_value(text, Dialect::Postgres), Some(DefaultValue::CurrentTimestamp));
    }

    #[rstest]
    #[case("NULL")]
    #[case("NULL::character varying")]
    fn null_is_no_default(#[case] text: &str) {
        assert_eq!(default_value(text, Dialect::Postgres), None);
    }

    #[rstest]
    #[case::doubled_quotes(Dialect::Sqlite, "'it''s'", "it's")]
    #[case::backslashes_are_plain(Dialect::Sqlite, r"'a\b'", r"a\b")]
    #[case::backslashes_escape(Dialect::MariaDb, r"'it\'s a\\b'", r"it's a\b")]
    fn quotes_are_taken_off_as_the_dialect_puts_them_on(
        #[case] dialect: Dialect,
        #[case] text: &str,
        #[case] value: &str,
    ) {
        assert_eq!(default_value(text, dialect), Some(DefaultValue::Literal(value.to_owned())));
    }

    #[rstest]
    #[case::which_are_joined("'received'::text || '-x'::text")]
    #[case::which_is_cut("'received'::character varying(4)")]
    #[case::which_is_moved("(now() + '1 day'::interval)")]
    #[case::which_is_told_elsewhere("(now() AT TIME ZONE 'utc'::text)")]
    #[case::which_is_shortened("(now())::date")]
    fn what_is_done_to_a_value_is_not_a_cast(#[case] text: &str) {
        assert!(matches!(default_value(text, Dialect::Postgres), Some(DefaultValue::Expression(_))));
    }

    #[rstest]
    #[case(r#""received""#)]
    #[case("received")]
    fn sqlite_takes_other_quotes_and_bare_words(#[case] text: &str) {
        assert_eq!(default_value(text, Dialect::Sqlite), Some(DefaultValue::Literal("received".to_owned())));
    }

    #[test]
    fn other_expressions_keep_their_words() {
        let text = "gen_random_uuid()";
        assert_eq!(default_value(text, Dialect::Postgres), Some(DefaultValue::Expression(text.to_owned())));
    }
}
