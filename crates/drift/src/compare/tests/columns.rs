//! Comparisons of columns that depend on the rest of the table.

use rstest::rstest;

use super::{column, compare, index, rules, sequences::counter, table};
use crate::{
    change::{Change, DefaultEffect, OnOmit, Rejects},
    model::{
        CharsetCoverage, Collation, Column, DefaultValue, Dialect, Equality, Generation, Index, IndexRestriction,
        LogicalType, Nullability, RelationKind, Schema, Table, Uniqueness, Writability,
    },
    normalise::column_type,
};

fn collated_column(ty: &str, collation: Option<(&str, Equality, CharsetCoverage)>) -> Column {
    let collation =
        collation.map(|(name, equality, coverage)| Box::new(Collation { name: name.to_owned(), equality, coverage }));
    let mut column = Column { collation, ..Column::plain("word", column_type(ty, Dialect::MariaDb)) };
    if ty == "json" {
        // MariaDB marks a JSON column only by its CHECK.
        column.ty.field = LogicalType::Json;
    }
    column
}

/// What the difference of the collations rejects; `None` if there is no difference.
fn collation_change_rejects(declared: Column, live: Column, unique: Uniqueness) -> Option<Rejects> {
    let with = |column| Table { columns: vec![column], ..table(&[], vec![index(&["word"], unique)]) };
    let schema = |table| Schema::new(Dialect::MariaDb, vec![table]);
    let changes = compare(&schema(with(declared)), &schema(with(live))).changes;
    changes.into_iter().find_map(
        |(_, change)| {
            if let Change::Collation { rejects, .. } = change { Some(rejects) } else { None }
        },
    )
}

#[rstest]
#[case::looser_with_a_unique_index(Equality::Looser, Uniqueness::Unique, Rejects::Duplicates)]
#[case::stricter_with_a_unique_index(Equality::Stricter, Uniqueness::Unique, Rejects::Nothing)]
#[case::looser_without_a_unique_index(Equality::Looser, Uniqueness::Plain, Rejects::Nothing)]
fn a_live_collation_rejects_duplicates_only_if_looser_and_unique(
    #[case] equality: Equality,
    #[case] unique: Uniqueness,
    #[case] expected: Rejects,
) {
    let live = collated_column("varchar(9)", Some(("other", equality, CharsetCoverage::Unicode)));
    assert_eq!(collation_change_rejects(collated_column("varchar(9)", None), live, unique), Some(expected));
}

#[rstest]
#[case::default_json_collation("utf8mb4_bin", CharsetCoverage::Unicode, false)]
#[case::another_unicode_collation("utf8mb4_general_ci", CharsetCoverage::Unicode, false)]
#[case::limited_charset("latin1_bin", CharsetCoverage::Limited, true)]
fn json_collation_differs_only_if_its_charset_is_limited(
    #[case] name: &str,
    #[case] coverage: CharsetCoverage,
    #[case] differs: bool,
) {
    let live = collated_column("json", Some((name, Equality::Stricter, coverage)));
    assert_eq!(collation_change_rejects(collated_column("json", None), live, Uniqueness::Plain).is_some(), differs);
}

#[test]
fn a_declared_collation_of_json_is_compared() {
    let bin = || collated_column("json", Some(("utf8mb4_bin", Equality::Stricter, CharsetCoverage::Unicode)));
    assert_eq!(collation_change_rejects(bin(), bin(), Uniqueness::Plain), None);
    assert_eq!(
        collation_change_rejects(bin(), collated_column("json", None), Uniqueness::Plain),
        Some(Rejects::Nothing)
    );
}

#[test]
fn a_live_citext_differs_from_declared_text_in_type_and_collation() {
    let unique_column = |ty: &str| {
        let column = Column { name: "word".to_owned(), ..Column::plain("word", column_type(ty, Dialect::Postgres)) };
        Table { columns: vec![column], ..table(&[], vec![index(&["word"], Uniqueness::Unique)]) }
    };
    assert_eq!(rules(unique_column("text"), unique_column("citext")), ["type-differs", "collation-differs"]);
    assert_eq!(rules(unique_column("citext"), unique_column("citext")), [""; 0]);
}

fn not_null(name: &str) -> Column {
    Column { nullability: Nullability::NotNull, ..column(name) }
}

/// What the database does with an insert that omits the column, and with a NULL for it.
#[derive(Debug, PartialEq)]
struct NullabilityEffects {
    on_omit: OnOmit,
    on_null: OnOmit,
}

