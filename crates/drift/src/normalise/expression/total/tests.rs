use super::*;
use crate::{
    model::{Sign, Zone},
    normalise::{column_type, max_text_length},
};
use rstest::rstest;

#[rstest]
#[case::a_division_by_a_constant(Dialect::Postgres, "(business_id / 2)", None, true)]
#[case::a_text_that_fits(Dialect::Postgres, "lower((short)::text)", Some(8), true)]
#[case::a_text_that_may_not_fit(Dialect::Postgres, "((short)::text || '-'::text)", Some(8), false)]
#[case::a_text_without_a_limit(Dialect::Postgres, "((short)::text || '-'::text)", None, true)]
#[case::an_overflow(Dialect::Postgres, "(business_id * 2)", None, false)]
#[case::no_overflow(Dialect::Sqlite, "business_id * 2", None, true)]
#[case::a_division_by_a_column(Dialect::Postgres, "(1 / business_id)", None, false)]
#[case::a_cast(Dialect::Postgres, "((short)::text)::integer", None, false)]
#[case::a_function_that_is_not_known(Dialect::MariaDb, "to_number(`short`)", None, false)]
#[case::another_one(Dialect::Postgres, "token()", None, false)]
#[case::a_uuid_that_does_not_fit(Dialect::MariaDb, "uuid()", Some(10), false)]
#[case::a_uuid(Dialect::MariaDb, "uuid()", Some(36), true)]
#[case::a_token(Dialect::Sqlite, "lower(hex(randomblob(4)))", Some(8), true)]
#[case::later(Dialect::Postgres, "(now() + '1 day'::interval)", None, true)]
#[case::a_setting(Dialect::Postgres, "current_setting('app.tenant'::text)", None, false)]
fn a_generated_column_is_known_to_be_computed(
    #[case] dialect: Dialect,
    #[case] text: &str,
    #[case] limit: Option<u32>,
    #[case] expected: bool,
) {
    let target = LogicalType::Varchar(limit);
    let target = if limit.is_some() { Some(&target) } else { None };
    let kind = |name: &str| match name {
        "short" => Some(LogicalType::Varchar(Some(8))),
        "business_id" => Some(INTEGER),
        _ => None,
    };
    assert_eq!(never_fails(text, dialect, target, kind), expected);
}

const INTEGER: LogicalType = LogicalType::Integer { bits: 32, sign: Sign::Signed };

#[rstest]
#[case::a_text_as_a_date(Dialect::MariaDb, "`short`", LogicalType::Date, false)]
#[case::the_same_type(Dialect::MariaDb, "`business_id`", INTEGER, true)]
#[case::a_narrower_number(Dialect::Postgres, "business_id", LogicalType::Integer { bits: 16, sign: Sign::Signed }, false)]
#[case::a_length(Dialect::MariaDb, "char_length(`short`)", INTEGER, true)]
#[case::a_short_length(Dialect::MariaDb, "char_length(`short`)", LogicalType::Integer { bits: 16, sign: Sign::Signed }, false)]
#[case::a_comparison(Dialect::MariaDb, "`business_id` = 1", LogicalType::Boolean, true)]
#[case::half_a_number(Dialect::Postgres, "(business_id / 2)", INTEGER, true)]
fn a_value_has_its_place(
    #[case] dialect: Dialect,
    #[case] text: &str,
    #[case] target: LogicalType,
    #[case] expected: bool,
) {
    let kind = |name: &str| match name {
        "short" => Some(LogicalType::Varchar(Some(8))),
        "business_id" => Some(INTEGER),
        _ => None,
    };
    assert_eq!(never_fails(text, dialect, Some(&target), kind), expected);
}

/// `short` has eight characters, `business_id` is an integer, `seen` a time, `done` a boolean.
fn kind_of(name: &str) -> Option<LogicalType> {
    Some(match name {
        "short" => LogicalType::Varchar(Some(8)),
        "long" => LogicalType::Text(None),
        "business_id" => INTEGER,
        "seen" => LogicalType::Timestamp { precision: 6, zone: Zone::Without },
        "done" => LogicalType::Boolean,
        "data" => LogicalType::JsonBinary,
        _ => return None,
    })
}

