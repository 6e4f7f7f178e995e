//! Generators, defaults, labels and expressions of one column: what differs, and what cannot be compared.

use rstest::rstest;

use super::{column, compare, table};
use crate::{
    change::{Change, DefaultEffect},
    model::{
        Column, DefaultValue, Dialect, FieldValues, Generation, LogicalType, Nullability, RelationKind, Schema, Table,
        Visibility,
    },
    normalise::column_type,
};

/// The differences and unchecked findings for the column `a`: their rules, and of a default its effect.
fn findings(declared: Column, live: Column, dialect: Dialect) -> Vec<String> {
    findings_with_adjusted_table(declared, live, dialect, |_| {})
}

fn findings_with_adjusted_table(
    declared: Column,
    live: Column,
    dialect: Dialect,
    adjust_live: impl Fn(&mut Table),
) -> Vec<String> {
    let table_of = |column| Table { columns: vec![column], ..table(&[], Vec::new()) };
    let (declared, mut live) = (table_of(declared), table_of(live));
    adjust_live(&mut live);
    let schema = |table| Schema::new(dialect, vec![table]);
    let comparison = compare(&schema(declared), &schema(live));
    let changes = comparison.changes.iter().map(|(_, change)| {
        if let Change::Default { effect, nullability, .. } = change {
            format!("default {effect:?} {nullability:?}")
        } else {
            change.rule().name().to_owned()
        }
    });
    changes.chain(comparison.unchecked.iter().map(|finding| finding.rule.name().to_owned())).collect()
}

fn typed(ty: &str, dialect: Dialect) -> Column {
    Column::plain("a", column_type(ty, dialect))
}

fn with_default(text: &str, column: Column) -> Column {
    Column { default: Some(DefaultValue::Literal(text.to_owned())), ..column }
}

fn with_default_expression(text: &str, column: Column) -> Column {
    Column { default: Some(DefaultValue::Expression(text.to_owned())), ..column }
}

fn required(column: Column) -> Column {
    Column { nullability: Nullability::NotNull, ..column }
}

fn with_generation(generation: Generation, column: Column) -> Column {
    Column { generation, ..column }
}

#[rstest]
#[case::a_default_of_postgres(Dialect::Postgres, with_default_expression("nextval('n')", column("a")), false, &["generator-unchecked"])]
#[case::a_default_of_sqlite(Dialect::Sqlite, with_default_expression("random()", column("a")), false, &["generation-differs", "default Stored NotNull", ])]
#[case::a_constant(Dialect::Postgres, with_default("1", column("a")), false, &["generation-differs", "default Stored NotNull"])]
#[case::a_trigger(Dialect::Postgres, column("a"), true, &["generator-unchecked"])]
#[case::nothing(Dialect::Postgres, column("a"), false, &["generation-differs"])]
#[case::an_identity_beside_a_trigger(
    Dialect::Postgres, with_generation(Generation::AlwaysIdentity, column("a")), true, &["generation-differs"]
)]
fn a_key_that_is_not_generated_as_declared_differs(
    #[case] dialect: Dialect,
    #[case] live: Column,
    #[case] has_trigger: bool,
    #[case] expected: &[&str],
) {
    let declared = with_generation(Generation::AutoIncrement, required(column("a")));
    let found = findings_with_adjusted_table(declared, required(live), dialect, |table| {
        table.has_before_insert_trigger = has_trigger;
    });
    assert_eq!(found, expected);
}

/// Every integer key of SQLite is an alias of its rowid.
#[rstest]
#[case::of_sqlite(Dialect::Sqlite, Generation::AutoIncrement, &[])]
#[case::of_postgres(Dialect::Postgres, Generation::AutoIncrement, &["generation-differs"])]
#[case::that_is_computed(Dialect::Sqlite, Generation::Computed, &["generation-differs"])]
fn a_key_that_the_program_sets_is_generated_by_the_database(
    #[case] dialect: Dialect,
    #[case] live: Generation,
    #[case] expected: &[&str],
) {
    assert_eq!(findings(required(column("a")), with_generation(live, required(column("a"))), dialect), expected);
}

