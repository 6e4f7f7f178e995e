use rstest::rstest;

use super::*;

/// `'text' "quoted" b:bits 1 word +`, one after the other.
fn told(text: &str, dialect: Dialect) -> Option<String> {
    let told = tokens(text, dialect)?.into_iter().map(|token| match token {
        Token::Text(text) => format!("'{text}'"),
        Token::Prefixed(prefix, text) => format!("{prefix}:{text}"),
        Token::Quoted(name) => format!("\"{name}\""),
        Token::Number(text) | Token::Word(text) | Token::Symbol(text) => text,
    });
    Some(told.collect::<Vec<_>>().join(" "))
}

#[rstest]
#[case::capitals("NOT Status", "not status")]
#[case::a_name_with_digits("a1_$", "a1_$")]
#[case::a_name_that_begins_with_a_line("_a", "_a")]
#[case::other_letters("größe", "größe")]
#[case::a_quoted_name("\"Status\"", "\"Status\"")]
#[case::a_quote_in_a_name("\"a\"\"b\"", "\"a\"b\"")]
#[case::a_qualified_name("public.f(1)", "public . f ( 1 )")]
#[case::a_number("10+2", "10 + 2")]
#[case::a_fraction("1.50", "1.50")]
#[case::a_fraction_of_one(".5", ".5")]
#[case::a_large_number("1E+10", "1e+10")]
#[case::a_small_number("1e-10-1", "1e-10 - 1")]
#[case::a_difference("1-1", "1 - 1")]
#[case::a_text("'it''s'", "'it's'")]
#[case::a_plain_backslash(r"'a\n'", r"'a\n'")]
#[case::texts_side_by_side("'a' 'b'", "'ab'")]
#[case::a_type_before_a_text("date'2020'", "date '2020'")]
#[case::bits("B'10'", "b:10")]
#[case::hexadecimal_digits("x'1F'", "x:1F")]
#[case::a_national_text("N'a'", "'a'")]
#[case::no_character_set("_utf8'a'", "_utf8 'a'")]
#[case::escapes(r"E'\b\f\n\r\t\\'", "'\u{8}\u{c}\n\r\t\\'")]
#[case::octal_digits(r"E'\101\61\1012\0'", "'A1A2\0'")]
#[case::an_escaped_quote(r"E'\''", "'''")]
#[case::another_escaped_letter(r"E'\Z'", "'Z'")]
#[case::long_symbols("a->>b !~~* c::d<=>e", "a ->> b !~~* c :: d <=> e")]
fn postgres_reads(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(told(text, Dialect::Postgres).as_deref(), Some(expected));
}

#[rstest]
#[case::a_text_in_other_quotes("\"Status\"", "'status'")]
#[case::a_name_in_capitals("`Status`", "\"status\"")]
#[case::a_character_set("_utf8mb4'a'", "'a'")]
#[case::a_type("date'2020'", "date '2020'")]
#[case::escapes(r"'\0\b\n\r\t\Z\\'", "'\0\u{8}\n\r\t\u{1a}\\'")]
#[case::an_escaped_quote(r"'\''", "'''")]
#[case::another_escaped_letter(r"'\f\1'", "'f1'")]
fn mariadb_reads(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(told(text, Dialect::MariaDb).as_deref(), Some(expected));
}

#[rstest]
#[case::an_open_quote("'a")]
#[case::an_open_name("\"a")]
#[case::an_open_text_of_bits("b'1")]
#[case::a_parameter("?")]
#[case::an_octal_number_of_no_byte(r"E'\777'")]
fn nothing_is_read_of(#[case] text: &str) {
    assert_eq!(told(text, Dialect::Postgres), None);
}