/// The effects of the first difference in nullability; `None` if there is none.
fn nullability_effects(declared: Table, live: Table, dialect: Dialect) -> Option<NullabilityEffects> {
    let schema = |table| Schema::new(dialect, vec![table]);
    let changes = compare(&schema(declared), &schema(live)).changes;
    changes.into_iter().find_map(|(_, change)| {
        if let Change::Nullability { on_omit, on_null, .. } = change {
            Some(NullabilityEffects { on_omit, on_null })
        } else {
            None
        }
    })
}

#[rstest]
#[case::plain_table(RelationKind::Table, &["id"], &["id", "a"], OnOmit::Rejected)]
#[case::key_column_added_for_partitioning(RelationKind::Partitioned, &["id"], &["id", "a"], OnOmit::RejectedAsPartitionKey)]
#[case::partitioned_and_not_in_the_key(RelationKind::Partitioned, &["id"], &["id"], OnOmit::Rejected)]
#[case::partitioned_and_in_the_declared_key(RelationKind::Partitioned, &["id", "a"], &["id", "a"], OnOmit::Rejected)]
fn omitting_a_not_null_column_is_rejected(
    #[case] relation: RelationKind,
    #[case] declared_key: &[&str],
    #[case] live_key: &[&str],
    #[case] expected: OnOmit,
) {
    let key = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let declared = Table { primary_key: key(declared_key), ..table(&["id", "a"], Vec::new()) };
    let live = Table { columns: vec![column("id"), not_null("a")], primary_key: key(live_key), ..declared.clone() };
    let found = nullability_effects(declared, Table { relation, ..live }, Dialect::Postgres);
    assert_eq!(found, Some(NullabilityEffects { on_omit: expected, on_null: OnOmit::Rejected }));
}

#[rstest]
#[case::mariadb_timestamp(Dialect::MariaDb, "timestamp", Generation::Supplied, OnOmit::Stored)]
#[case::mysql_timestamp(Dialect::MySql, "timestamp", Generation::Supplied, OnOmit::Rejected)]
#[case::mariadb_datetime(Dialect::MariaDb, "datetime", Generation::Supplied, OnOmit::Rejected)]
#[case::computed_mariadb_timestamp(Dialect::MariaDb, "timestamp", Generation::Computed, OnOmit::Rejected)]
fn only_a_supplied_mariadb_timestamp_replaces_null(
    #[case] dialect: Dialect,
    #[case] ty: &str,
    #[case] generation: Generation,
    #[case] expected: OnOmit,
) {
    let column = |nullability| Column { nullability, generation, ..Column::plain("a", column_type(ty, dialect)) };
    let with = |column| Table { columns: vec![column], ..table(&[], Vec::new()) };
    let found = nullability_effects(with(column(Nullability::Nullable)), with(column(Nullability::NotNull)), dialect);
    assert_eq!(found.map(|effects| effects.on_null), Some(expected));
}

#[test]
fn a_trigger_may_set_what_is_null() {
    let declared = table(&["id", "a"], Vec::new());
    let live =
        Table { columns: vec![column("id"), not_null("a")], has_before_insert_trigger: true, ..declared.clone() };
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let comparison = compare(&schema(declared.clone()), &schema(live.clone()));
    assert_eq!(comparison.changes, []);
    let open: Vec<_> = comparison.unchecked.iter().map(|open| (open.rule.name(), open.column.as_deref())).collect();
    assert_eq!(open, [("trigger-unchecked", Some("a"))]);

    // Nothing is unchecked where the database takes NULL, or where the entity never writes it.
    let nullable = Table { columns: vec![column("id"), column("a")], ..live.clone() };
    assert!(compare(&schema(declared), &schema(nullable)).unchecked.is_empty());
    let never_null = Table { columns: vec![column("id"), not_null("a")], ..table(&[], Vec::new()) };
    assert!(compare(&schema(never_null), &schema(live)).unchecked.is_empty());
}

/// `sql_mode` without `STRICT_TRANS_TABLES`.
#[test]
fn a_server_that_is_not_strict_fills_what_an_insert_omits() {
    let with = |columns, has_lenient_sql_mode| Table { columns, has_lenient_sql_mode, ..table(&[], Vec::new()) };
    for (is_lenient, expected) in [(false, OnOmit::Rejected), (true, OnOmit::Stored)] {
        let (declared, live) = (with(vec![column("a")], false), with(vec![not_null("a")], is_lenient));
        let found = nullability_effects(declared, live, Dialect::MariaDb);
        let expected = NullabilityEffects { on_omit: expected, on_null: OnOmit::Rejected };
        assert_eq!(found, Some(expected), "{is_lenient}");
        let schema = |table| Schema::new(Dialect::MariaDb, vec![table]);
        let comparison = compare(&schema(with(Vec::new(), false)), &schema(with(vec![not_null("a")], is_lenient)));
        let filled = comparison.changes.iter().find_map(|(_, change)| {
            if let Change::ColumnUnexpected { may_be_set_by_server, .. } = change {
                Some(*may_be_set_by_server)
            } else {
                None
            }
        });
        assert_eq!(filled, Some(is_lenient));
    }
}