#[rstest]
#[case::an_undeclared_one(column("a"), with_default("1", column("a")), &["default Stored Nullable"])]
#[case::the_declared_one(with_default("1", column("a")), with_default("1", column("a")), &[])]
#[case::an_undeclared_one_of_a_required_field(required(column("a")), with_default("1", required(column("a"))), &["default Stored NotNull"])]
#[case::another_than_declared_of_a_required_field(
    with_default("2", required(column("a"))), with_default("1", required(column("a"))), &["default Stored NotNull"]
)]
#[case::one_out_of_range(
    column("a"), with_default("3000000000", column("a")), &["default Rejected Nullable"]
)]
#[case::one_out_of_range_of_a_required_field(
    required(column("a")), with_default("3000000000", required(column("a"))), &["default Stored NotNull"]
)]
#[case::one_of_a_generated_column(
    column("a"), with_generation(Generation::Computed, with_default("1", column("a"))), &["generation-differs"]
)]
#[case::one_of_a_column_that_the_server_updates(
    column("a"), with_generation(Generation::OnUpdate, with_default("1", column("a"))),
    &["generation-differs", "default Stored Nullable"]
)]
#[case::an_unknown_function(column("a"), with_default_expression("token()", column("a")), &["default Stored Nullable", "default-unchecked"])]
#[case::an_unknown_function_of_a_required_field(
    required(column("a")), with_default_expression("token()", required(column("a"))), &["default Stored NotNull"]
)]
#[case::a_function_that_never_fails(column("a"), with_default_expression("length('a')", column("a")), &["default Stored Nullable"])]
#[case::one_that_an_enum_may_not_have(
    Column { values: FieldValues::Own, ..column("a") }, with_default("low", column("a")),
    &["default Stored Nullable", "default-unchecked"]
)]
#[case::one_that_may_be_the_same(
    with_default_expression("a()", column("a")), with_default_expression("b()", column("a")), &["default-unchecked"]
)]
#[case::one_that_a_session_may_set(
    column("a"), with_default_expression("(NULLIF(current_setting('app.a'::text, true), ''::text))::integer", column("a")),
    &["default-unchecked"]
)]
#[case::one_that_a_session_must_set(
    column("a"), with_default_expression("current_setting('app.a'::text)", column("a")),
    &["default Stored Nullable", "default-unchecked"]
)]
#[case::milliseconds_since_1970(
    column("a"), with_default_expression("(EXTRACT(epoch FROM now()) * (1000)::numeric)", column("a")),
    &["default Rejected Nullable"]
)]
fn the_default_of_a_column_is(#[case] declared: Column, #[case] live: Column, #[case] expected: &[&str]) {
    assert_eq!(findings(declared, live, Dialect::Postgres), expected);
}

#[rstest]
#[case::of_a_field_that_may_be_left_out(column("a"), &["default Missing Nullable"])]
#[case::of_a_field_with_a_default(with_default("1", column("a")), &["default Missing Nullable"])]
#[case::of_a_field_that_is_always_given(required(column("a")), &["nullability-differs"])]
fn a_default_was_dropped(#[case] declared: Column, #[case] expected: &[&str]) {
    let live = Column { lacks_default: true, ..column("a") };
    assert_eq!(findings(declared, live, Dialect::MariaDb), expected);
}

#[rstest]
#[case::a_constant(with_default("3000000000", column("a")))]
#[case::milliseconds(with_default_expression(
    "cast((julianday('now') - 2440587.5) * 86400000 as integer)",
    column("a")
))]
fn sqlite_stores_a_default_that_is_out_of_range(#[case] live: Column) {
    assert_eq!(findings(column("a"), live, Dialect::Sqlite), ["default Unreadable Nullable"]);
}

