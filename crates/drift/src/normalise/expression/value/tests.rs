use super::*;
use rstest::rstest;

/// `tenant` is NULL, `kind` is `a`, `tries` is 0, `given` is not NULL, `duration` is anything.
fn of(text: &str, dialect: Dialect) -> CheckOutcome {
    check_outcome(text, dialect, |name| match name {
        "tenant" => Some(StoredValue::Null),
        "kind" => Some(StoredValue::Constant("a".to_owned())),
        "tries" => Some(StoredValue::Constant("0".to_owned())),
        "given" => Some(StoredValue::NotNull),
        "duration" => Some(StoredValue::Unknown),
        _ => None,
    })
}

#[rstest]
#[case::null("(tenant IS NOT NULL)")]
#[case::a_negation("(NOT (tenant IS NULL))")]
#[case::beside_what_is_unknown("((tenant IS NOT NULL) AND (duration > 0))")]
#[case::a_default_that_is_too_small("(tries > 0)")]
#[case::a_default_of_another_kind(
    "((kind)::text = ANY ((ARRAY['b'::character varying, 'c'::character varying])::text[]))"
)]
#[case::another_list("(kind IN ('b', 'c'))")]
#[case::the_empty_text("(COALESCE(tenant, ''::text) <> ''::text)")]
#[case::a_count("(num_nonnulls(tenant, tenant) = 1)")]
#[case::distinct("(tenant IS DISTINCT FROM NULL)")]
#[case::other_than_itself("(given <> given)")]
#[case::above_itself("(given > given)")]
#[case::a_length("(length(kind) > 1)")]
#[case::another_letter_case("(kind = 'A')")]
#[case::capitals("((kind)::text = upper((kind)::text))")]
#[case::no_text("(concat(tenant, ''::text) <> ''::text)")]
#[case::the_greatest_of_nothing("(GREATEST(tenant, tenant) IS NOT NULL)")]
#[case::null_if_it_is("(NULLIF(kind, 'a'::text) IS NOT NULL)")]
#[case::a_pattern("((kind)::text ~~ 'b%'::text)")]
#[case::a_regular_expression("((kind)::text ~ '^b'::text)")]
#[case::a_pattern_in_any_case("((kind)::text ~~* 'B%'::text)")]
#[case::no_such_pattern("((kind)::text !~~ 'a%'::text)")]
#[case::a_place(r"(POSITION(('@'::text) IN (kind)) > 0)")]
#[case::a_sum("((tries + tries) >= 1)")]
#[case::a_division_by_zero("((100 / tries) < 1000)")]
#[case::a_function_of_a_division_by_zero("(abs(given % tries) IS NULL)")]
#[case::a_division_by_zero_that_decides("((kind = 'a') AND ((1 / tries) > 0))")]
#[case::a_join("(((kind)::text || 'b'::text) = 'a'::text)")]
#[case::an_earlier_day("('2000-01-01'::date > '2000-01-02'::date)")]
#[case::between("(tries BETWEEN 1 AND 9)")]
#[case::a_case("(CASE WHEN tenant IS NULL THEN false ELSE true END)")]
#[case::another_case("CASE kind WHEN 'b'::text THEN true WHEN 'a'::text THEN false END")]
fn a_row_is_rejected_by(#[case] text: &str) {
    assert_eq!(of(text, Dialect::Postgres), CheckOutcome::Rejects);
}

#[rstest]
#[case::nothing_of_null("(tenant > 5)")]
#[case::null_beside_the_truth("((tenant > 5) AND (kind = 'a'))")]
#[case::a_length("(length(tenant) < 5)")]
#[case::one_that_holds("((tenant IS NULL) OR (duration > 5))")]
#[case::a_default("(kind = 'a')")]
#[case::a_negated_list("(kind NOT IN ('b', 'c'))")]
#[case::given("(given IS NOT NULL)")]
#[case::a_pattern("(tenant ~ '^[a-z]+$')")]
#[case::a_division_by_zero_that_nobody_needs("(CASE WHEN kind = 'a' THEN true ELSE (1 / tries) > 0 END)")]
#[case::a_division_of_null("((tenant / tries) < 5)")]
#[case::what_is_computed_twice("(abs(duration) <= abs(duration))")]
#[case::another_pattern("(tenant LIKE 'a%')")]
#[case::a_column_and_itself("(given = given)")]
#[case::a_column_and_itself_as_a_text("((given)::text = (given)::text)")]
#[case::null_and_itself("(tenant = tenant)")]
#[case::a_time("isfinite(given)")]
#[case::no_time("isfinite(tenant)")]
#[case::a_column_not_above_itself("(given <= given)")]
#[case::a_list_of_itself("((duration)::text = ANY ((ARRAY['x'::character varying, duration])::text[]))")]
fn a_row_is_accepted_by(#[case] text: &str) {
    assert_eq!(of(text, Dialect::Postgres), CheckOutcome::Accepts);
}

