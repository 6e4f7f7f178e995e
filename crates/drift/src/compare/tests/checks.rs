//! CHECKs.

use rstest::rstest;

use super::{
    foreign_keys::{found, names, with},
    sequences::counter,
    table,
};
use crate::{
    model::{Check, Column, DefaultValue, Dialect, FieldValues, Generation, LogicalType, Nullability, Sequence, Table},
    normalise::column_type,
};

/// An enum that is stored as a text, of which SeaORM tells no values.
#[rstest]
#[case::its_values("(a IN ('LOW', 'HIGH'))", &["a"], true)]
#[case::those_of_two("((a IN ('LOW')) OR (b IN ('OFF')))", &["a", "b"], true)]
#[case::those_of_one_beside_a_text("((a IN ('LOW')) OR (n = 'x'))", &["a", "n"], false)]
#[case::no_null("(a IS NOT NULL)", &["a"], false)]
fn whether_a_check_accepts_the_values_of_a_type_is_open(
    #[case] text: &str,
    #[case] columns: &[&str],
    #[case] is_open: bool,
) {
    let mut declared = with(&[], false);
    declared.columns.iter_mut().filter(|column| column.name != "n").for_each(|column| column.values = FieldValues::Own);
    let mut live = with(&[], true);
    live.checks.push(check(text, columns));
    let found = found(&declared, &live, Dialect::Postgres);
    assert_eq!(found.iter().any(|found| found.contains("accepts every value of")), is_open, "{found:?}");
    assert_eq!(found.contains(&"extra, rejects Nothing".to_owned()), is_open, "{found:?}");
}

/// A regular expression of PostgreSQL's own is not matched.
#[rstest]
#[case::of_a_default(r"(d ~ '^[A-Z]+\M')", &["d"], true)]
#[case::of_a_default_and_null(r"((d ~ '^[A-Z]+\M') AND (a ~ '^x'))", &["d", "a"], true)]
#[case::of_a_default_or_null("((d ~ '^[A-Z]+$') OR (a ~ '^x'))", &["d", "a"], false)]
#[case::of_a_column_without_one("(a ~ '^[A-Z]+$')", &["a"], false)]
#[case::of_a_value_that_is_given("((d ~ '^[A-Z]+$') OR (n ~ '^x'))", &["d", "n"], false)]
#[case::of_a_function_of_null("(is_known(a))", &["a"], true)]
#[case::that_the_default_satisfies("(d LIKE 'r%')", &["d"], false)]
fn whether_a_check_accepts_the_default_is_open(#[case] text: &str, #[case] columns: &[&str], #[case] is_open: bool) {
    let default = Some(DefaultValue::Literal("received".to_owned()));
    let column = Column { default, ..Column::plain("d", column_type("varchar(32)", Dialect::Postgres)) };
    let (mut declared, mut live) = (with(&[], false), with(&[], true));
    declared.columns.push(column.clone());
    live.columns.push(column);
    live.checks.push(check(text, columns));
    let found = found(&declared, &live, Dialect::Postgres);
    assert_eq!(found.iter().any(|found| found.contains("accepts a row that leaves out")), is_open, "{found:?}");
    assert!(found.contains(&"extra, rejects Values".to_owned()), "{found:?}");
}

#[rstest]
#[case::no_number_below_one("(k > 0)", 1, "Nothing")]
#[case::the_first("(k > 1)", 1, "Values")]
#[case::the_last("(k < 2147483647)", 1, "Values")]
#[case::nothing_above_the_last("(k <= 2147483647)", 1, "Nothing")]
#[case::numbers_of_a_sequence_that_begins_below("(k > 0)", -5, "Values")]
fn a_check_of_a_generated_key_rejects(#[case] text: &str, #[case] first: i128, #[case] expected: &str) {
    let key = Column {
        nullability: Nullability::NotNull,
        generation: Generation::AutoIncrement,
        ..Column::plain("k", column_type("integer", Dialect::Postgres))
    };
    let sequence = Some(Box::new(Sequence { first, ..counter(10, i128::from(i32::MAX)) }));
    let declared = Table { columns: vec![key.clone()], ..table(&[], Vec::new()) };
    let mut live = Table { columns: vec![Column { sequence, ..key }], ..table(&[], Vec::new()) };
    live.checks.push(check(text, &["k"]));
    assert_eq!(found(&declared, &live, Dialect::Postgres), [format!("extra, rejects {expected}")]);
}