/// sqlx cannot read it. A day 0 of MariaDB it reads as NULL.
#[rstest]
#[case::a_time_without_end(Dialect::Postgres, "timestamp", "infinity", "default Unreadable Nullable")]
#[case::a_day_without_beginning(Dialect::Postgres, "date", "-infinity", "default Unreadable Nullable")]
#[case::a_number_without_end(Dialect::Postgres, "double precision", "infinity", "default Stored Nullable")]
#[case::day_0(Dialect::Sqlite, "datetime_text", "0000-00-00 00:00:00", "default Unreadable Nullable")]
#[case::day_0_that_is_null(Dialect::MariaDb, "datetime", "0000-00-00 00:00:00", "default Stored Nullable")]
fn the_default_of_a_time_is(#[case] dialect: Dialect, #[case] ty: &str, #[case] default: &str, #[case] expected: &str) {
    assert_eq!(findings(typed(ty, dialect), with_default(default, typed(ty, dialect)), dialect), [expected]);
}

/// SeaORM does not list the values of an enum that it stores as a text.
#[rstest]
#[case::of_mariadb(Dialect::MariaDb, FieldValues::Own, &["check-unchecked"])]
#[case::of_mariadb_under_any_text(Dialect::MariaDb, FieldValues::All, &["type-differs"])]
#[case::of_postgres(Dialect::Postgres, FieldValues::Own, &["type-differs"])]
fn an_enum_of_the_database(#[case] dialect: Dialect, #[case] values: FieldValues, #[case] expected: &[&str]) {
    let declared = Column { values, ..typed("varchar(9)", dialect) };
    let mut live = typed("varchar(9)", dialect);
    live.ty.text = "enum('LOW','HIGH')".to_owned();
    live.ty.kind = LogicalType::Enum { name: None, labels: Box::new(["LOW".to_owned(), "HIGH".to_owned()]) };
    assert_eq!(findings(declared, live, dialect), expected);
}

/// The entity reads the column into a `String`, and the column has another type.
#[rstest]
#[case::of_postgres(Dialect::Postgres, "inet", &["type-differs"])]
#[case::of_mariadb(Dialect::MariaDb, "inet", &[])]
#[case::of_sqlite_for_numbers(Dialect::Sqlite, "numeric", &["type-differs"])]
#[case::of_sqlite_for_texts(Dialect::Sqlite, "inet", &[])]
fn a_string_reads_a_column_of_another_type(#[case] dialect: Dialect, #[case] ty: &str, #[case] expected: &[&str]) {
    let mut declared = typed(ty, dialect);
    declared.ty.field = LogicalType::Text(None);
    assert_eq!(findings(declared, typed(ty, dialect), dialect), expected);
    assert_eq!(findings(typed(ty, dialect), typed(ty, dialect), dialect), [""; 0], "a field of the same type holds it");
}

/// MariaDB stores JSON as `longtext` with a CHECK; without the CHECK it is plain text.
#[rstest]
#[case::of_mariadb(Dialect::MariaDb, Visibility::Shown, LogicalType::Text(None), &["type-differs"])]
#[case::that_cannot_be_seen(Dialect::MariaDb, Visibility::Hidden, LogicalType::Text(None), &[])]
#[case::that_is_there(Dialect::MariaDb, Visibility::Shown, LogicalType::Json, &[])]
#[case::of_mysql(Dialect::MySql, Visibility::Shown, LogicalType::Text(None), &[])]
fn a_json_field_needs_its_check(
    #[case] dialect: Dialect,
    #[case] constraints: Visibility,
    #[case] field: LogicalType,
    #[case] expected: &[&str],
) {
    let (mut declared, mut live) = (typed("longtext", dialect), typed("longtext", dialect));
    declared.ty.field = LogicalType::Json;
    live.ty.field = field;
    assert_eq!(
        findings_with_adjusted_table(declared, live, dialect, |table| table.constraints = constraints),
        expected
    );
}