#[rstest]
#[case::what_is_unknown("(duration > 5)")]
#[case::an_unknown_function("(is_good(tenant))")]
#[case::a_function_and_itself("(is_good(given) = is_good(given))")]
#[case::a_list_of_a_shorter_one("(duration = ANY (ARRAY[(duration)::character varying(2)]))")]
#[case::a_byte_of_itself("(given = (given)::\"char\")")]
#[case::a_pattern("(kind ~ '^b+?+')")]
#[case::what_cannot_be_parsed("(tenant OVERLAPS kind)")]
#[case::null_beside_what_is_unknown("((tenant > 5) AND (duration > 5))")]
#[case::the_greatest_of_what_is_unknown("(GREATEST(tenant, duration) IS NOT NULL)")]
#[case::a_pattern_that_escapes(r"(kind ~~ 'a\_%')")]
fn it_is_not_known_what_is_said_by(#[case] text: &str) {
    assert_eq!(of(text, Dialect::Postgres), CheckOutcome::Depends);
}

#[rstest]
#[case::the_length("char_length(name) <= 8", CheckOutcome::Accepts)]
#[case::a_shorter_one("char_length(name) <= 7", CheckOutcome::Depends)]
#[case::a_negative_one("char_length(name) < 0", CheckOutcome::Rejects)]
fn a_text_of_at_most_eight_characters(#[case] text: &str, #[case] expected: CheckOutcome) {
    let known = |name: &str| (name == "name").then_some(StoredValue::UpTo(8));
    assert_eq!(check_outcome(text, Dialect::Postgres, known), expected);
}

#[rstest]
#[case(Dialect::MariaDb, "`tenant` is not null", CheckOutcome::Rejects)]
#[case(Dialect::MariaDb, "octet_length(`tenant`) > 0", CheckOutcome::Accepts)]
#[case(Dialect::MariaDb, "`tries`", CheckOutcome::Rejects)]
#[case(Dialect::MariaDb, "!(`tenant` is null)", CheckOutcome::Rejects)]
#[case(Dialect::MariaDb, "json_valid(`tenant`)", CheckOutcome::Accepts)]
#[case(Dialect::MariaDb, "json_valid(`kind`)", CheckOutcome::Rejects)]
#[case(Dialect::Sqlite, "(kind GLOB 'A*')", CheckOutcome::Rejects)]
#[case(Dialect::Sqlite, "(tenant NOTNULL)", CheckOutcome::Rejects)]
#[case(Dialect::Sqlite, "(tenant NOT NULL)", CheckOutcome::Rejects)]
#[case(Dialect::Sqlite, "(typeof(tenant) = 'text')", CheckOutcome::Rejects)]
#[case(Dialect::Sqlite, "(\"tenant\" <> '')", CheckOutcome::Accepts)]
fn each_server_has_its_own_spelling(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: CheckOutcome) {
    assert_eq!(of(text, dialect), expected);
}