#[rstest]
#[case::a_remainder(Dialect::Postgres, "(business_id % 2)", true)]
#[case::a_division_by_zero(Dialect::Postgres, "(business_id / 0)", false)]
#[case::a_division_by_zero_that_is_null(Dialect::Sqlite, "business_id / 0", true)]
#[case::a_time_and_a_number(Dialect::Postgres, "(now() + business_id)", false)]
#[case::a_product_in_64_bits(Dialect::Postgres, "((business_id)::bigint * 1000)", true)]
#[case::a_product_beyond_64_bits(Dialect::Postgres, "(((business_id)::bigint * 1000000000) * 1000000000)", false)]
#[case::a_constant_product(Dialect::Postgres, "(60 * 60)", true)]
#[case::a_constant_product_that_overflows(Dialect::Postgres, "(100000 * 100000)", false)]
#[case::a_product_of_mariadb(Dialect::MariaDb, "`business_id` * 1000", true)]
#[case::a_sum_of_what_is_not_null(Dialect::MariaDb, "coalesce(`business_id`,0) + 1", true)]
#[case::a_difference(Dialect::Postgres, "(business_id - 1)", false)]
#[case::a_part_of_a_text(Dialect::Postgres, "substr(short, 1, 3)", true)]
#[case::a_part_of_a_length_that_may_be_negative(Dialect::Postgres, "substr(short, 1, business_id)", false)]
#[case::the_year(Dialect::MariaDb, "year(`seen`)", true)]
#[case::the_year_of_a_text(Dialect::MariaDb, "year(`short`)", false)]
#[case::one_or_the_other(Dialect::MariaDb, "if(`business_id` > 1,'a',to_number(`short`))", false)]
#[case::a_time_of_utc(Dialect::Postgres, "(now() AT TIME ZONE 'utc'::text)", true)]
#[case::a_time_of_a_zone_that_may_be_unknown(Dialect::Postgres, "(now() AT TIME ZONE short)", false)]
#[case::the_day_of_utc(Dialect::Postgres, "((now() AT TIME ZONE 'utc'::text))::date", true)]
#[case::a_list_of_a_type(Dialect::Postgres, "ARRAY['a'::text]", true)]
#[case::a_member_of_what_was_parsed(Dialect::Postgres, "(data ->> 'a'::text)", true)]
#[case::words(Dialect::Postgres, "to_tsvector('simple'::regconfig, short)", true)]
#[case::too_many_words(Dialect::Postgres, "to_tsvector('simple'::regconfig, long)", false)]
#[case::words_with_a_weight(
    Dialect::Postgres,
    "(setweight(to_tsvector('simple'::regconfig, short), 'A'::\"char\") || to_tsvector('simple'::regconfig, short))",
    true
)]
#[case::a_modulus(Dialect::Postgres, "abs((business_id)::bigint)", true)]
#[case::a_modulus_of_the_least_number(Dialect::Postgres, "abs(business_id)", false)]
#[case::a_length_and_a_number(Dialect::Postgres, "(length(short) + 1)", true)]
#[case::words_of_a_setting(Dialect::Postgres, "to_tsvector(short, short)", false)]
#[case::a_field(Dialect::Postgres, "split_part(short, '+'::text, 2)", true)]
#[case::no_field(Dialect::Postgres, "split_part(short, '+'::text, 0)", false)]
#[case::a_number_and_a_span(Dialect::Postgres, "(business_id + '1 day'::interval)", false)]
#[case::a_time_and_a_computed_span(Dialect::Postgres, "(now() + (short)::interval)", false)]
#[case::a_negation(Dialect::Postgres, "(- business_id)", false)]
#[case::a_negation_without_overflow(Dialect::Sqlite, "-business_id", true)]
#[case::a_member(Dialect::Postgres, "(long -> 'a'::text)", false)]
#[case::a_member_on_sqlite(Dialect::Sqlite, "long -> 'a'", false)]
#[case::a_day(Dialect::Postgres, "(seen)::date", true)]
#[case::a_day_of_a_text(Dialect::Postgres, "(short)::date", false)]
#[case::a_constant(Dialect::Postgres, "'12'::integer", true)]
#[case::a_constant_that_is_rounded(Dialect::Postgres, "'12.345'::numeric(4,1)", false)]
#[case::null_of_a_type(Dialect::Postgres, "(NULL::integer)", true)]
#[case::a_text_of_a_number(Dialect::Postgres, "(business_id)::text", true)]
#[case::a_short_text_of_a_number(Dialect::Postgres, "(business_id)::character varying(2)", true)]
#[case::a_text_of_something_unknown(Dialect::Postgres, "(token())::text", false)]
#[case::a_short_text_of_mariadb(Dialect::MariaDb, "cast(`business_id` as char(2))", false)]
#[case::digits_of_a_second(Dialect::MariaDb, "current_timestamp(3)", true)]
#[case::a_time_of_sqlite(Dialect::Sqlite, "date(long)", true)]
#[case::a_time_of_another_server(Dialect::Postgres, "date(long)", false)]
#[case::a_list(Dialect::Postgres, "ARRAY[business_id]", true)]
#[case::a_list_with_something_unknown(Dialect::Postgres, "ARRAY[token()]", false)]
#[case::an_unknown_name(Dialect::Postgres, "elsewhere", false)]
#[case::a_function_of_something_unknown(Dialect::Postgres, "lower(token())", false)]
#[case::a_comparison(Dialect::Postgres, "(business_id > 1)", true)]
#[case::a_comparison_with_something_unknown(Dialect::Postgres, "(business_id > token())", false)]
#[case::a_division_by_one(Dialect::Postgres, "(business_id / 1)", true)]
#[case::a_division_by_less_than_one(Dialect::Postgres, "(business_id / 0.5)", false)]
#[case::a_division_by_minus_one(Dialect::Postgres, "(business_id / '-1'::integer)", false)]
#[case::the_largest_sum(Dialect::Postgres, "(2147483646 + 1)", true)]
#[case::a_sum_that_overflows_by_one(Dialect::Postgres, "(2147483647 + 1)", false)]
#[case::a_quotient_of_mariadb(Dialect::MariaDb, "`business_id` DIV 2", true)]
#[case::a_quotient_of_mariadb_by_zero(Dialect::MariaDb, "`business_id` DIV 0", false)]
#[case::something_other_than_now_and_a_span(Dialect::Postgres, "(seen + '1 day'::interval)", false)]
#[case::now_without_a_span(Dialect::Postgres, "(now() - '2020-01-01'::date)", false)]
#[case::a_list_as_another(Dialect::Postgres, "(ARRAY[1])::bigint[]", true)]
#[case::a_list_that_is_rounded(Dialect::Postgres, "(ARRAY[1])::numeric(4,1)[]", false)]
#[case::a_list_as_something_else(Dialect::Postgres, "(ARRAY[1])::box", false)]
#[case::null_that_is_rounded(Dialect::Postgres, "(NULL::numeric(4,1))", true)]
#[case::a_column_as_a_day(Dialect::MariaDb, "cast(`seen` as date)", true)]
#[case::now_as_a_day(Dialect::Postgres, "(CURRENT_TIMESTAMP)::date", true)]
#[case::a_day_as_a_time(Dialect::Postgres, "(seen)::time", false)]
#[case::a_wider_number(Dialect::Postgres, "(business_id)::bigint", true)]
#[case::a_narrower_number(Dialect::Postgres, "(business_id)::smallint", false)]
#[case::a_time_of_sqlite_of_something_unknown(Dialect::Sqlite, "date(token())", false)]
#[case::a_field_from_the_end(Dialect::Postgres, "split_part(short, '+'::text, business_id)", false)]
#[case::a_part_that_begins_anywhere(Dialect::Postgres, "substr(token(), 1)", false)]
#[case::a_member_of_mariadb(Dialect::MariaDb, "data -> 'a'", false)]
#[case::a_number_as_a_decimal(Dialect::Postgres, "((business_id)::numeric * 0.01)", true)]
#[case::a_quotient_of_decimals(Dialect::Postgres, "((business_id)::numeric / 0.0)", false)]
#[case::a_time_and_another(Dialect::Postgres, "EXTRACT(epoch FROM (seen - seen))", true)]
#[case::a_part_of_a_time(Dialect::Postgres, "date_part('year'::text, seen)", true)]
#[case::a_part_of_a_text(Dialect::Postgres, "date_part('year'::text, (short)::timestamp)", false)]
#[case::a_part_between_words(Dialect::Postgres, "SUBSTRING(short FROM 1 FOR 3)", true)]
#[case::a_part_of_any_length(Dialect::Postgres, "SUBSTRING(short FROM 1 FOR business_id)", false)]
#[case::a_pattern_between_words(Dialect::Postgres, "SUBSTRING(short FROM '('::text)", false)]
#[case::without_blanks_between_words(Dialect::Postgres, "TRIM(BOTH ' '::text FROM short)", true)]
#[case::seconds_between_times(Dialect::MariaDb, "timestampdiff(SECOND,`seen`,`seen`)", true)]
#[case::seconds_between_texts(Dialect::MariaDb, "timestampdiff(SECOND,`short`,`seen`)", false)]
#[case::later(Dialect::MariaDb, "current_timestamp() + interval 30 day", true)]
#[case::a_percentage(Dialect::MariaDb, "floor(rand() * 100)", true)]
#[case::a_sum_by_chance(Dialect::MariaDb, "rand() + `business_id`", false)]
#[case::a_cast_of_sqlite(Dialect::Sqlite, "CAST(long AS REAL) / 60", true)]
#[case::the_larger(Dialect::Sqlite, "max(business_id, 0)", true)]
#[case::the_largest_of_postgres(Dialect::Postgres, "max(business_id, 0)", false)]
#[case::a_small_number_by_chance(Dialect::Sqlite, "abs(random() % 1000)", true)]
#[case::any_number_by_chance(Dialect::Sqlite, "abs(random())", false)]
#[case::today(Dialect::Sqlite, "date()", true)]
#[case::a_zone_in_capitals(Dialect::Postgres, "(seen AT TIME ZONE 'UTC'::text)", true)]
fn an_expression_never_fails(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: bool) {
    assert_eq!(never_fails(text, dialect, None, kind_of), expected);
}

