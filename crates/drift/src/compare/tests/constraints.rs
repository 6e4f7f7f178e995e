//! Foreign keys and CHECKs.

use rstest::rstest;

use super::{column, compare, foreign_key, sequences::counter, table};
use crate::{
    change::Change,
    model::{
        Action, Check, Column, DefaultValue, Dialect, FieldValues, ForeignKey, Generation, LogicalType, Nullability,
        Schema, Sequence, Table, TableName, Validity, Visibility,
    },
    normalise::column_type,
};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn to(schema: &str) -> TableName {
    TableName { schema: Some(schema.to_owned()), name: "customer".to_owned() }
}

/// Nullable `a` and `b`, and `n` that is NOT NULL; in the database also `unset`, `zero` with a default, and `given`, which is
/// NOT NULL.
fn with(keys: &[ForeignKey], is_live: bool) -> Table {
    let not_null = |name: &str| Column { nullability: Nullability::NotNull, ..column(name) };
    let mut columns = vec![column("a"), column("b"), not_null("n")];
    if is_live {
        let zero = Some(DefaultValue::Literal("0".to_owned()));
        let random = Some(DefaultValue::Expression("random()".to_owned()));
        columns.extend([
            column("unset"),
            Column { default: zero, ..column("zero") },
            Column { default: random, ..column("random") },
            not_null("given"),
        ]);
    }
    Table { columns, foreign_keys: keys.to_vec(), ..table(&[], Vec::new()) }
}

fn found(declared: &Table, live: &Table, dialect: Dialect) -> Vec<String> {
    let schema = |table: &Table| Schema::new(dialect, vec![table.clone()]);
    let comparison = compare(&schema(declared), &schema(live));
    let told = comparison.changes.iter().filter_map(|(_, change)| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the columns only surround the constraints")]
        Some(match change {
            Change::ForeignKey { .. } => "differs".to_owned(),
            Change::ForeignKeyMissing { nearest: None, .. } => "missing".to_owned(),
            Change::ForeignKeyMissing { nearest: Some(_), .. } => "missing, another there".to_owned(),
            Change::ForeignKeyUnexpected { rejects, .. } => format!("extra, rejects {rejects:?}"),
            Change::CheckMissing { .. } => "missing".to_owned(),
            Change::CheckUnexpected { rejects, .. } => format!("extra, rejects {rejects:?}"),
            _ => return None,
        })
    });
    let questions = comparison.unchecked.iter().filter(|open| open.question.contains("CHECK"));
    told.chain(questions.map(|open| open.question.clone())).collect()
}

#[rstest]
#[case::itself(foreign_key(), &[])]
#[case::another_name(ForeignKey { name: "other".to_owned(), ..foreign_key() }, &[])]
#[case::another_action_on_delete(ForeignKey { on_delete: Action::Cascade, ..foreign_key() }, &["differs"])]
#[case::another_action_on_update(ForeignKey { on_update: Action::Cascade, ..foreign_key() }, &["differs"])]
#[case::one_that_refuses_at_once(ForeignKey { on_delete: Action::Restrict, on_update: Action::Restrict, ..foreign_key() }, &[])]
#[case::one_that_is_not_enforced(ForeignKey { validity: Validity::NotEnforced, ..foreign_key() }, &["differs"])]
#[case::one_that_names_no_columns(ForeignKey { target_columns: Vec::new(), ..foreign_key() }, &[])]
#[case::one_to_another_column(
    ForeignKey { target_columns: names(&["number"]), ..foreign_key() },
    &["missing, another there", "extra, rejects Values"]
)]
#[case::one_to_another_table(
    ForeignKey { target: TableName::unqualified("lead"), ..foreign_key() },
    &["missing, another there", "extra, rejects Values"]
)]
#[case::one_to_another_database(
    ForeignKey { is_target_elsewhere: true, ..foreign_key() },
    &["missing, another there", "extra, rejects Values"]
)]
#[case::one_of_another_column(
    ForeignKey { columns: names(&["b"]), ..foreign_key() },
    &["missing", "extra, rejects Values"]
)]
#[case::one_of_two_columns(
    ForeignKey { columns: names(&["a", "b"]), target_columns: names(&["id", "number"]), ..foreign_key() },
    &["missing", "extra, rejects Values"]
)]
#[case::one_that_must_be_null_as_a_whole(ForeignKey { is_full: true, ..foreign_key() }, &["differs"])]
fn a_live_foreign_key_beside_the_declared_one(#[case] live: ForeignKey, #[case] expected: &[&str]) {
    let declared = with(&[foreign_key()], false);
    assert_eq!(found(&declared, &with(&[live], true), Dialect::Postgres), expected);
}

#[rstest]
#[case::in_the_same_order(&["a", "b"], &["id", "number"], &[])]
#[case::in_another_order(&["b", "a"], &["number", "id"], &[])]
#[case::to_each_others_column(&["a", "b"], &["number", "id"], &["missing, another there", "extra, rejects Values"])]
fn a_foreign_key_of_two_columns_is_served_by_one(
    #[case] columns: &[&str],
    #[case] targets: &[&str],
    #[case] expected: &[&str],
) {
    let key =
        |columns, targets| ForeignKey { columns: names(columns), target_columns: names(targets), ..foreign_key() };
    let declared = with(&[key(&["a", "b"], &["id", "number"])], false);
    assert_eq!(found(&declared, &with(&[key(columns, targets)], true), Dialect::Postgres), expected);
}