#[rstest]
#[case::a_number("(tries < 0)", CheckOutcome::Rejects)]
#[case::a_number_that_is_not_reached("(tries >= 1)", CheckOutcome::Rejects)]
#[case::another_number("(tries <> 0)", CheckOutcome::Rejects)]
#[case::a_fraction("(tries = 0.5)", CheckOutcome::Rejects)]
#[case::a_number_at_its_limit("(tries <= 0)", CheckOutcome::Accepts)]
#[case::a_negative_number("(-tries >= 0)", CheckOutcome::Accepts)]
#[case::a_negated_number("(-5 > tries)", CheckOutcome::Rejects)]
#[case::the_opposite("(NOT (tries = 0))", CheckOutcome::Rejects)]
#[case::truths("(true = false)", CheckOutcome::Rejects)]
#[case::the_same_truth("(true = true)", CheckOutcome::Accepts)]
#[case::neither("((kind = 'b') OR (tries = 1))", CheckOutcome::Rejects)]
#[case::one_of_two("((kind = 'b') OR (tries = 0))", CheckOutcome::Accepts)]
#[case::one_of_both("((kind = 'a') AND (tries = 1))", CheckOutcome::Rejects)]
#[case::both("((kind = 'a') AND (tries = 0))", CheckOutcome::Accepts)]
#[case::null_or_null("((tenant = 5) OR (tenant = 6))", CheckOutcome::Accepts)]
#[case::null_or_what_does_not_hold("((tenant = 5) OR (tries = 1))", CheckOutcome::Accepts)]
#[case::null_or_what_is_unknown("((tenant = 5) OR (duration = 1))", CheckOutcome::Accepts)]
#[case::null_as_a_truth("(tenant IS TRUE)", CheckOutcome::Rejects)]
#[case::null_as_no_truth("(tenant IS NOT TRUE)", CheckOutcome::Accepts)]
#[case::a_truth("((tries = 0) IS TRUE)", CheckOutcome::Accepts)]
#[case::an_unknown_truth("((duration > 1) IS TRUE)", CheckOutcome::Depends)]
#[case::a_count_of_nulls("(num_nulls(tenant, given) = 1)", CheckOutcome::Accepts)]
#[case::another_count_of_nulls("(num_nulls(tenant, given) = 2)", CheckOutcome::Rejects)]
#[case::a_count_of_what_is_unknown("(num_nulls(tenant, duration) = 1)", CheckOutcome::Depends)]
#[case::the_first_that_is_not_null("(coalesce(tenant, kind) = 'a')", CheckOutcome::Accepts)]
#[case::nothing_but_null("(coalesce(tenant, tenant) IS NULL)", CheckOutcome::Accepts)]
#[case::something_after_what_is_unknown("(coalesce(duration, 'x'::text) IS NOT NULL)", CheckOutcome::Accepts)]
#[case::nothing_after_what_is_unknown("(coalesce(duration, tenant) IS NOT NULL)", CheckOutcome::Depends)]
#[case::a_list_with_it("(kind IN ('a', 'b'))", CheckOutcome::Accepts)]
#[case::a_list_for_null("(tenant IN ('a'))", CheckOutcome::Accepts)]
#[case::a_list_for_what_is_unknown("(duration IN ('a'))", CheckOutcome::Depends)]
#[case::a_list_with_what_is_unknown("(kind IN ('b', duration))", CheckOutcome::Depends)]
#[case::null_and_something("(kind IS NOT DISTINCT FROM NULL)", CheckOutcome::Rejects)]
#[case::null_and_null("(tenant IS NOT DISTINCT FROM NULL)", CheckOutcome::Accepts)]
#[case::the_same_texts("(kind IS NOT DISTINCT FROM 'a'::text)", CheckOutcome::Accepts)]
#[case::null_and_what_is_unknown("(duration IS NOT DISTINCT FROM NULL)", CheckOutcome::Depends)]
#[case::itself("(given >= given)", CheckOutcome::Accepts)]
#[case::less_than_itself("(given < given)", CheckOutcome::Rejects)]
#[case::itself_that_may_be_null("(duration <> duration)", CheckOutcome::Depends)]
#[case::a_member_that_may_be_missing("((given -> 'x'::text) IS NOT NULL)", CheckOutcome::Depends)]
#[case::a_member_of_null("((tenant -> 'x'::text) IS NULL)", CheckOutcome::Accepts)]
#[case::a_quotient("((given / 2) IS NOT NULL)", CheckOutcome::Accepts)]
#[case::a_quotient_by_something("((2 / given) IS NOT NULL)", CheckOutcome::Depends)]
#[case::a_sum("((given + 2) IS NOT NULL)", CheckOutcome::Accepts)]
#[case::a_sum_with_what_is_unknown("((duration + 2) IS NOT NULL)", CheckOutcome::Depends)]
#[case::a_case_that_is_unknown("(CASE WHEN (duration > 1) THEN true ELSE false END)", CheckOutcome::Depends)]
#[case::a_case_for_nobody("(CASE WHEN (tries = 1) THEN false END)", CheckOutcome::Accepts)]
#[case::a_text_in_other_letters("(kind = 'A'::text)", CheckOutcome::Rejects)]
#[case::a_text_with_a_blank("(kind = 'b '::text)", CheckOutcome::Depends)]
#[case::a_cast_to_a_text("((kind)::character varying = 'b')", CheckOutcome::Rejects)]
#[case::a_cast_that_cuts("((kind)::character varying(1) = 'b')", CheckOutcome::Depends)]
#[case::a_cast_to_a_number("((tries)::integer = 1)", CheckOutcome::Rejects)]
#[case::a_cast_that_rounds("((tries)::smallint = 1)", CheckOutcome::Depends)]
#[case::a_constant_in_bits("(B'0' IS NOT NULL)", CheckOutcome::Accepts)]
#[case::the_time("(CURRENT_TIMESTAMP IS NOT NULL)", CheckOutcome::Accepts)]
#[case::an_unknown_name("(something IS NOT NULL)", CheckOutcome::Depends)]
#[case::lower_letters("(lower('AB'::text) = 'ab'::text)", CheckOutcome::Accepts)]
#[case::upper_letters("(upper(kind) = 'A'::text)", CheckOutcome::Accepts)]
#[case::letters_that_a_server_may_change("(lower('\u{c4}'::text) = '\u{c4}'::text)", CheckOutcome::Depends)]
#[case::other_letters_that_a_server_may_change("(upper('\u{e4}'::text) = '\u{e4}'::text)", CheckOutcome::Depends)]
#[case::blanks_at_both_ends("(btrim(' a '::text) = kind)", CheckOutcome::Accepts)]
#[case::a_text_with_a_blank_on_the_left("('b '::text = kind)", CheckOutcome::Depends)]
#[case::a_negative_constant_that_is_cast("(tries > '-1'::integer)", CheckOutcome::Accepts)]
#[case::a_constant_that_the_cast_rejects("(tries > 'one'::integer)", CheckOutcome::Depends)]
#[case::a_number_as_a_bigint("((tries)::bigint = 0)", CheckOutcome::Accepts)]
#[case::a_number_as_a_numeric("((tries)::numeric = 0)", CheckOutcome::Accepts)]
#[case::a_number_as_a_float("((tries)::double precision = 0)", CheckOutcome::Accepts)]
#[case::null_or_what_is_false_is_null("(((tenant > 5) AND (duration > 5)) IS NULL)", CheckOutcome::Depends)]
#[case::null_and_what_holds_is_null("(((tenant > 5) AND (tries = 0)) IS NULL)", CheckOutcome::Accepts)]
#[case::null_or_what_does_not_hold_is_null("(((tenant > 5) OR (tries = 1)) IS NULL)", CheckOutcome::Accepts)]
#[case::null_and_null_is_null("(((tenant > 5) AND (tenant < 5)) IS NULL)", CheckOutcome::Accepts)]
#[case::the_opposite_of_null("((NOT (tenant > 5)) IS NULL)", CheckOutcome::Accepts)]
#[case::the_opposite_of_what_is_given("((NOT (given = 5)) IS NOT NULL)", CheckOutcome::Accepts)]
#[case::letters_of_two_bytes("(octet_length('\u{e4}'::text) = 2)", CheckOutcome::Accepts)]
#[case::one_letter_of_two_bytes("(length('\u{e4}'::text) = 1)", CheckOutcome::Accepts)]
#[case::a_length_that_is_given("(length(given) >= 0)", CheckOutcome::Accepts)]
#[case::a_length_below_zero("(length(given) < 0)", CheckOutcome::Rejects)]
#[case::the_length_of_what_is_unknown("(length(duration) >= 0)", CheckOutcome::Depends)]
#[case::a_case_with_null_as_its_condition("(CASE WHEN (tenant > 1) THEN false ELSE true END)", CheckOutcome::Accepts)]
#[case::a_case_after_one_that_is_unknown(
    "(CASE WHEN (duration > 1) THEN true WHEN (tries = 0) THEN true END)",
    CheckOutcome::Depends
)]
fn a_condition_says_of_a_row(#[case] text: &str, #[case] expected: CheckOutcome) {
    assert_eq!(of(text, Dialect::Postgres), expected);
}

