//! Generators, defaults, labels and expressions of one column: what differs, and what cannot be compared.

use rstest::rstest;

use super::{column, compare, table};
use crate::{
    change::{Change, DefaultEffect},
    model::{
        Column, DefaultValue, Dialect, Generation, LogicalType, Nullability, RelationKind, Schema, Table, Visibility,
    },
    normalise::column_type,
};

/// What is found of the one column `a`, and what is open.
fn found(declared: Column, live: Column, dialect: Dialect) -> Vec<String> {
    found_in(declared, live, dialect, |_| {})
}

fn found_in(declared: Column, live: Column, dialect: Dialect, make: impl Fn(&mut Table)) -> Vec<String> {
    let with = |column| Table { columns: vec![column], ..table(&[], Vec::new()) };
    let (declared, mut live) = (with(declared), with(live));
    make(&mut live);
    let schema = |table| Schema::new(dialect, vec![table]);
    let comparison = compare(&schema(declared), &schema(live));
    let changes = comparison.changes.iter().map(|(_, change)| {
        if let Change::Default { effect, nullability, .. } = change {
            format!("default {effect:?} {nullability:?}")
        } else {
            change.rule().name().to_owned()
        }
    });
    changes.chain(comparison.unchecked.iter().map(|open| open.rule.name().to_owned())).collect()
}

fn of(ty: &str, dialect: Dialect) -> Column {
    Column::plain("a", column_type(ty, dialect))
}

fn with_default(text: &str, column: Column) -> Column {
    Column { default: Some(DefaultValue::Literal(text.to_owned())), ..column }
}

fn computing(text: &str, column: Column) -> Column {
    Column { default: Some(DefaultValue::Expression(text.to_owned())), ..column }
}

fn required(column: Column) -> Column {
    Column { nullability: Nullability::NotNull, ..column }
}

fn made(generation: Generation, column: Column) -> Column {
    Column { generation, ..column }
}

#[rstest]
#[case::a_default_of_postgres(Dialect::Postgres, computing("nextval('n')", column("a")), false, &["generator-unchecked"])]
#[case::a_default_of_sqlite(Dialect::Sqlite, computing("random()", column("a")), false, &["generation-differs", "default Stored NotNull", ])]
#[case::a_constant(Dialect::Postgres, with_default("1", column("a")), false, &["generation-differs", "default Stored NotNull"])]
#[case::a_trigger(Dialect::Postgres, column("a"), true, &["generator-unchecked"])]
#[case::nothing(Dialect::Postgres, column("a"), false, &["generation-differs"])]
#[case::an_identity_beside_a_trigger(
    Dialect::Postgres, made(Generation::AlwaysIdentity, column("a")), true, &["generation-differs"]
)]
fn a_key_is_generated_by(
    #[case] dialect: Dialect,
    #[case] live: Column,
    #[case] has_trigger: bool,
    #[case] expected: &[&str],
) {
    let declared = made(Generation::AutoIncrement, required(column("a")));
    let found = found_in(declared, required(live), dialect, |table| table.has_before_insert_trigger = has_trigger);
    assert_eq!(found, expected);
}

/// Every integer key of SQLite is an alias of its rowid.
#[rstest]
#[case::of_sqlite(Dialect::Sqlite, Generation::AutoIncrement, &[])]
#[case::of_postgres(Dialect::Postgres, Generation::AutoIncrement, &["generation-differs"])]
#[case::that_is_computed(Dialect::Sqlite, Generation::Computed, &["generation-differs"])]
fn a_key_that_the_program_sets_is_numbered(
    #[case] dialect: Dialect,
    #[case] live: Generation,
    #[case] expected: &[&str],
) {
    assert_eq!(found(required(column("a")), made(live, required(column("a"))), dialect), expected);
}