#[rstest]
#[case::the_type_of_a_float("double", "(typeof(v) IN ('real', 'null'))", "Nothing")]
#[case::another_type_than_that_of_a_float("double", "(typeof(v) IN ('integer', 'null'))", "Values")]
#[case::the_type_of_a_time("datetime_text", "(typeof(v) IN ('text', 'null'))", "Nothing")]
#[case::the_value_of_a_float("double", "(v > 0)", "Values")]
fn a_check_of_a_column_of_sqlite_rejects(#[case] ty: &str, #[case] text: &str, #[case] expected: &str) {
    let column = Column { nullability: Nullability::NotNull, ..Column::plain("v", column_type(ty, Dialect::Sqlite)) };
    let table = Table { columns: vec![column], ..table(&[], Vec::new()) };
    let mut live = table.clone();
    live.checks.push(check(text, &["v"]));
    assert_eq!(found(&table, &live, Dialect::Sqlite), [format!("extra, rejects {expected}")]);
}

fn check(text: &str, columns: &[&str]) -> Check {
    Check { name: "c".to_owned(), text: text.to_owned(), columns: names(columns) }
}

#[rstest]
#[case::some_values("(a > 0)", &["a"], "Values")]
#[case::null("(a IS NOT NULL)", &["a"], "SecondOmission")]
#[case::nothing_that_the_entity_allows("(n IS NOT NULL)", &["n"], "Nothing")]
#[case::null_in_both("((a IS NOT NULL) OR (b IS NOT NULL))", &["a", "b"], "SecondOmission")]
#[case::null_in_the_one_without_the_other("((a IS NULL) OR (b IS NOT NULL))", &["a", "b"], "Values")]
#[case::what_an_insert_leaves_out("(unset IS NOT NULL)", &["unset"], "EveryOmission")]
#[case::a_rejected_default("(zero > 0)", &["zero"], "EveryOmission")]
#[case::an_accepted_default("(zero >= 0)", &["zero"], "Nothing")]
#[case::a_default_that_divides_by_zero("(100 / zero > 1)", &["zero"], "EveryOmission")]
#[case::every_number_of_two_halves("((a >= 0) OR (a < 0))", &["a"], "Nothing")]
#[case::null_of_a_domain("(VALUE IS NOT NULL)", &["a"], "SecondOmission")]
#[case::every_null_of_a_domain("(VALUE IS NOT NULL)", &["unset"], "EveryOmission")]
fn an_undeclared_check_rejects(#[case] text: &str, #[case] columns: &[&str], #[case] expected: &str) {
    let mut live = with(&[], true);
    live.checks.push(check(text, columns));
    assert_eq!(found(&with(&[], false), &live, Dialect::Postgres), [format!("extra, rejects {expected}")]);
}

#[test]
fn whether_a_computed_default_satisfies_a_check_is_open() {
    let mut live = with(&[], true);
    live.checks.push(check("(random > 0)", &["random"]));
    let open = "whether the CHECK (random > 0) accepts what an insert leaves in random";
    assert_eq!(found(&with(&[], false), &live, Dialect::Postgres), ["extra, rejects Nothing", open]);
}