#[rstest]
#[case::a_length("char_length(name) > 8", CheckOutcome::Rejects)]
#[case::a_length_that_is_reached("char_length(name) >= 8", CheckOutcome::Depends)]
#[case::no_length("char_length(name) >= 0", CheckOutcome::Accepts)]
#[case::a_length_above_it("char_length(name) = 9", CheckOutcome::Rejects)]
#[case::the_least_length("char_length(name) = 0", CheckOutcome::Depends)]
#[case::a_negative_length("char_length(name) = -1", CheckOutcome::Rejects)]
#[case::a_length_on_the_right("9 = char_length(name)", CheckOutcome::Rejects)]
#[case::a_number_above_it("9 > char_length(name)", CheckOutcome::Accepts)]
#[case::a_number_that_it_reaches("8 > char_length(name)", CheckOutcome::Depends)]
#[case::a_number_below_it("0 > char_length(name)", CheckOutcome::Rejects)]
#[case::bytes("length(name) <= 8", CheckOutcome::Depends)]
#[case::four_bytes_for_each("length(name) <= 32", CheckOutcome::Accepts)]
#[case::bytes_by_name("octet_length(name) <= 31", CheckOutcome::Depends)]
#[case::bytes_by_name_up_to_four_for_each("octet_length(name) <= 32", CheckOutcome::Accepts)]
#[case::the_same_length("char_length(name) = 8", CheckOutcome::Depends)]
#[case::the_length_of_a_part("char_length(trim(name)) <= 8", CheckOutcome::Accepts)]
#[case::the_length_of_some_characters("char_length(left(name, 3)) <= 3", CheckOutcome::Accepts)]
#[case::the_length_of_fewer_characters("char_length(left(name, 3)) <= 2", CheckOutcome::Depends)]
#[case::the_length_of_the_middle("char_length(substr(name, 2, 3)) <= 3", CheckOutcome::Accepts)]
#[case::the_length_of_all_but_the_last("char_length(left(name, -1)) <= 8", CheckOutcome::Accepts)]
#[case::another_function("reverse(name) = 'a'", CheckOutcome::Depends)]
#[case::its_presence("name is not null", CheckOutcome::Accepts)]
#[case::the_presence_of_its_length("char_length(name) is not null", CheckOutcome::Accepts)]
fn a_condition_says_of_a_text_of_at_most_eight_characters(#[case] text: &str, #[case] expected: CheckOutcome) {
    let known = |name: &str| (name == "name").then_some(StoredValue::UpTo(8));
    assert_eq!(check_outcome(text, Dialect::MariaDb, known), expected);
}

