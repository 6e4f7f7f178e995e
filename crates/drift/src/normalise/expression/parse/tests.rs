use rstest::rstest;

use super::*;

/// As a server would print it that writes all parentheses.
fn told(expression: &Expression) -> String {
    let list = |items: &[Expression]| items.iter().map(told).collect::<Vec<_>>().join(", ");
    match expression {
        Expression::Text(text) => format!("'{text}'"),
        Expression::Number(text) | Expression::Name(text) => text.clone(),
        Expression::Prefixed(prefix, text) => format!("{prefix}'{text}'"),
        Expression::Call(name, arguments) => format!("{name}({})", list(arguments)),
        Expression::Array(items) => format!("[{}]", list(items)),
        Expression::Negation(operand) => format!("-{}", told(operand)),
        Expression::Operation(operator, left, right) => format!("({} {operator} {})", told(left), told(right)),
        Expression::Cast(operand, ty) => format!("{}::{ty}", told(operand)),
    }
}

#[rstest]
#[case::products_before_sums("1 + 2 * 3 - 4 / 5 % 6", "((1 + (2 * 3)) - ((4 / 5) % 6))")]
#[case::sums_before_joins("a || b + c", "(a || (b + c))")]
#[case::sums_before_patterns("a + b ~ c", "((a + b) ~ c)")]
#[case::joins_before_comparisons("a || b = c -> d", "((a || b) = (c -> d))")]
#[case::comparisons_before_and("a = 1 AND b < 2 OR c", "(((a = 1) and (b < 2)) or c)")]
#[case::and_before_or("a OR b AND c", "(a or (b and c))")]
#[case::comparisons_before_not("NOT a = 1 AND b", "(not((a = 1)) and b)")]
#[case::a_sign_before_sums("- a + b", "(-a + b)")]
#[case::a_sign_of_a_number("-5 - -5", "(-5 - -5)")]
#[case::parentheses("(1 + 2) * (3)", "((1 + 2) * 3)")]
#[case::a_presence("a IS NOT NULL AND b IS NULL", "(not(isnull(a)) and isnull(b))")]
#[case::a_presence_in_one_word("a NOTNULL AND b ISNULL", "(not(isnull(a)) and isnull(b))")]
#[case::a_truth("a IS TRUE OR b IS NOT TRUE", "(istrue(a) or not(istrue(b)))")]
#[case::a_difference("a IS DISTINCT FROM b", "not((a <=> b))")]
#[case::the_same_or_null("a IS NOT DISTINCT FROM b + 1", "(a <=> (b + 1))")]
#[case::a_list("a IN (1, 2) AND b NOT IN (3)", "((a in [1, 2]) and not((b in [3])))")]
#[case::a_list_as_an_array("a = ANY (ARRAY[1, 2])", "(a in [1, 2])")]
#[case::a_list_as_an_array_with_a_cast("a = ANY ((ARRAY[1, 2])::integer[])", "(a in [1, 2])")]
#[case::a_range("a BETWEEN 1 AND 2 AND b", "(((a >= 1) and (a <= 2)) and b)")]
#[case::outside_a_range("a NOT BETWEEN 1 AND 2", "not(((a >= 1) and (a <= 2)))")]
#[case::a_pattern("a LIKE 'x%' AND b NOT LIKE 'y%'", "((a ~~ 'x%') and not((b ~~ 'y%')))")]
#[case::a_test_of_a_sum("a + 1 IS NULL", "isnull((a + 1))")]
#[case::a_cast("a::numeric(10, 2) + 1", "(a::numeric(10,2) + 1)")]
#[case::the_old_cast("CAST(a AS character varying(3))", "a::character varying(3)")]
#[case::a_cast_to_an_array("a::integer[]", "a::integer[]")]
#[case::a_cast_to_a_type_of_a_schema("a::public.mood", "a::public.mood")]
#[case::a_cast_with_words_after_its_length("a::timestamp(3) without time zone", "a::timestamp(3) without time zone")]
#[case::a_cast_before_and("a::text AND b", "(a::text and b)")]
#[case::a_type_in_front("interval '1 day'", "'1 day'::interval")]
#[case::a_zone("a AT TIME ZONE 'utc'", "timezone('utc', a)")]
#[case::a_zone_of_a_sum("a + b AT TIME ZONE 'utc'", "(a + timezone('utc', b))")]
#[case::a_case("CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END", "case(a, 1, b, 2, 3)")]
#[case::a_case_of_a_value("CASE a WHEN 1 THEN 2 END", "case((a = 1), 2, null)")]
#[case::a_call("f(a, 1)", "f(a, 1)")]
#[case::a_call_without_arguments("f()", "f")]
#[case::a_call_of_a_schema("app.f(1)", "app.f(1)")]
#[case::a_call_of_the_catalogue("pg_catalog.f(1)", "f(1)")]
#[case::the_time("now()", "current_timestamp")]
#[case::names_that_mysql_has("lower(upper(substring(a, 1)))", "lower(upper(substring(a, 1)))")]
#[case::times_that_mysql_has("current_date > current_time", "(current_date > current_time)")]
#[case::times_without_a_zone("localtime <> localtimestamp", "(localtime <> localtimestamp)")]
fn postgres_reads(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(Expression::parse(text, Dialect::Postgres).as_ref().map(told).as_deref(), Some(expected));
}

#[rstest]
#[case::joins_before_products("a || b * c", "(concat(a, b) * c)")]
#[case::the_opposite("!a", "not(a)")]
#[case::words_for_quotients("a DIV 2 + b MOD 2", "((a div 2) + (b mod 2))")]
#[case::the_same_or_null("a <=> b AND c", "((a <=> b) and c)")]
#[case::its_own_names("LOWER(UPPER(a))", "lcase(ucase(a))")]
#[case::its_own_names_of_days("CURRENT_DATE() = SUBSTRING(a, 1)", "(curdate = substr(a, 1))")]
#[case::its_own_names_of_times(
    "CURRENT_TIME > LOCALTIME OR LOCALTIMESTAMP",
    "((curtime > current_timestamp) or current_timestamp)"
)]
#[case::a_text_after_a_name("interval '1'", "")]
fn mariadb_reads(#[case] text: &str, #[case] expected: &str) {
    let found = Expression::parse(text, Dialect::MariaDb).as_ref().map(told);
    assert_eq!(found.unwrap_or_default(), expected);
}

#[rstest]
#[case::two_values("a b")]
#[case::a_list_without_parentheses("a IN 1")]
#[case::a_range_without_an_end("a BETWEEN 1")]
#[case::a_case_without_a_value("CASE WHEN a 1 END")]
#[case::a_case_without_an_end("CASE WHEN a THEN 1 ELSE 2")]
#[case::a_case_without_a_condition("CASE a THEN 1 END")]
#[case::a_cast_to_nothing("a::")]
#[case::a_cast_without_a_type("CAST(a)")]
#[case::a_cast_of_a_computed_length("a::varchar(b)")]
#[case::a_query("EXISTS (SELECT 1)")]
#[case::an_open_list("f(1")]
#[case::a_list_with_a_gap("f(1 2)")]
#[case::an_operator_without_an_operand("a +")]
#[case::an_operator_without_a_left_operand("* a")]
#[case::an_open_parenthesis("(a")]
#[case::a_closed_parenthesis("a)")]
fn nothing_is_read_of(#[case] text: &str) {
    assert_eq!(Expression::parse(text, Dialect::Postgres), None);
}