#[rstest]
#[case::another_one(column("a"), with_default("1", column("a")), &["default Stored Nullable"])]
#[case::no_other(with_default("1", column("a")), with_default("1", column("a")), &[])]
#[case::one_of_a_required_field(required(column("a")), with_default("1", required(column("a"))), &["default Stored NotNull"])]
#[case::one_that_is_declared_for_a_required_field(
    with_default("2", required(column("a"))), with_default("1", required(column("a"))), &["default Stored NotNull"]
)]
#[case::one_past_the_column(
    column("a"), with_default("3000000000", column("a")), &["default Rejected Nullable"]
)]
#[case::one_past_the_column_that_is_always_set(
    required(column("a")), with_default("3000000000", required(column("a"))), &["default Stored NotNull"]
)]
#[case::none_of_what_is_computed(
    column("a"), made(Generation::Computed, with_default("1", column("a"))), &["generation-differs"]
)]
#[case::one_that_is_overwritten(
    column("a"), made(Generation::OnUpdate, with_default("1", column("a"))),
    &["generation-differs", "default Stored Nullable"]
)]
#[case::one_that_may_fail(column("a"), computing("token()", column("a")), &["default Stored Nullable", "default-unchecked"])]
#[case::one_that_may_fail_and_is_always_set(
    required(column("a")), computing("token()", required(column("a"))), &["default Stored NotNull"]
)]
#[case::one_that_never_fails(column("a"), computing("length('a')", column("a")), &["default Stored Nullable"])]
#[case::one_that_may_be_the_same(
    computing("a()", column("a")), computing("b()", column("a")), &["default-unchecked"]
)]
fn a_column_has_the_default(#[case] declared: Column, #[case] live: Column, #[case] expected: &[&str]) {
    assert_eq!(found(declared, live, Dialect::Postgres), expected);
}

#[test]
fn sqlite_stores_a_default_past_the_column() {
    let live = with_default("3000000000", column("a"));
    assert_eq!(found(column("a"), live, Dialect::Sqlite), ["default Unreadable Nullable"]);
}

/// The entity's field is a text, and the column has a type of its own.
#[rstest]
#[case::of_postgres(Dialect::Postgres, "inet", &["type-differs"])]
#[case::of_mariadb(Dialect::MariaDb, "inet", &[])]
#[case::of_sqlite_for_numbers(Dialect::Sqlite, "numeric", &["type-differs"])]
#[case::of_sqlite_for_texts(Dialect::Sqlite, "inet", &[])]
fn a_field_cannot_hold_a_type(#[case] dialect: Dialect, #[case] ty: &str, #[case] expected: &[&str]) {
    let mut declared = of(ty, dialect);
    declared.ty.field = LogicalType::Text(None);
    assert_eq!(found(declared, of(ty, dialect), dialect), expected);
    assert_eq!(found(of(ty, dialect), of(ty, dialect), dialect), [""; 0], "a field of the same type holds it");
}

/// The json of MariaDB is a longtext, whose CHECK may be lost.
#[rstest]
#[case::of_mariadb(Dialect::MariaDb, Visibility::Shown, LogicalType::Text(None), &["type-differs"])]
#[case::that_cannot_be_seen(Dialect::MariaDb, Visibility::Hidden, LogicalType::Text(None), &[])]
#[case::that_is_there(Dialect::MariaDb, Visibility::Shown, LogicalType::Json, &[])]
#[case::of_mysql(Dialect::MySql, Visibility::Shown, LogicalType::Text(None), &[])]
fn a_column_lost_the_check_of_json(
    #[case] dialect: Dialect,
    #[case] constraints: Visibility,
    #[case] field: LogicalType,
    #[case] expected: &[&str],
) {
    let (mut declared, mut live) = (of("longtext", dialect), of("longtext", dialect));
    declared.ty.field = LogicalType::Json;
    live.ty.field = field;
    assert_eq!(found_in(declared, live, dialect, |table| table.constraints = constraints), expected);
}