#[rstest]
#[case::the_longest_text("varchar(8)", "(length(v) <= 8)", "Nothing")]
#[case::a_shorter_text("varchar(8)", "(length(v) <= 7)", "Values")]
#[case::the_longest_padded_text("char(8)", "(length(v) <= 8)", "Nothing")]
#[case::a_text_without_a_limit("text", "(length(v) <= 8)", "Values")]
#[case::the_least_number("smallint", "(v <> '-32768'::integer)", "Values")]
#[case::a_lesser_number("smallint", "(v <> '-32769'::integer)", "Nothing")]
#[case::the_greatest_number("smallint", "(v <> 32767)", "Values")]
#[case::a_greater_number("smallint", "(v <> 32768)", "Nothing")]
#[case::one_side_and_the_other("smallint", "((v <= 5) OR (v > 5))", "Nothing")]
#[case::one_side_and_the_other_without_the_border("smallint", "((v < 5) OR (v > 5))", "Values")]
#[case::what_contradicts_itself("smallint", "(NOT ((v < 0) AND (v > 0)))", "Nothing")]
#[case::a_text_and_all_others("varchar(8)", "(((v)::text = 'a'::text) OR ((v)::text <> 'a'::text))", "Nothing")]
#[case::two_texts_at_once("varchar(8)", "(NOT ((v = 'a') AND (v = 'b')))", "Nothing")]
#[case::all_texts_but_one("varchar(8)", "((v = 'a') OR (v <> 'b'))", "Values")]
#[case::texts_of_which_some_are_in_order("varchar(8)", "((v = 'a') OR (v > 'b'))", "Values")]
#[case::a_text_in_lower_case_and_itself("varchar(8)", "(lower((v)::text) = lower((v)::text))", "Nothing")]
#[case::fewer_bytes_than_a_text_may_have("text", "(octet_length(v) < 1073741824)", "Nothing")]
#[case::as_many_bytes_as_a_text_may_have("text", "(octet_length(v) < 1073741823)", "Values")]
#[case::each_label("calm", "(v IN ('calm', 'angry'))", "Nothing")]
#[case::each_label_of_a_domain("calm", "(VALUE IN ('calm', 'angry'))", "Nothing")]
#[case::a_list_without_the_label("calm", "(v IN ('happy', 'angry'))", "Values")]
fn a_check_of_what_the_field_cannot_exceed_rejects(#[case] ty: &str, #[case] text: &str, #[case] expected: &str) {
    let mut ty = column_type(ty, Dialect::Postgres);
    if ty.text == "calm" {
        ty.kind = LogicalType::Enum { name: Some("mood".into()), labels: names(&["calm"]).into() };
        ty.field = ty.kind.clone();
    }
    let column = |nullability| Column { nullability, ..Column::plain("v", ty.clone()) };
    let table = |nullability| Table { columns: vec![column(nullability)], ..table(&[], Vec::new()) };
    for nullability in [Nullability::NotNull, Nullability::Nullable] {
        let mut live = table(nullability);
        live.checks.push(check(text, &["v"]));
        let found = found(&table(nullability), &live, Dialect::Postgres);
        assert_eq!(found, [format!("extra, rejects {expected}")], "{nullability}");
    }
}

/// So that a CHECK on many columns takes no time: more are not tried, and may be rejected.
#[rstest]
#[case::few(8, "Nothing")]
#[case::many(9, "Values")]
fn combinations_of_labels_are_tried_up_to_a_limit_if_they_are(#[case] number: usize, #[case] expected: &str) {
    let labels: Vec<String> = (0..number).map(|label| format!("l{label}")).collect();
    let mut ty = column_type("text", Dialect::Postgres);
    ty.kind = LogicalType::Enum { name: None, labels: labels.clone().into() };
    let column = |name| Column { nullability: Nullability::NotNull, ..Column::plain(name, ty.clone()) };
    let declared = Table { columns: vec![column("v"), column("w")], ..table(&[], Vec::new()) };
    let mut live = declared.clone();
    let list = labels.iter().map(|label| format!("'{label}'")).collect::<Vec<_>>().join(", ");
    live.checks.push(check(&format!("((v IN ({list})) AND (w IN ({list})))"), &["v", "w"]));
    assert_eq!(found(&declared, &live, Dialect::Postgres), [format!("extra, rejects {expected}")]);
}