#[rstest]
#[case::a_text_that_is_joined(Dialect::MariaDb, "concat(`tenant`,'x') is null", CheckOutcome::Accepts)]
#[case::the_same_or_null(Dialect::MariaDb, "`tries` <=> 1", CheckOutcome::Rejects)]
#[case::json(Dialect::MariaDb, "json_valid(concat(`kind`,'x'))", CheckOutcome::Rejects)]
#[case::the_time(Dialect::Sqlite, "datetime('now') IS NOT NULL", CheckOutcome::Accepts)]
#[case::the_year(Dialect::Sqlite, "strftime('%Y', 'now') IS NOT NULL", CheckOutcome::Accepts)]
#[case::a_time_that_may_be_none(Dialect::Sqlite, "datetime('noon') IS NOT NULL", CheckOutcome::Depends)]
#[case::a_year_that_may_be_none(Dialect::Sqlite, "strftime('%Y', 'noon') IS NOT NULL", CheckOutcome::Depends)]
#[case::a_time_of_two_arguments(Dialect::Sqlite, "datetime('noon', 'now') IS NOT NULL", CheckOutcome::Depends)]
#[case::a_function_of_another_server(Dialect::Postgres, "datetime('now') IS NOT NULL", CheckOutcome::Depends)]
#[case::the_local_time(Dialect::Sqlite, "datetime('now', 'localtime', '+1 day') IS NOT NULL", CheckOutcome::Accepts)]
#[case::a_time_changed_by_something(Dialect::Sqlite, "datetime('now', 'noon') IS NOT NULL", CheckOutcome::Depends)]
#[case::today(Dialect::Sqlite, "date() IS NOT NULL", CheckOutcome::Accepts)]
#[case::seconds(Dialect::Sqlite, "unixepoch() IS NOT NULL", CheckOutcome::Accepts)]
#[case::digits_by_chance(Dialect::Sqlite, "lower(hex(randomblob(16))) IS NOT NULL", CheckOutcome::Accepts)]
#[case::a_small_number_by_chance(Dialect::Sqlite, "abs(random() % 1000) IS NOT NULL", CheckOutcome::Accepts)]
#[case::a_printed_number(Dialect::Sqlite, "printf('%d', tenant) IS NOT NULL", CheckOutcome::Accepts)]
#[case::a_type(Dialect::Sqlite, "typeof(kind) = 'text'", CheckOutcome::Accepts)]
#[case::the_type_of_null(Dialect::Sqlite, "typeof(tenant) = 'null'", CheckOutcome::Accepts)]
#[case::a_byte_length(Dialect::MySql, "length('\u{e4}') = 2", CheckOutcome::Accepts)]
#[case::a_length_of_sqlite(Dialect::Sqlite, "length('\u{e4}') = 1", CheckOutcome::Accepts)]
#[case::the_first_of_two(Dialect::MariaDb, "ifnull(`tenant`,`kind`) = 'a'", CheckOutcome::Accepts)]
#[case::the_first_of_two_by_another_name(Dialect::MariaDb, "nvl(`tenant`,`kind`) = 'a'", CheckOutcome::Accepts)]
#[case::a_join_on_sqlite(Dialect::Sqlite, "(tenant || 'x') IS NULL", CheckOutcome::Accepts)]
#[case::conditions_that_are_counted(
    Dialect::Postgres,
    "((tenant IS NOT NULL)::integer + (kind IS NOT NULL)::integer) = 2",
    CheckOutcome::Rejects
)]
#[case::conditions_that_are_added_up(
    Dialect::MariaDb,
    "(`tenant` is not null) + (`kind` is not null) = 1",
    CheckOutcome::Accepts
)]
#[case::conditions_that_are_added_up_on_sqlite(
    Dialect::Sqlite,
    "(tenant IS NOT NULL) + (kind IS NOT NULL) > 1",
    CheckOutcome::Rejects
)]
#[case::a_condition_that_is_unknown(Dialect::Postgres, "((tenant > 'a') IS NOT UNKNOWN)", CheckOutcome::Rejects)]
#[case::a_condition_that_is_not_false(Dialect::Postgres, "((tenant > 'a') IS NOT FALSE)", CheckOutcome::Accepts)]
#[case::a_condition_that_is_false(Dialect::Postgres, "((kind = 'a') IS FALSE)", CheckOutcome::Rejects)]
#[case::a_row_with_a_null(Dialect::Postgres, "(ROW(tenant, kind) IS NOT NULL)", CheckOutcome::Rejects)]
#[case::a_row_that_is_no_null_either(Dialect::Postgres, "(ROW(tenant, kind) IS NULL)", CheckOutcome::Rejects)]
#[case::a_row_of_nulls(Dialect::Postgres, "(ROW(tenant, tenant) IS NULL)", CheckOutcome::Accepts)]
#[case::the_greatest_number(Dialect::Postgres, "(GREATEST(tenant, 1, 3) = 3)", CheckOutcome::Accepts)]
#[case::the_least_number(Dialect::Sqlite, "least(1, 3) > 1", CheckOutcome::Rejects)]
#[case::the_greatest_of_null(Dialect::MariaDb, "greatest(`tenant`,3) > 5", CheckOutcome::Accepts)]
#[case::json_of_null(Dialect::Postgres, "(jsonb_build_object('a', tenant) IS NOT NULL)", CheckOutcome::Accepts)]
#[case::a_join_by_words_on_sqlite(Dialect::Sqlite, "concat(tenant, 'x') IS NULL", CheckOutcome::Rejects)]
#[case::a_join_of_nulls_on_sqlite(Dialect::Sqlite, "concat(tenant, tenant) <> ''", CheckOutcome::Rejects)]
#[case::a_join_with_a_separator(Dialect::MariaDb, "concat_ws('',`tenant`,`tenant`) <> ''", CheckOutcome::Rejects)]
#[case::a_join_with_a_separator_of_texts(
    Dialect::MariaDb,
    "concat_ws('-','a',`tenant`,'b') = 'a-b'",
    CheckOutcome::Accepts
)]
#[case::a_join_with_a_separator_of_what_is_unknown(
    Dialect::Postgres,
    "concat_ws(',', given) IS NULL",
    CheckOutcome::Rejects
)]
#[case::no_separator(Dialect::MariaDb, "concat_ws(`tenant`,'a','b') <> 'x'", CheckOutcome::Depends)]
#[case::a_day_of_null(Dialect::Sqlite, "date(tenant) IS NOT NULL", CheckOutcome::Rejects)]
#[case::a_time_changed_by_null(Dialect::Sqlite, "strftime('%s', 'now', tenant) IS NOT NULL", CheckOutcome::Rejects)]
#[case::the_day_of_what_is_unknown(Dialect::Sqlite, "date(given) IS NOT NULL", CheckOutcome::Depends)]
#[case::a_part_of_null(Dialect::Postgres, "split_part(tenant, '-', 2) IS NOT NULL", CheckOutcome::Rejects)]
#[case::a_part_of_what_is_unknown(Dialect::Postgres, "substring(kind, 'x') IS NOT NULL", CheckOutcome::Depends)]
#[case::hexadecimal_digits_of_null(Dialect::Sqlite, "hex(tenant) IS NOT NULL", CheckOutcome::Accepts)]
#[case::hexadecimal_digits_of_null_elsewhere(Dialect::MariaDb, "hex(`tenant`) is not null", CheckOutcome::Rejects)]
#[case::milliseconds_are_many(Dialect::MariaDb, "unix_timestamp() * 1000 > 2147483647", CheckOutcome::Accepts)]
#[case::seconds_are_fewer(Dialect::Postgres, "EXTRACT(epoch FROM now()) < 5000000000", CheckOutcome::Accepts)]
#[case::a_product_of_a_negative_number(Dialect::Sqlite, "unixepoch() * -2 < 0", CheckOutcome::Accepts)]
#[case::a_join_of_postgres(Dialect::Postgres, "concat(tenant, 'x') IS NULL", CheckOutcome::Rejects)]
#[case::json_in_words(Dialect::MariaDb, "json_valid('{\"a\": 1}')", CheckOutcome::Accepts)]
#[case::the_type_of_an_unknown_value(Dialect::Sqlite, "typeof(given) = 'integer'", CheckOutcome::Depends)]
fn a_function_has_its_server(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: CheckOutcome) {
    assert_eq!(of(text, dialect), expected);
}