/// A label that only the entity has is `+a`, one that only the database has `-a`.
#[rstest]
#[case::the_same(Dialect::Postgres, &["b", "a"], &[])]
#[case::one_more(Dialect::Postgres, &["a", "b", "c"], &["-c"])]
#[case::one_less(Dialect::Postgres, &["a"], &["+b"])]
#[case::one_in_other_letters(Dialect::Postgres, &["A", "b"], &["+a", "-A"])]
#[case::one_in_other_letters_of_mariadb(Dialect::MariaDb, &["A", "b"], &["-A"])]
#[case::one_in_other_letters_of_mysql(Dialect::MySql, &["A", "b"], &["-A"])]
fn an_enum_has_the_labels(#[case] dialect: Dialect, #[case] live: &[&str], #[case] expected: &[&str]) {
    let with = |labels: &[&str]| {
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        let mut column = of("text", dialect);
        column.ty.kind = LogicalType::Enum { name: Some("mood".to_owned()), labels };
        column.ty.field = LogicalType::Unsupported;
        Schema::new(dialect, vec![Table { columns: vec![column], ..table(&[], Vec::new()) }])
    };
    let changes = compare(&with(&["a", "b"]), &with(live)).changes;
    let found: Vec<String> = changes
        .iter()
        .flat_map(|(_, change)| {
            let Change::EnumLabels { missing, unexpected, .. } = change else { panic!("{change:?}") };
            let missing = missing.iter().map(|label| format!("+{label}"));
            missing.chain(unexpected.iter().map(|label| format!("-{label}"))).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(found, expected);
}

#[rstest]
#[case::in_other_words(Some("(id + 1)"), Some("id+1"), &[])]
#[case::which_differ(Some("(id + 1)"), Some("(id + 2)"), &["expression-unchecked"])]
#[case::of_which_one_is_unknown(Some("(id + 1)"), None, &["expression-unchecked"])]
#[case::of_which_both_are_unknown(None, None, &[])]
fn a_column_is_computed_by_expressions(
    #[case] declared: Option<&str>,
    #[case] live: Option<&str>,
    #[case] expected: &[&str],
) {
    let with =
        |text: Option<&str>| Column { expression: text.map(str::to_owned), ..made(Generation::Computed, column("a")) };
    assert_eq!(found(with(declared), with(live), Dialect::Postgres), expected);
}

#[test]
fn a_key_that_existed_before_its_constraint_may_be_null() {
    let live = Column { may_hold_nulls: true, ..required(column("a")) };
    assert_eq!(found(required(column("a")), live.clone(), Dialect::Postgres), ["nullability-differs"]);
    let nullable = Column { may_hold_nulls: false, ..live };
    assert_eq!(found(required(column("a")), nullable, Dialect::Postgres), [""; 0]);
}

#[rstest]
#[case::of_a_repeated_text(Dialect::Sqlite, "timestamp_text", "datetime('now')", DefaultEffect::Stored)]
#[case::of_a_day_alone(Dialect::Sqlite, "timestamp_text", "date('now')", DefaultEffect::Unreadable)]
#[case::of_a_day_of_postgres(Dialect::Postgres, "timestamp", "date('now')", DefaultEffect::Stored)]
fn a_field_reads_the_time(
    #[case] dialect: Dialect,
    #[case] ty: &str,
    #[case] default: &str,
    #[case] expected: DefaultEffect,
) {
    let found = found(of(ty, dialect), computing(default, of(ty, dialect)), dialect);
    assert!(found.contains(&format!("default {expected:?} Nullable")), "{found:?}");
}

#[rstest]
#[case::that_keep_long_values_in_the_row(|table: &mut Table| table.kept_in_row = vec!["A".to_owned()], Dialect::Sqlite, true)]
#[case::of_which_another_keeps_them(|table: &mut Table| table.kept_in_row = vec!["b".to_owned()], Dialect::Postgres, false)]
#[case::that_a_lenient_server_cuts(|table: &mut Table| table.has_lenient_sql_mode = true, Dialect::MySql, true)]
#[case::of_a_plain_table(|table: &mut Table| table.relation = RelationKind::Table, Dialect::Postgres, false)]
fn it_is_open_what_becomes_of_values(#[case] make: fn(&mut Table), #[case] dialect: Dialect, #[case] is_open: bool) {
    let found = found_in(column("a"), column("a"), dialect, make);
    assert_eq!(found, if is_open { vec!["constraint-unchecked"] } else { Vec::new() });
}