#[rstest]
#[case::a_number_in_a_boolean(Dialect::MariaDb, "`business_id`", "bool", false)]
#[case::a_condition_in_a_boolean(Dialect::MariaDb, "`business_id` > 1", "bool", true)]
#[case::a_condition_in_a_boolean_of_postgres(Dialect::Postgres, "(business_id > 1)", "boolean", true)]
#[case::zero_in_a_boolean(Dialect::MariaDb, "0", "bool", true)]
#[case::two_in_a_boolean(Dialect::MariaDb, "2", "bool", false)]
#[case::today(Dialect::MariaDb, "curdate()", "date", true)]
#[case::a_text_as_a_day(Dialect::MariaDb, "'2020-01-01'", "date", false)]
#[case::now(Dialect::MariaDb, "current_timestamp(3)", "datetime", true)]
#[case::a_day_of_postgres(Dialect::Postgres, "(seen)::date", "date", true)]
#[case::a_day_of_mariadb(Dialect::MariaDb, "cast(`seen` as date)", "date", true)]
#[case::a_product(Dialect::MariaDb, "`business_id` * 1000", "bigint", true)]
#[case::a_product_in_less(Dialect::MariaDb, "`business_id` * 2", "int", false)]
#[case::a_constant_product(Dialect::Postgres, "(60 * 60)", "smallint", true)]
#[case::a_constant_product_in_less(Dialect::Postgres, "(600 * 60)", "smallint", false)]
#[case::the_year(Dialect::MariaDb, "year(`seen`)", "smallint", true)]
#[case::the_greater(Dialect::MariaDb, "greatest(`business_id`,0)", "int", true)]
#[case::a_list_of_numbers(Dialect::Postgres, "ARRAY[1, 2]", "integer[]", true)]
#[case::a_list_of_large_numbers(Dialect::Postgres, "ARRAY[1, 32768]", "smallint[]", false)]
#[case::an_empty_list(Dialect::Postgres, "ARRAY[]::text[]", "text[]", true)]
#[case::words(Dialect::Postgres, "to_tsvector('simple'::regconfig, short)", "tsvector", true)]
#[case::no_members(Dialect::MariaDb, "json_object()", "json", true)]
#[case::seconds(Dialect::MariaDb, "unix_timestamp()", "bigint", true)]
#[case::an_id(Dialect::MariaDb, "uuid()", "uuid", true)]
#[case::a_text_as_an_id(Dialect::MariaDb, "`short`", "uuid", false)]
#[case::a_large_float(Dialect::MariaDb, "`business_id`", "double", true)]
#[case::a_small_float(Dialect::MariaDb, "`business_id`", "float", false)]
#[case::a_number_without_limits(Dialect::Postgres, "business_id", "numeric", true)]
#[case::a_number_with_limits(Dialect::Postgres, "business_id", "numeric(4,1)", false)]
#[case::json(Dialect::Postgres, "'{}'::json", "json", true)]
#[case::bytes_of_postgres(Dialect::Postgres, "'a'::bytea", "bytea", true)]
#[case::a_text_without_limits(Dialect::Postgres, "long", "text", true)]
#[case::a_text_with_limits(Dialect::Postgres, "long", "varchar(8)", false)]
#[case::a_text_of_its_length(Dialect::Postgres, "short", "char(8)", true)]
#[case::a_text_that_is_too_long(Dialect::Postgres, "short", "char(7)", false)]
#[case::a_number_as_a_text(Dialect::Postgres, "(business_id)::text", "varchar(40)", false)]
#[case::a_small_number(Dialect::Postgres, "32767", "smallint", true)]
#[case::a_large_number(Dialect::Postgres, "32768", "smallint", false)]
#[case::a_boolean_as_a_number(Dialect::MariaDb, "`done`", "smallint", true)]
#[case::the_first_number(Dialect::Postgres, "COALESCE(business_id, 1)", "integer", true)]
#[case::the_first_number_in_less(Dialect::Postgres, "COALESCE(business_id, 1)", "smallint", false)]
#[case::one_of_them_in_less(Dialect::Postgres, "COALESCE(1, business_id)", "smallint", false)]
#[case::a_remainder(Dialect::Postgres, "(business_id % 2)", "integer", true)]
#[case::a_remainder_in_less(Dialect::Postgres, "(business_id % 2)", "smallint", false)]
#[case::a_condition_as_a_number(Dialect::MariaDb, "`business_id` = 1", "smallint", true)]
#[case::the_presence_as_a_number(Dialect::MariaDb, "`short` is null", "smallint", true)]
#[case::half_of_the_range(Dialect::Postgres, "(16384 * 2)", "smallint", false)]
#[case::less_than_half_of_the_range(Dialect::Postgres, "(16383 * 2)", "smallint", true)]
#[case::the_year_in_less(Dialect::MariaDb, "year(`seen`)", "tinyint", false)]
#[case::seconds_in_less(Dialect::MariaDb, "unix_timestamp()", "smallint", false)]
#[case::a_day_as_a_point_in_time(Dialect::MariaDb, "cast(`seen` as date)", "datetime", false)]
#[case::a_day_of_a_text(Dialect::MariaDb, "cast(`short` as date)", "date", false)]
#[case::json_in_words(Dialect::MySql, "'{}'", "json", true)]
#[case::json_of_its_members(Dialect::MySql, "json_object()", "json", true)]
#[case::a_text_as_json(Dialect::MySql, "`short`", "json", false)]
#[case::a_text_as_words(Dialect::Postgres, "short", "tsvector", false)]
#[case::a_boolean_of_postgres_as_a_number(Dialect::Postgres, "done", "smallint", false)]
#[case::a_condition_of_postgres_as_a_number(Dialect::Postgres, "(business_id = 1)", "smallint", false)]
#[case::a_list_with_a_large_number(Dialect::Postgres, "ARRAY[32767]", "smallint[]", true)]
#[case::a_number_as_a_list(Dialect::Postgres, "business_id", "integer[]", false)]
#[case::a_percentage(Dialect::MariaDb, "floor(rand() * 100)", "tinyint", true)]
#[case::more_than_a_percentage(Dialect::MariaDb, "floor(rand() * 1000)", "tinyint", false)]
#[case::later(Dialect::MariaDb, "current_timestamp() + interval 30 day", "datetime", true)]
#[case::one_of_two_numbers(Dialect::MariaDb, "if(`done`,1,0)", "tinyint", true)]
#[case::one_of_two_numbers_in_less(Dialect::MariaDb, "if(`done`,1,1000)", "tinyint", false)]
#[case::a_checksum(Dialect::MariaDb, "crc32(`short`)", "bigint", true)]
#[case::a_checksum_in_less(Dialect::MariaDb, "crc32(`short`)", "int", false)]
#[case::a_role(Dialect::Postgres, "SESSION_USER", "name", true)]
#[case::a_role_in_less(Dialect::MariaDb, "user()", "varchar(100)", false)]
#[case::a_transaction(Dialect::Postgres, "txid_current()", "bigint", true)]
#[case::bits(Dialect::MariaDb, "b'1'", "bit(8)", true)]
#[case::another_function_as_a_number(Dialect::MariaDb, "md5(`short`)", "int", false)]
fn a_value_has_its_place_in(#[case] dialect: Dialect, #[case] text: &str, #[case] ty: &str, #[case] expected: bool) {
    let target = column_type(ty, dialect).kind;
    assert_eq!(never_fails(text, dialect, Some(&target), kind_of), expected);
}