#[rstest]
#[case::null("tenant", StoredValue::Null)]
#[case::a_constant("'x'::text", StoredValue::Constant("x".to_owned()))]
#[case::a_default("kind", StoredValue::Constant("a".to_owned()))]
#[case::the_default_of_another("coalesce(tenant, kind)", StoredValue::Constant("a".to_owned()))]
#[case::a_text_that_is_joined_to_null("(tenant || 'x'::text)", StoredValue::Null)]
#[case::a_text_that_is_joined("(kind || 'x'::text)", StoredValue::Constant("ax".to_owned()))]
#[case::a_length("length(kind)", StoredValue::Constant("1".to_owned()))]
#[case::a_comparison("(kind = 'a'::text)", StoredValue::Constant("true".to_owned()))]
#[case::what_is_unknown("duration", StoredValue::Unknown)]
#[case::what_cannot_be_parsed("(kind OVERLAPS tenant)", StoredValue::Unknown)]
fn an_expression_stores(#[case] text: &str, #[case] expected: StoredValue) {
    let known = |name: &str| match name {
        "tenant" => Some(StoredValue::Null),
        "kind" => Some(StoredValue::Constant("a".to_owned())),
        "duration" => Some(StoredValue::Unknown),
        _ => None,
    };
    assert_eq!(evaluate(text, Dialect::Postgres, known), expected);
}