/// A label that only the entity has is `+a`, one that only the database has `-a`.
#[rstest]
#[case::the_same(Dialect::Postgres, &["b", "a"], &[])]
#[case::one_more(Dialect::Postgres, &["a", "b", "c"], &["-c"])]
#[case::one_less(Dialect::Postgres, &["a"], &["+b"])]
#[case::one_in_another_case(Dialect::Postgres, &["A", "b"], &["+a", "-A"])]
#[case::one_in_another_case_of_mariadb(Dialect::MariaDb, &["A", "b"], &["-A"])]
#[case::one_in_another_case_of_mysql(Dialect::MySql, &["A", "b"], &["-A"])]
fn an_enum_has_the_labels(#[case] dialect: Dialect, #[case] live: &[&str], #[case] expected: &[&str]) {
    let with = |labels: &[&str]| {
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        let mut column = typed("text", dialect);
        column.ty.kind = LogicalType::Enum { name: Some("mood".into()), labels };
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
#[case::in_another_spelling(Some("(id + 1)"), Some("id+1"), &[])]
#[case::which_differ(Some("(id + 1)"), Some("(id + 2)"), &["expression-unchecked"])]
#[case::of_which_one_is_unknown(Some("(id + 1)"), None, &["expression-unchecked"])]
#[case::of_which_both_are_unknown(None, None, &[])]
fn a_column_is_computed_by_expressions(
    #[case] declared: Option<&str>,
    #[case] live: Option<&str>,
    #[case] expected: &[&str],
) {
    let with = |text: Option<&str>| Column {
        expression: text.map(Into::into),
        ..with_generation(Generation::Computed, column("a"))
    };
    assert_eq!(findings(with(declared), with(live), Dialect::Postgres), expected);
}

#[test]
fn a_not_null_column_that_may_hold_nulls_differs() {
    let live = Column { may_hold_nulls: true, ..required(column("a")) };
    assert_eq!(findings(required(column("a")), live.clone(), Dialect::Postgres), ["nullability-differs"]);
    let without_nulls = Column { may_hold_nulls: false, ..live };
    assert_eq!(findings(required(column("a")), without_nulls, Dialect::Postgres), [""; 0]);
}

#[rstest]
#[case::of_the_whole_time(Dialect::Sqlite, "timestamp_text", "datetime('now')", DefaultEffect::Stored)]
#[case::of_a_day_alone(Dialect::Sqlite, "timestamp_text", "date('now')", DefaultEffect::Unreadable)]
#[case::of_a_day_of_postgres(Dialect::Postgres, "timestamp", "date('now')", DefaultEffect::Stored)]
fn a_field_reads_the_time(
    #[case] dialect: Dialect,
    #[case] ty: &str,
    #[case] default: &str,
    #[case] expected: DefaultEffect,
) {
    let found = findings(typed(ty, dialect), with_default_expression(default, typed(ty, dialect)), dialect);
    assert!(found.contains(&format!("default {expected:?} Nullable")), "{found:?}");
}

#[rstest]
#[case::of_a_relation_that_keeps_them_in_the_row(|table: &mut Table| table.kept_in_row = vec!["A".to_owned()], Dialect::Sqlite, true)]
#[case::of_a_relation_that_keeps_another_column_in_the_row(|table: &mut Table| table.kept_in_row = vec!["b".to_owned()], Dialect::Postgres, false)]
#[case::that_a_lenient_server_cuts(|table: &mut Table| table.has_lenient_sql_mode = true, Dialect::MySql, true)]
#[case::of_a_plain_table(|table: &mut Table| table.relation = RelationKind::Table, Dialect::Postgres, false)]
fn long_values_are_unchecked(
    #[case] adjust_live: fn(&mut Table),
    #[case] dialect: Dialect,
    #[case] is_unchecked: bool,
) {
    let found = findings_with_adjusted_table(column("a"), column("a"), dialect, adjust_live);
    assert_eq!(found, if is_unchecked { vec!["constraint-unchecked"] } else { Vec::new() });
}