#[test]
fn a_trigger_may_fill_an_undeclared_column() {
    let live = |column| Table { columns: vec![super::column("id"), column], ..table(&[], Vec::new()) };
    let with_trigger = |column| Table { has_before_insert_trigger: true, ..live(column) };
    let unexpected = |live| {
        let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
        let comparison = compare(&schema(table(&["id"], Vec::new())), &schema(live));
        let filled = comparison.changes.iter().find_map(|(_, change)| {
            if let Change::ColumnUnexpected { may_be_set_by_server, .. } = change {
                Some(*may_be_set_by_server)
            } else {
                None
            }
        });
        (filled, comparison.unchecked.len())
    };
    assert_eq!(unexpected(live(not_null("a"))), (Some(false), 0));
    assert_eq!(unexpected(with_trigger(not_null("a"))), (Some(true), 1));
    assert_eq!(unexpected(with_trigger(column("a"))), (Some(false), 0));
}

/// A read-only entity and a view have columns and types, and no keys, defaults or NULLs to compare.
#[rstest]
#[case::declared_table_live_view(RelationKind::Table, RelationKind::View(Writability::ReadOnly), &["relation-differs", "type-differs"])]
#[case::declared_view_live_view(RelationKind::View(Writability::ReadOnly), RelationKind::View(Writability::ReadOnly), &["type-differs"])]
#[case::declared_view_live_table(RelationKind::View(Writability::ReadOnly), RelationKind::Table, &["type-differs"])]
#[case::declared_table_live_table(RelationKind::Table, RelationKind::Table, &["type-differs", "nullability-differs", "default-differs"])]
fn nullability_and_defaults_are_compared_only_between_tables(
    #[case] declared: RelationKind,
    #[case] live: RelationKind,
    #[case] expected: &[&str],
) {
    let live_column = Column {
        nullability: Nullability::NotNull,
        default: Some(DefaultValue::Literal("7".to_owned())),
        ..Column::plain("id", column_type("bigint", Dialect::Postgres))
    };
    let live = Table { relation: live, columns: vec![live_column], ..table(&[], Vec::new()) };
    assert_eq!(rules(Table { relation: declared, ..table(&["id"], Vec::new()) }, live), expected);
}

#[rstest]
#[case::computed_for_a_table_entity(RelationKind::Table, Generation::Computed, &["relation-differs", "generation-differs"])]
#[case::passed_through_by_the_view(RelationKind::Table, Generation::Supplied, &["relation-differs"])]
#[case::computed_for_a_view_entity(RelationKind::View(Writability::ReadOnly), Generation::Computed, &[])]
fn a_computed_view_column_differs_only_for_a_table_entity(
    #[case] declared: RelationKind,
    #[case] generation: Generation,
    #[case] expected: &[&str],
) {
    let view = RelationKind::View(Writability::Writable);
    let live = Table { relation: view, columns: vec![Column { generation, ..column("a") }], ..table(&[], Vec::new()) };
    let mut found = rules(Table { relation: declared, ..table(&["a"], Vec::new()) }, live);
    found.retain(|rule| ["relation-differs", "generation-differs"].contains(rule));
    assert_eq!(found, expected);
}