#[rstest]
#[case::the_year_of_postgres(Dialect::Postgres, "(EXTRACT(year FROM at) > '-5000'::integer)", CheckOutcome::Accepts)]
#[case::before_postgres_14(
    Dialect::Postgres,
    "(date_part('month'::text, at) <= (12)::double precision)",
    CheckOutcome::Accepts
)]
#[case::a_year_that_may_be(Dialect::Postgres, "(EXTRACT(year FROM at) > (2000)::numeric)", CheckOutcome::Depends)]
#[case::a_part_of_a_span(Dialect::Postgres, "(EXTRACT(hour FROM (at - at)) >= (0)::numeric)", CheckOutcome::Depends)]
#[case::the_year_of_mariadb(Dialect::MariaDb, "year(`at`) >= 0", CheckOutcome::Accepts)]
#[case::a_month_of_mariadb(Dialect::MariaDb, "month(`at`) > 0", CheckOutcome::Accepts)]
#[case::no_negative_number(Dialect::MariaDb, "abs(`given`) >= 0", CheckOutcome::Accepts)]
#[case::a_length_of_a_number(Dialect::Sqlite, "length(tries) >= 0", CheckOutcome::Accepts)]
fn a_part_of_a_value(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: CheckOutcome) {
    let known = |name: &str| match name {
        "at" => Some(StoredValue::Time),
        "given" => Some(StoredValue::NotNull),
        "tries" => Some(StoredValue::Within(-8.0, 7.0)),
        _ => None,
    };
    assert_eq!(check_outcome(text, dialect, known), expected);
}