#[rstest]
#[case::in_other_words(&["(a > 0)"], &["((a) > (0))"], &[])]
#[case::of_another_text(
    &["(a > 0)"],
    &["(a > 1)"],
    &["whether the CHECK (a > 1) means the same as the declared one"]
)]
#[case::by_none(&["(a > 0)"], &[], &["missing"])]
#[case::by_one_of_other_columns(&["(a > 0)"], &["(b > 0)"], &["missing", "extra, rejects Values"])]
#[case::by_one_of_more_columns(
    &["(a > 0)"],
    &["(a > b)"],
    &["whether the CHECK (a > b) means the same as the declared one"]
)]
#[case::by_the_one_of_its_text(&["(a > 0)", "(a < 100)"], &["(a < 100)"], &["missing"])]
#[case::by_those_of_their_texts_in_another_order(&["(a > 0)", "(a < 100)"], &["(a < 100)", "(a > 0)"], &[])]
#[case::by_the_one_of_its_columns(&["(a > 0)"], &["(a > b)", "(a > 0)"], &["extra, rejects Values"])]
#[case::by_the_one_of_its_columns_rather_than_of_more(
    &["(a > 0)"],
    &["(a > b)", "(a > 1)"],
    &["extra, rejects Values", "whether the CHECK (a > 1) means the same as the declared one"]
)]
fn live_checks_beside_the_declared_ones(#[case] declared: &[&str], #[case] live: &[&str], #[case] expected: &[&str]) {
    let with_checks = |texts: &[&str], is_live| {
        let of_columns = |text: &&str| {
            let columns: Vec<&str> = ["a", "b"].into_iter().filter(|column| text.contains(column)).collect();
            check(text, &columns)
        };
        Table { checks: texts.iter().map(of_columns).collect(), ..with(&[], is_live) }
    };
    assert_eq!(found(&with_checks(declared, false), &with_checks(live, true), Dialect::Postgres), expected);
}

/// No value violates them, and some may keep them from being computed.
#[rstest]
#[case::a_cast("((((v)::text)::bigint IS NOT NULL) OR (v IS NULL))", true)]
#[case::a_cast_that_cannot_fail("(((v)::text IS NOT NULL) OR (v IS NULL))", false)]
#[case::a_function_that_is_not_known("((token(v) IS NULL) OR true)", true)]
#[case::a_cast_of_what_stays_null("((unset)::bigint IS NULL)", false)]
fn whether_a_check_can_be_computed_is_open(#[case] text: &str, #[case] is_open: bool) {
    let column = |name: &str| Column::plain(name, column_type("varchar(8)", Dialect::Postgres));
    let declared = Table { columns: vec![column("v")], ..table(&[], Vec::new()) };
    let mut live = Table { columns: vec![column("v"), column("unset")], ..table(&[], Vec::new()) };
    live.checks.push(check(text, &[if text.contains("unset") { "unset" } else { "v" }]));
    let mut expected = vec!["extra, rejects Nothing".to_owned()];
    let question = format!("whether the CHECK {text} can be computed for every row that a program writes");
    expected.extend(is_open.then_some(question));
    assert_eq!(found(&declared, &live, Dialect::Postgres), expected);
}

#[rstest]
#[case::a_text("(octet_length(`v`) <= 65535)", "Nothing")]
#[case::a_shorter_text("(octet_length(`v`) <= 65534)", "Values")]
#[case::characters("(char_length(`v`) <= 65535)", "Nothing")]
fn a_text_of_mariadb_has_as_many_bytes(#[case] text: &str, #[case] expected: &str) {
    let column = Column::plain("v", column_type("text", Dialect::MariaDb));
    let table = Table { columns: vec![column], ..table(&[], Vec::new()) };
    let mut live = table.clone();
    live.checks.push(check(text, &["v"]));
    assert_eq!(found(&table, &live, Dialect::MariaDb), [format!("extra, rejects {expected}")]);
}
