//! Foreign keys.

use rstest::rstest;

use super::{column, compare, foreign_key, table};
use crate::{
    change::Change,
    model::{
        Action, Column, DefaultValue, Dialect, ForeignKey, Nullability, Schema, Table, TableName, Validity, Visibility,
    },
};

pub(super) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn to(schema: &str) -> TableName {
    TableName { schema: Some(schema.to_owned()), name: "customer".to_owned() }
}

/// Nullable `a` and `b`, and `n` that is NOT NULL; in the database also `unset`, `zero` with a default, and `given`, which is
/// NOT NULL.
pub(super) fn with(keys: &[ForeignKey], is_live: bool) -> Table {
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

pub(super) fn found(declared: &Table, live: &Table, dialect: Dialect) -> Vec<String> {
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
    ForeignKey { is_target_in_other_schema: true, ..foreign_key() },
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
#[case::one_that_must_be_null_as_a_whole(ForeignKey { is_match_full: true, ..foreign_key() }, &["differs"])]
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

/// A key that rejects at the end of the statement, beside the declared one that cascades.
#[rstest]
#[case::of_sqlite(Dialect::Sqlite, false, &[], 0)]
#[case::of_postgres(Dialect::Postgres, false, &[], 1)]
#[case::of_postgres_that_asks_for_more(Dialect::Postgres, true, &["differs"], 0)]
#[case::of_mariadb_which_rejects_at_once(Dialect::MariaDb, false, &["differs"], 0)]
fn a_second_foreign_key(
    #[case] dialect: Dialect,
    #[case] is_match_full: bool,
    #[case] expected: &[&str],
    #[case] questions: usize,
) {
    let cascades = || ForeignKey { on_delete: Action::Cascade, on_update: Action::Cascade, ..foreign_key() };
    let declared = with(&[cascades()], false);
    let live = with(&[ForeignKey { is_match_full, ..foreign_key() }, cascades()], true);
    assert_eq!(found(&declared, &live, dialect), expected);
    let schema = |table: &Table| Schema::new(dialect, vec![table.clone()]);
    let unchecked = compare(&schema(&declared), &schema(&live)).unchecked;
    assert_eq!(unchecked.iter().filter(|open| open.question.contains("a second foreign key")).count(), questions);
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
    let key = |is_match_full| ForeignKey { columns: names(&["n"]), is_match_full, ..foreign_key() };
    assert_eq!(found(&with(&[key(false)], false), &with(&[key(true)], true), Dialect::Postgres), [""; 0]);
}

#[rstest]
#[case::missing_rows(&["a"], false, Validity::Validated, "Values")]
#[case::nothing_of_a_column_that_nobody_sets(&["unset"], false, Validity::Validated, "Nothing")]
#[case::nothing_where_one_column_is_null(&["a", "unset"], false, Validity::Validated, "Nothing")]
#[case::nothing_that_is_known_of_a_default(&["zero"], false, Validity::Validated, "Nothing")]
#[case::half_a_key(&["a", "unset"], true, Validity::Validated, "SecondOmission")]
#[case::nothing_of_a_whole_key_that_nobody_sets(&["unset"], true, Validity::Validated, "Nothing")]
#[case::nothing_that_is_known_of_the_default_of_a_whole_key(&["zero"], true, Validity::Validated, "Nothing")]
#[case::half_a_key_whose_other_half_is_always_set(&["n", "unset"], true, Validity::Validated, "EveryOmission")]
#[case::half_a_key_that_may_be_left_out(&["n", "a"], true, Validity::Validated, "EveryOmission")]
#[case::a_key_that_may_be_left_out(&["a", "b"], true, Validity::Validated, "Values")]
#[case::half_a_key_that_nobody_sets(&["unset", "zero"], true, Validity::Validated, "EveryOmission")]
#[case::missing_rows_of_a_whole_key(&["a"], true, Validity::Validated, "Values")]
#[case::every_row_if_it_is_broken(&["n"], false, Validity::Broken, "EveryOmission")]
#[case::nothing_if_it_is_not_enforced(&["a"], false, Validity::NotEnforced, "Nothing")]
#[case::nothing_if_it_is_disabled(&["a"], false, Validity::Disabled, "Nothing")]
#[case::new_rows_if_it_was_not_validated(&["a"], false, Validity::NotValidated, "Values")]
fn an_undeclared_foreign_key_rejects(
    #[case] columns: &[&str],
    #[case] is_match_full: bool,
    #[case] validity: Validity,
    #[case] expected: &str,
) {
    let key = ForeignKey { columns: names(columns), is_match_full, validity, ..foreign_key() };
    let found = found(&with(&[], false), &with(&[key], true), Dialect::Postgres);
    assert_eq!(found, [format!("extra, rejects {expected}")]);
}

#[rstest]
#[case::a_column_that_may_be_null(Dialect::MariaDb, "a", "Values")]
#[case::a_column_that_is_never_null(Dialect::MariaDb, "n", "EveryOmission")]
#[case::any_column_of_sqlite(Dialect::Sqlite, "a", "EveryOmission")]
fn a_foreign_key_to_no_table_rejects_by(#[case] dialect: Dialect, #[case] column: &str, #[case] expected: &str) {
    let key = ForeignKey { columns: names(&[column]), validity: Validity::Broken, ..foreign_key() };
    let found = found(&with(&[], false), &with(&[key], true), dialect);
    assert_eq!(found, [format!("extra, rejects {expected}")]);
}