#[rstest]
#[case::one_of_two("tenant IS NOT NULL XOR tenant IS NOT NULL", CheckOutcome::Rejects)]
#[case::as_a_number("isnull(tenant) = 0", CheckOutcome::Rejects)]
#[case::by_a_condition("if(tenant IS NULL, 0, 1)", CheckOutcome::Rejects)]
#[case::the_least_with_null("least(tenant, 1) IS NOT NULL", CheckOutcome::Rejects)]
#[case::another_letter_case("kind = 'A'", CheckOutcome::Depends)]
#[case::in_capitals("nullif(kind, 'A') IS NOT NULL", CheckOutcome::Depends)]
#[case::below_and("tenant IS NULL XOR kind = 'a' AND kind = 'b'", CheckOutcome::Accepts)]
fn mariadb_says_of_a_row(#[case] text: &str, #[case] expected: CheckOutcome) {
    assert_eq!(of(text, Dialect::MariaDb), expected);
}

#[rstest]
#[case::json("(jsonb_typeof(settings) = 'object'::text)", CheckOutcome::Accepts)]
#[case::no_json("(jsonb_typeof(tenant) = 'object'::text)", CheckOutcome::Depends)]
#[case::a_list_without_members("(cardinality(settings) < 10)", CheckOutcome::Accepts)]
#[case::days("(since < until)", CheckOutcome::Accepts)]
#[case::days_in_turn("(since > until)", CheckOutcome::Rejects)]
#[case::a_day_and_no_day("(since < tenant)", CheckOutcome::Depends)]
fn a_default_of_a_type(#[case] text: &str, #[case] expected: CheckOutcome) {
    let known = |name: &str| {
        let text = match name {
            "settings" => "{}",
            "tenant" => "abc",
            "since" => "2000-01-01",
            "until" => "2030-01-01",
            _ => return None,
        };
        Some(StoredValue::Constant(text.to_owned()))
    };
    assert_eq!(check_outcome(text, Dialect::Postgres, known), expected);
}

#[rstest]
#[case::of_a_column(Dialect::MariaDb, "100 DIV `tries`", true)]
#[case::of_constants(Dialect::MariaDb, "1 / 0", false)]
#[case::of_constants_on_postgres(Dialect::Postgres, "(1 / 0)", true)]
#[case::of_a_column_on_sqlite(Dialect::Sqlite, "100 / tries", false)]
#[case::of_null(Dialect::MariaDb, "`tenant` / `tries`", false)]
fn a_division_by_zero_fails(#[case] dialect: Dialect, #[case] text: &str, #[case] expected: bool) {
    let known = |name: &str| match name {
        "tenant" => Some(StoredValue::Null),
        "tries" => Some(StoredValue::Constant("0".to_owned())),
        _ => None,
    };
    assert_eq!(evaluation_fails(text, dialect, known), expected);
}
