use super::*;
use crate::normalise::column_type;
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

/// Whether a field cannot hold what the function stores.
#[rstest]
#[case::a_day("date('now')", "text", [true, false, true])]
#[case::a_clock("CURRENT_TIME", "text", [true, true, true])]
#[case::a_point_in_time("datetime('now')", "text", [false, true, true])]
#[case::a_number_as_text("unixepoch()", "text", [true, true, false])]
#[case::a_number("unixepoch()", "timestamp", [false, false, false])]
#[case::a_number_in_a_text_of_digits("unixepoch()", "point_text", [false, false, false])]
#[case::a_year_of_a_format("strftime('%Y-%m', 'now')", "text", [true, false, true])]
#[case::a_day_of_a_format("strftime('%F', 'now')", "text", [true, false, true])]
#[case::an_hour_of_a_format("strftime('%H:%M', 'now')", "text", [true, true, true])]
#[case::a_clock_of_a_format("strftime('%T', 'now')", "text", [true, true, true])]
#[case::both_of_a_format("strftime('%F %T', 'now')", "text", [false, true, true])]
#[case::seconds_of_a_format("strftime('%s', 'now')", "text", [true, true, false])]
#[case::days_of_a_format("strftime('%J', 'now')", "text", [true, true, false])]
#[case::something_else_of_a_format("strftime('%s seconds', 'now')", "text", [false, false, false])]
#[case::days("julianday('now')", "varchar(20)", [true, true, false])]
#[case::another_function("lower('now')", "text", [false, false, false])]
#[case::what_cannot_be_parsed("CASE", "text", [false, false, false])]
fn a_function_that_tells_the_time_fits(#[case] text: &str, #[case] column: &str, #[case] expected: [bool; 3]) {
    let column = column_type(column, Dialect::Sqlite);
    let fields = ["timestamp", "date", "integer"].map(|ty| column_type(ty, Dialect::Postgres).kind);
    assert_eq!(fields.map(|field| stores_unreadable_time(text, &column, &field)), expected);
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
fn quotes_are_taken_off_as_the_dialect_puts_them_on(#[case] dialect: Dialect, #[case] text: &str, #[case] value: &str) {
    assert_eq!(default_value(text, dialect), Some(DefaultValue::Literal(value.to_owned())));
}

#[rstest]
#[case::on_sqlite("'a' || 'b'", Dialect::Sqlite)]
#[case::on_mariadb("'a' or 'b'", Dialect::MariaDb)]
#[case::beside_a_quote(r"'it\'s' or 'b'", Dialect::MariaDb)]
#[case::of_names(r#""a" || "b""#, Dialect::Sqlite)]
fn what_begins_and_ends_with_a_quote_may_be_more_than_one_constant(#[case] text: &str, #[case] dialect: Dialect) {
    assert_eq!(default_value(text, dialect), Some(DefaultValue::Expression(text.to_owned())));
}

#[rstest]
#[case::which_are_joined("'received'::text || '-x'::text")]
#[case::which_is_cut("'received'::character varying(4)")]
#[case::which_is_moved("(now() + '1 day'::interval)")]
#[case::which_is_told_elsewhere("(now() AT TIME ZONE 'utc'::text)")]
#[case::which_is_shortened("(now())::date")]
fn an_operation_on_a_value_is_not_a_cast(#[case] text: &str) {
    assert!(matches!(default_value(text, Dialect::Postgres), Some(DefaultValue::Expression(_))));
}

#[rstest]
#[case(r#""received""#)]
#[case("received")]
fn sqlite_takes_other_quotes_and_bare_words(#[case] text: &str) {
    assert_eq!(default_value(text, Dialect::Sqlite), Some(DefaultValue::Literal("received".to_owned())));
}

#[rstest]
#[case::a_server_that_knows_dates(Dialect::Postgres, Some(true))]
#[case::one_that_keeps_the_text(Dialect::Sqlite, Some(false))]
fn a_date_is_what_the_server_takes_it_for(#[case] dialect: Dialect, #[case] expected: Option<bool>) {
    let ty = column_type(if dialect == Dialect::Sqlite { "datetime_text" } else { "timestamp" }, dialect);
    let with = |text: &str| Column {
        default: Some(DefaultValue::Literal(text.to_owned())),
        ..Column::plain("seen_at", ty.clone())
    };
    assert_eq!(same_default(&with("2020-02-29"), &with("2020-02-29 00:00:00"), dialect), expected);
}

#[test]
fn what_the_catalogue_of_mariadb_cannot_print_is_left_open() {
    let ty = column_type("varchar(9)", Dialect::MariaDb);
    let with = |text: &str| Column {
        default: Some(DefaultValue::Literal(text.to_owned())),
        ..Column::plain("mood", ty.clone())
    };
    assert_eq!(same_default(&with("a\u{1f642}"), &with("a?"), Dialect::MariaDb), None);
    assert_eq!(same_default(&with("b\u{1f642}"), &with("a?"), Dialect::MariaDb), Some(false));
}

#[test]
fn other_expressions_keep_their_words() {
    let text = "gen_random_uuid()";
    assert_eq!(default_value(text, Dialect::Postgres), Some(DefaultValue::Expression(text.to_owned())));
}

#[rstest]
#[case::two_parts_in_parentheses(Dialect::Postgres, "(1) + (2)", "(1) + (2)")]
#[case::two_texts_in_parentheses(Dialect::Postgres, "('a') || ('b')", "('a') || ('b')")]
#[case::a_parenthesis_in_quotes(Dialect::Postgres, "(lower(')'))", "lower(')')")]
#[case::an_open_parenthesis_in_quotes(Dialect::Postgres, "((lower('(')))", "lower('(')")]
#[case::bits_of_mariadb(Dialect::MariaDb, "b'1'", "b'1'")]
#[case::hexadecimal_digits(Dialect::Postgres, "x'1f'", "x'1f'")]
#[case::a_cast_of_mariadb(Dialect::MariaDb, "cast(1 as char)", "cast(1 as char)")]
#[case::a_function_of_a_number(Dialect::Postgres, "f(6)", "f(6)")]
#[case::the_time_of_something(Dialect::Postgres, "localtimestamp(a)", "localtimestamp(a)")]
#[case::the_role(Dialect::Postgres, "CURRENT_USER", "CURRENT_USER")]
#[case::two_words_of_sqlite(Dialect::Sqlite, "a-b", "a-b")]
#[case::a_word_after_a_digit(Dialect::Sqlite, "1a", "1a")]
fn what_is_computed_keeps_its_words(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: &str) {
    assert_eq!(default_value(text, dialect), Some(DefaultValue::Expression(expected.to_owned())));
}

#[rstest]
#[case::bits(Dialect::Postgres, r#"B'1010'::"bit""#, "1010")]
#[case::false_(Dialect::Postgres, "false", "false")]
#[case::a_word_with_a_digit(Dialect::Sqlite, "state_1", "state_1")]
#[case::a_word_with_a_line_in_front(Dialect::Sqlite, "_state", "_state")]
#[case::doubled_quotes(Dialect::Sqlite, r#""a""b""#, r#"a"b"#)]
#[case::a_truth_of_sqlite(Dialect::Sqlite, "TRUE", "true")]
fn what_is_constant_is_a_value(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: &str) {
    assert_eq!(default_value(text, dialect), Some(DefaultValue::Literal(expected.to_owned())));
}

#[rstest]
#[case::of_sqlite(Dialect::Sqlite, "NULL", None)]
#[case::with_a_type(Dialect::MariaDb, "cast(NULL as char)", None)]
#[case::in_capitals(Dialect::Sqlite, "CURRENT_TIMESTAMP", Some(DefaultValue::CurrentTimestamp))]
#[case::with_digits(Dialect::Postgres, "LOCALTIMESTAMP(3)", Some(DefaultValue::CurrentTimestamp))]
fn a_keyword_has_its_meaning(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: Option<DefaultValue>) {
    assert_eq!(default_value(text, dialect), expected);
}

#[rstest]
#[case::a_text_of_its_length("varchar(3)", "abc", true)]
#[case::a_text_with_blanks_at_its_end("varchar(3)", "abc  ", true)]
#[case::a_longer_text("varchar(3)", "abcd", false)]
#[case::letters_of_two_bytes("char(3)", "äöü", true)]
#[case::a_text_without_a_limit("text", "abcd", true)]
#[case::the_largest_number("smallint", "32767", true)]
#[case::a_larger_number("smallint", "32768", false)]
#[case::the_least_number("smallint", "-32768", true)]
#[case::a_lesser_number("smallint", "-32769", false)]
#[case::the_largest_number_without_a_sign("smallint unsigned", "65535", true)]
#[case::a_larger_number_without_a_sign("smallint unsigned", "65536", false)]
#[case::zero_without_a_sign("smallint unsigned", "0", true)]
#[case::less_than_zero_without_a_sign("smallint unsigned", "-1", false)]
#[case::the_largest_decimal("decimal(4,1)", "999.9", true)]
#[case::a_larger_decimal("decimal(4,1)", "1000", false)]
#[case::a_lesser_decimal("decimal(4,1)", "-1000", false)]
fn a_constant_fits(#[case] ty: &str, #[case] value: &str, #[case] fits: bool) {
    let kind = column_type(ty, Dialect::MariaDb).kind;
    assert_eq!(exceeds_type(&DefaultValue::Literal(value.to_owned()), &kind), !fits);
}

#[rstest]
#[case::a_fraction("double", "1.5", true)]
#[case::a_word("double", "many", false)]
#[case::a_truth("double", "TRUE", true)]
#[case::a_day("date_text", "2020-02-29", true)]
#[case::no_day("date_text", "soon", false)]
#[case::a_number_as_json("json_text", "7", true)]
#[case::a_word_as_a_text("text", "many", true)]
#[case::a_number_with_blanks("integer", " 7 ", true)]
#[case::a_truth_as_a_number("integer", "false", true)]
#[case::half_a_number("integer", "0.5", false)]
#[case::a_whole_number_as_a_float("integer", "7.0", true)]
#[case::a_fraction_as_a_decimal("real(4,1)", "1.5", true)]
#[case::a_word_as_money("real_money", "many", false)]
#[case::a_clock("time_text", "12:00", true)]
#[case::no_clock("time_text", "noon", false)]
#[case::no_point_in_time("datetime_text", "soon", false)]
#[case::day_0("datetime_text", "0000-00-00 00:00:00", false)]
#[case::day_31_of_june("date_text", "2020-06-31", false)]
#[case::a_number_of_days("datetime_text", "2459000.5", true)]
#[case::json_in_words("jsonb_text", "[1]", true)]
#[case::no_json("jsonb_text", "[1", false)]
fn a_field_holds_what_sqlite_stores(#[case] ty: &str, #[case] value: &str, #[case] holds: bool) {
    assert_eq!(stores_unreadable_value(value, &column_type(ty, Dialect::Sqlite).kind), !holds);
}

#[test]
fn mariadb_prints_letters_of_three_bytes() {
    let with = |text: &str| Column {
        default: Some(DefaultValue::Literal(text.to_owned())),
        ..Column::plain("price", column_type("varchar(9)", Dialect::MariaDb))
    };
    assert_eq!(same_default(&with("5€"), &with("5?"), Dialect::MariaDb), Some(false));
}

#[rstest]
#[case::letters("LOWER(name)", "lower(NAME)", true)]
#[case::blanks("'a'||  b", "'a' || b", true)]
#[case::letters_after_quotes("lower('A') || Name", "LOWER('A') || name", true)]
#[case::letters_in_quotes("lower('A')", "lower('a')", false)]
#[case::blanks_in_quotes("'a b'", "'ab'", false)]
fn sqlite_keeps_words_but_not(#[case] one: &str, #[case] other: &str, #[case] is_same: bool) {
    assert_eq!(same_expression(one, other, Dialect::Sqlite), is_same);
}

#[rstest]
#[case::another_constant(Dialect::Postgres, "integer", "'1'", "'2'", Some(false))]
#[case::a_truth_of_sqlite(Dialect::Sqlite, "boolean", "true", "1", Some(true))]
#[case::no_truth_of_sqlite(Dialect::Sqlite, "boolean", "FALSE", "0", Some(true))]
#[case::a_truth_as_a_text_of_sqlite(Dialect::Sqlite, "text", "'true'", "'1'", Some(false))]
#[case::a_number_as_a_text_of_sqlite(Dialect::Sqlite, "text", "'1.0'", "'1'", Some(false))]
#[case::a_number_of_sqlite(Dialect::Sqlite, "real(4,1)", "1.0", "1", Some(true))]
#[case::expressions(Dialect::Postgres, "integer", "(1 + 1)", "1+1", Some(true))]
#[case::other_expressions(Dialect::Postgres, "integer", "(1 + 1)", "(1 + 2)", None)]
#[case::an_expression_and_a_constant(Dialect::Postgres, "integer", "(1 + 1)", "2", Some(true))]
#[case::a_constant_and_an_expression(Dialect::Postgres, "integer", "2", "(1 + 1)", Some(true))]
#[case::a_constant_and_another_expression(Dialect::Postgres, "integer", "2", "(1 + 2)", Some(false))]
#[case::an_expression_and_the_time(Dialect::Postgres, "timestamp", "a()", "now()", None)]
#[case::the_time_and_an_expression(Dialect::Postgres, "timestamp", "now()", "a()", None)]
#[case::the_time(Dialect::Postgres, "timestamp", "now()", "CURRENT_TIMESTAMP", Some(true))]
#[case::the_time_and_a_constant(Dialect::Postgres, "timestamp", "now()", "'2020-01-01'", Some(false))]
fn two_defaults_are_the_same(
    #[case] dialect: Dialect,
    #[case] ty: &str,
    #[case] declared: &str,
    #[case] live: &str,
    #[case] expected: Option<bool>,
) {
    let with =
        |text: &str| Column { default: default_value(text, dialect), ..Column::plain("a", column_type(ty, dialect)) };
    assert_eq!(same_default(&with(declared), &with(live), dialect), expected);
}

#[rstest]
#[case::a_uuid("char(36)", "uuid()", false)]
#[case::a_uuid_in_less("char(35)", "uuid()", true)]
#[case::a_hash("varchar(32)", "md5('a')", false)]
#[case::a_hash_in_less("varchar(31)", "md5('a')", true)]
#[case::two_texts("varchar(3)", "concat('ab', lower('C'))", false)]
#[case::two_texts_in_less("varchar(2)", "concat('ab', lower('C'))", true)]
#[case::something_else("varchar(1)", "reverse('abc')", false)]
#[case::what_may_be_cut("varchar(1)", "cast('abc' as char(1))", false)]
#[case::what_is_not_cut("varchar(2)", "cast('abc' as char)", true)]
#[case::an_endless_text("text", "uuid()", false)]
#[case::milliseconds("int", "unix_timestamp() * 1000", true)]
#[case::milliseconds_in_a_wide_column("bigint", "unix_timestamp() * 1000", false)]
#[case::seconds("int", "unix_timestamp()", false)]
#[case::milliseconds_below_zero("int", "unix_timestamp() * -1000", true)]
fn a_column_rejects_the_text_of_its_default(#[case] ty: &str, #[case] default: &str, #[case] expected: bool) {
    let column = Column {
        default: Some(DefaultValue::Expression(default.to_owned())),
        ..Column::plain("a", column_type(ty, Dialect::MariaDb))
    };
    assert_eq!(rejects_own_default(&column, Dialect::MariaDb), expected);
}
