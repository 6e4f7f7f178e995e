//! Defaults: one meaning for the many spellings of a constant and of the current time.

use crate::model::{Column, DefaultValue, Dialect, Kind};

/// What the text of a default means; `None` for NULL, which is what a column without a default stores.
pub(crate) fn default_value(text: &str, dialect: Dialect) -> Option<DefaultValue> {
    let text = bare(text);
    if let Some(literal) = literal(text, dialect) {
        return Some(DefaultValue::Literal(literal));
    }
    let spelling = text.to_lowercase();
    let name = spelling.split('(').next().unwrap_or_default().trim();
    match name {
        "null" => None,
        "now" | "current_timestamp" | "localtimestamp" | "transaction_timestamp" => {
            Some(DefaultValue::CurrentTimestamp)
        }
        _ => Some(DefaultValue::Expression(text.to_owned())),
    }
}

/// Whether two defaults of one column store the same; `None` where their texts alone cannot tell.
pub(crate) fn same_default(declared: &Column, live: &Column) -> Option<bool> {
    match (&declared.default, &live.default) {
        (Some(DefaultValue::Literal(one)), Some(DefaultValue::Literal(other))) => {
            Some(same_literal(&declared.ty.kind, one, other))
        }
        (Some(DefaultValue::Expression(one)), Some(DefaultValue::Expression(other))) => {
            (letters(one) == letters(other)).then_some(true)
        }
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

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// Letters only: case, blanks and parentheses are the server's to choose.
fn letters(text: &str) -> String {
    text.to_lowercase().chars().filter(|character| !character.is_whitespace() && !"()".contains(*character)).collect()
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

fn without_cast(text: &str) -> &str {
    let mut depth = 0_i32;
    let mut cast = None;
    for (position, character) in outside_quotes(text) {
        depth += i32::from(character == '(') - i32::from(character == ')');
        if depth == 0 && character == ':' && text[position..].starts_with("::") {
            cast = cast.or(Some(position));
        }
    }
    cast.map_or(text, |position| &text[..position])
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

    #[test]
    fn other_expressions_keep_their_words() {
        let text = "gen_random_uuid()";
        assert_eq!(default_value(text, Dialect::Postgres), Some(DefaultValue::Expression(text.to_owned())));
    }
}