#[rstest]
#[case::a_constant("'abc'", Some(3))]
#[case::null("NULL", Some(0))]
#[case::a_column("short", Some(8))]
#[case::a_column_without_a_limit("long", None)]
#[case::a_number("business_id", None)]
#[case::two_texts("(short || 'abc')", Some(11))]
#[case::two_texts_of_which_one_has_no_limit("(short || long)", None)]
#[case::several_texts("concat(short, 'abc', 'd')", Some(12))]
#[case::one_of_two("COALESCE(short, '0123456789')", Some(10))]
#[case::the_other_of_two("COALESCE(short, '0')", Some(8))]
#[case::without_blanks("btrim(short, 'abcdefghijkl')", Some(8))]
#[case::in_other_letters("upper(short)", Some(8))]
#[case::a_hash("md5(long)", Some(32))]
#[case::an_id("gen_random_uuid()", Some(36))]
#[case::an_id_without_dashes("replace(uuid(), '-', '')", Some(32))]
#[case::the_time("CURRENT_TIMESTAMP", Some(26))]
#[case::digits_by_chance("hex(randomblob(4))", Some(8))]
#[case::digits_of_another_blob("hex(zeroblob(4))", None)]
#[case::digits_of_something("hex(short)", None)]
#[case::another_function("repeat(short, 2)", None)]
#[case::its_beginning("\"left\"(long, 3)", Some(3))]
#[case::a_part("substr(long, 2, 4)", Some(4))]
#[case::the_rest("substr(long, 2)", None)]
#[case::joined("concat_ws(', ', short, 'ab', short)", Some(22))]
#[case::without_something("replace(short, ' ', '')", Some(8))]
#[case::with_something_longer("replace(short, ' ', '  ')", None)]
#[case::a_sum("(1 + 2)", None)]
#[case::with_something_as_long("replace(short, 'a', 'b')", Some(8))]
#[case::one_or_the_other("iif(business_id > 1, 'abc', short)", Some(8))]
#[case::one_or_what_has_no_limit("iif(business_id > 1, long, short)", None)]
#[case::one_without_another("iif(business_id > 1, 'abc')", Some(3))]
#[case::one_of_a_case(
    "(CASE WHEN done THEN 'abc'::text WHEN (NOT done) THEN 'abcd'::text ELSE 'a'::text END)",
    Some(4)
)]
#[case::one_of_a_case_without_a_limit("(CASE WHEN done THEN long ELSE 'a'::text END)", None)]
#[case::a_role("CURRENT_USER", Some(63))]
#[case::a_long_hash("sha2(long, 512)", Some(128))]
#[case::joined_to_nothing("concat_ws(', ', short)", Some(8))]
#[case::its_end("\"right\"(long, 3)", Some(3))]
#[case::a_truth("(business_id > 1)", Some(5))]
#[case::what_was_cut("((long)::varchar)", None)]
#[case::the_words_in_front("substring_index(short, '-', 1)", Some(8))]
fn the_longest_text_has(#[case] text: &str, #[case] expected: Option<u32>) {
    assert_eq!(max_text_length(text, Dialect::Postgres, kind_of), expected);
}