#[rstest]
#[case::no_default(|_: &mut Column| {}, &[])]
#[case::default_of_an_unknown_function(|column: &mut Column| column.default = expression("token()"), &["default-unchecked"])]
#[case::current_time(|column: &mut Column| column.default = expression("now()"), &[])]
#[case::sequence(
    |column: &mut Column| {
        column.default = expression("nextval('numbers')");
        column.sequence = Some(Box::new(counter(1, i32::MAX.into())));
    },
    &[]
)]
#[case::nullable_generated_column(
    |column: &mut Column| (column.generation, column.expression) = (Generation::Computed, Some("(id)::text".into())),
    &[]
)]
#[case::generated_column_may_divide_by_zero(
    |column: &mut Column| (column.generation, column.expression) = (Generation::Computed, Some("(1 / id)".into())),
    &["expression-unchecked"]
)]
#[case::not_null_generated_column_may_be_null(
    |column: &mut Column| {
        (column.generation, column.expression) = (Generation::Computed, Some("lower(a)".into()));
        column.nullability = Nullability::NotNull;
    },
    &["expression-unchecked"]
)]
fn unchecked_findings_of_an_undeclared_column(#[case] make: fn(&mut Column), #[case] expected: &[&str]) {
    let mut extra = Column::plain("extra", column_type("text", Dialect::Postgres));
    make(&mut extra);
    let declared = table(&["id", "a"], Vec::new());
    let live = Table { columns: vec![column("id"), column("a"), extra], ..declared.clone() };
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let open = compare(&schema(declared), &schema(live)).unchecked;
    assert_eq!(open.iter().map(|open| open.rule.name()).collect::<Vec<_>>(), expected);
    assert!(open.iter().all(|open| open.column.as_deref() == Some("extra")), "{open:?}");
}

#[expect(clippy::unnecessary_wraps, reason = "as a column has it")]
fn expression(text: &str) -> Option<DefaultValue> {
    Some(DefaultValue::Expression(text.to_owned()))
}

/// The expression is always NULL, so NOT NULL rejects every insert.
#[test]
fn a_not_null_generated_column_that_is_always_null_rejects_every_row() {
    let declared = table(&["id"], Vec::new());
    let extra = Column {
        generation: Generation::Computed,
        expression: Some("(unset || 'x'::text)".into()),
        ..not_null("extra")
    };
    let live = Table { columns: vec![column("id"), column("unset"), extra.clone()], ..declared.clone() };
    assert_eq!(rules(declared.clone(), live), ["column-unexpected", "column-unexpected", "check-unexpected"]);
    let nullable = Column { nullability: Nullability::Nullable, ..extra };
    let live = Table { columns: vec![column("id"), column("unset"), nullable], ..declared.clone() };
    assert_eq!(rules(declared, live), ["column-unexpected", "column-unexpected"]);
}

#[rstest]
#[case::unique_index_of_the_column(vec![index(&["a"], Uniqueness::Unique)], DefaultEffect::Repeated)]
#[case::plain_index(vec![index(&["a"], Uniqueness::Plain)], DefaultEffect::Stored)]
#[case::unique_index_of_two_columns(vec![index(&["a", "id"], Uniqueness::Unique)], DefaultEffect::Stored)]
#[case::unique_index_of_another_column(vec![index(&["id"], Uniqueness::Unique)], DefaultEffect::Stored)]
#[case::partial_unique_index(
    vec![Index { restrictions: vec![IndexRestriction::Partial], ..index(&["a"], Uniqueness::Unique) }],
    DefaultEffect::Stored
)]
fn a_constant_default_is_repeated_only_in_a_unique_column(
    #[case] indexes: Vec<Index>,
    #[case] expected: DefaultEffect,
) {
    assert_eq!(default_effect(DefaultValue::Literal("7".to_owned()), indexes), Some(expected));
}

#[rstest]
#[case::current_user(DefaultValue::Expression("CURRENT_USER".to_owned()), DefaultEffect::Repeated)]
#[case::current_date(DefaultValue::Expression("(CURRENT_DATE)::text".to_owned()), DefaultEffect::Repeated)]
#[case::constant_expression(DefaultValue::Expression("lower('A'::text)".to_owned()), DefaultEffect::Repeated)]
#[case::random_uuid(DefaultValue::Expression("gen_random_uuid()".to_owned()), DefaultEffect::Stored)]
#[case::current_time(DefaultValue::CurrentTimestamp, DefaultEffect::Stored)]
fn only_a_default_that_varies_from_row_to_row_fits_a_unique_column(
    #[case] default: DefaultValue,
    #[case] expected: DefaultEffect,
) {
    assert_eq!(default_effect(default, vec![index(&["a"], Uniqueness::Unique)]), Some(expected));
}

fn default_effect(default: DefaultValue, indexes: Vec<Index>) -> Option<DefaultEffect> {
    let declared = table(&["id", "a"], Vec::new());
    let with_default = Column { default: Some(default), ..column("a") };
    let live = Table { columns: vec![column("id"), with_default], indexes, ..declared.clone() };
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let changes = compare(&schema(declared), &schema(live)).changes;
    let effect = |change: &Change| if let Change::Default { effect, .. } = change { Some(*effect) } else { None };
    changes.iter().find_map(|(_, change)| effect(change))
}