#[rstest]
#[case::its_own(Dialect::Postgres, "crm", &[])]
#[case::another(Dialect::Postgres, "hr", &["missing, another there", "extra, rejects Values"])]
#[case::another_of_sqlite(Dialect::Sqlite, "hr", &[])]
fn a_foreign_key_to_a_schema_is_served_by_one_to(
    #[case] dialect: Dialect,
    #[case] schema: &str,
    #[case] expected: &[&str],
) {
    let declared = with(&[ForeignKey { target: to("crm"), ..foreign_key() }], false);
    let live = with(&[ForeignKey { target: to(schema), ..foreign_key() }], true);
    assert_eq!(found(&declared, &live, dialect), expected);
}

#[test]
fn of_two_foreign_keys_the_one_that_acts_counts() {
    let idle = ForeignKey { validity: Validity::Disabled, on_delete: Action::Cascade, ..foreign_key() };
    let other = ForeignKey { on_delete: Action::Cascade, ..foreign_key() };
    let found = |live: &[ForeignKey]| found(&with(&[foreign_key()], false), &with(live, true), Dialect::Postgres);
    assert_eq!(found(&[idle.clone(), foreign_key()]), [""; 0]);
    assert_eq!(found(&[foreign_key(), other]), ["differs"], "both act");
    assert_eq!(found(&[idle]), ["differs"]);
}

#[test]
fn an_action_that_the_role_may_not_see_is_no_difference() {
    let other = ForeignKey { on_delete: Action::Cascade, ..foreign_key() };
    let hidden = Table { constraints: Visibility::Hidden, ..with(&[other], true) };
    let open = "CHECKs and foreign key actions, which the connected role may not see";
    assert_eq!(found(&with(&[foreign_key()], false), &hidden, Dialect::MariaDb), [open]);
    let none = Table { constraints: Visibility::Hidden, ..with(&[], true) };
    assert_eq!(found(&with(&[foreign_key()], false), &none, Dialect::MariaDb), ["missing", open]);
}

#[test]
fn a_full_match_asks_no_more_of_columns_that_are_never_null() {
    let key = |is_full| ForeignKey { columns: names(&["n"]), is_full, ..foreign_key() };
    assert_eq!(found(&with(&[key(false)], false), &with(&[key(true)], true), Dialect::Postgres), [""; 0]);
}

#[rstest]
#[case::missing_rows(&["a"], false, Validity::Validated, "Values")]
#[case::nothing_of_a_column_that_nobody_sets(&["unset"], false, Validity::Validated, "Nothing")]
#[case::nothing_where_one_column_is_null(&["a", "unset"], false, Validity::Validated, "Nothing")]
#[case::nothing_that_is_known_of_a_default(&["zero"], false, Validity::Validated, "Nothing")]
#[case::half_a_key(&["a", "unset"], true, Validity::Validated, "Nulls")]
#[case::nothing_of_a_whole_key_that_nobody_sets(&["unset"], true, Validity::Validated, "Nothing")]
#[case::nothing_that_is_known_of_the_default_of_a_whole_key(&["zero"], true, Validity::Validated, "Nothing")]
#[case::half_a_key_that_nobody_sets(&["unset", "zero"], true, Validity::Validated, "EveryInsert")]
#[case::missing_rows_of_a_whole_key(&["a"], true, Validity::Validated, "Values")]
#[case::every_row_if_it_is_broken(&["n"], false, Validity::Broken, "EveryInsert")]
#[case::nothing_if_it_is_not_enforced(&["a"], false, Validity::NotEnforced, "Nothing")]
#[case::nothing_if_it_is_disabled(&["a"], false, Validity::Disabled, "Nothing")]
#[case::new_rows_if_it_was_not_validated(&["a"], false, Validity::NotValidated, "Values")]
fn an_undeclared_foreign_key_rejects(
    #[case] columns: &[&str],
    #[case] is_full: bool,
    #[case] validity: Validity,
    #[case] expected: &str,
) {
    let key = ForeignKey { columns: names(columns), is_full, validity, ..foreign_key() };
    let found = found(&with(&[], false), &with(&[key], true), Dialect::Postgres);
    assert_eq!(found, [format!("extra, rejects {expected}")]);
}

#[rstest]
#[case::a_column_that_may_be_null(Dialect::MariaDb, "a", "Values")]
#[case::a_column_that_is_never_null(Dialect::MariaDb, "n", "EveryInsert")]
#[case::any_column_of_sqlite(Dialect::Sqlite, "a", "EveryInsert")]
fn a_foreign_key_to_no_table_rejects_by(#[case] dialect: Dialect, #[case] column: &str, #[case] expected: &str) {
    let key = ForeignKey { columns: names(&[column]), validity: Validity::Broken, ..foreign_key() };
    let found = found(&with(&[], false), &with(&[key], true), dialect);
    assert_eq!(found, [format!("extra, rejects {expected}")]);
}

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
#[case::null("(a IS NOT NULL)", &["a"], "Nulls")]
#[case::nothing_that_the_entity_allows("(n IS NOT NULL)", &["n"], "Nothing")]
#[case::null_in_both("((a IS NOT NULL) OR (b IS NOT NULL))", &["a", "b"], "Nulls")]
#[case::null_in_the_one_without_the_other("((a IS NULL) OR (b IS NOT NULL))", &["a", "b"], "Values")]
#[case::what_an_insert_leaves_out("(unset IS NOT NULL)", &["unset"], "EveryInsert")]
#[case::a_rejected_default("(zero > 0)", &["zero"], "EveryInsert")]
#[case::an_accepted_default("(zero >= 0)", &["zero"], "Nothing")]
#[case::null_of_a_domain("(VALUE IS NOT NULL)", &["a"], "Nulls")]
#[case::every_null_of_a_domain("(VALUE IS NOT NULL)", &["unset"], "EveryInsert")]
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
