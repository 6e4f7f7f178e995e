//! Columns, where it depends on the rest of the table.

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

fn text(ty: &str, collation: Option<(&str, Equality, CharsetCoverage)>) -> Column {
    let collation =
        collation.map(|(name, equality, coverage)| Box::new(Collation { name: name.to_owned(), equality, coverage }));
    let mut column = Column { collation, ..Column::plain("word", column_type(ty, Dialect::MariaDb)) };
    if ty == "json" {
        // The catalogue tells it by a CHECK.
        column.ty.field = LogicalType::Json;
    }
    column
}

/// What the collation of a column rejects; `None` where it is no difference.
fn collation(declared: Column, live: Column, unique: Uniqueness) -> Option<Rejects> {
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
#[case::takes_more_for_equal(Equality::Looser, Uniqueness::Unique, Rejects::Duplicates)]
#[case::takes_less_for_equal(Equality::Stricter, Uniqueness::Unique, Rejects::Nothing)]
#[case::takes_more_for_equal_in_no_key(Equality::Looser, Uniqueness::Plain, Rejects::Nothing)]
fn an_undeclared_collation_that(#[case] equality: Equality, #[case] unique: Uniqueness, #[case] expected: Rejects) {
    let live = text("varchar(9)", Some(("other", equality, CharsetCoverage::Unicode)));
    assert_eq!(collation(text("varchar(9)", None), live, unique), Some(expected));
}

#[rstest]
#[case::its_own("utf8mb4_bin", CharsetCoverage::Unicode, false)]
#[case::another("utf8mb4_general_ci", CharsetCoverage::Unicode, false)]
#[case::one_that_lacks_characters("latin1_bin", CharsetCoverage::Limited, true)]
fn the_collation_of_json_matters_if_it_is(
    #[case] name: &str,
    #[case] coverage: CharsetCoverage,
    #[case] matters: bool,
) {
    let live = text("json", Some((name, Equality::Stricter, coverage)));
    assert_eq!(collation(text("json", None), live, Uniqueness::Plain).is_some(), matters);
}

#[test]
fn a_declared_collation_of_json_is_compared() {
    let bin = || text("json", Some(("utf8mb4_bin", Equality::Stricter, CharsetCoverage::Unicode)));
    assert_eq!(collation(bin(), bin(), Uniqueness::Plain), None);
    assert_eq!(collation(bin(), text("json", None), Uniqueness::Plain), Some(Rejects::Nothing));
}

#[test]
fn citext_repeats_a_value_in_other_letters() {
    let of = |ty: &str| {
        let column = Column { name: "word".to_owned(), ..Column::plain("word", column_type(ty, Dialect::Postgres)) };
        Table { columns: vec![column], ..table(&[], vec![index(&["word"], Uniqueness::Unique)]) }
    };
    assert_eq!(rules(of("text"), of("citext")), ["type-differs", "collation-differs"]);
    assert_eq!(rules(of("citext"), of("citext")), [""; 0]);
}

fn not_null(name: &str) -> Column {
    Column { nullability: Nullability::NotNull, ..column(name) }
}

/// What an insert that omits `a` does, and writing NULL to it.
fn on_omit(declared: Table, live: Table, dialect: Dialect) -> Option<(OnOmit, OnOmit)> {
    let schema = |table| Schema::new(dialect, vec![table]);
    let changes = compare(&schema(declared), &schema(live)).changes;
    changes.into_iter().find_map(|(_, change)| {
        if let Change::Nullability { on_omit, on_null, .. } = change { Some((on_omit, on_null)) } else { None }
    })
}

#[rstest]
#[case::a_plain_table(RelationKind::Table, &["id"], &["id", "a"], OnOmit::Rejected)]
#[case::the_partition_key(RelationKind::Partitioned, &["id"], &["id", "a"], OnOmit::RejectedByPartitioning)]
#[case::another_column(RelationKind::Partitioned, &["id"], &["id"], OnOmit::Rejected)]
#[case::a_declared_key(RelationKind::Partitioned, &["id", "a"], &["id", "a"], OnOmit::Rejected)]
fn a_column_must_be_given_in(
    #[case] relation: RelationKind,
    #[case] declared_key: &[&str],
    #[case] live_key: &[&str],
    #[case] expected: OnOmit,
) {
    let key = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let declared = Table { primary_key: key(declared_key), ..table(&["id", "a"], Vec::new()) };
    let live = Table { columns: vec![column("id"), not_null("a")], primary_key: key(live_key), ..declared.clone() };
    let found = on_omit(declared, Table { relation, ..live }, Dialect::Postgres);
    assert_eq!(found, Some((expected, OnOmit::Rejected)));
}

#[rstest]
#[case::of_mariadb(Dialect::MariaDb, "timestamp", Generation::Supplied, OnOmit::Stored)]
#[case::of_mysql(Dialect::MySql, "timestamp", Generation::Supplied, OnOmit::Rejected)]
#[case::without_a_zone(Dialect::MariaDb, "datetime", Generation::Supplied, OnOmit::Rejected)]
#[case::that_is_computed(Dialect::MariaDb, "timestamp", Generation::Computed, OnOmit::Rejected)]
fn null_becomes_the_current_time_in_a_timestamp(
    #[case] dialect: Dialect,
    #[case] ty: &str,
    #[case] generation: Generation,
    #[case] expected: OnOmit,
) {
    let column = |nullability| Column { nullability, generation, ..Column::plain("a", column_type(ty, dialect)) };
    let with = |column| Table { columns: vec![column], ..table(&[], Vec::new()) };
    let found = on_omit(with(column(Nullability::Nullable)), with(column(Nullability::NotNull)), dialect);
    assert_eq!(found.map(|(_, on_null)| on_null), Some(expected));
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

    // Nor does it fill what is never NULL.
    let nullable = Table { columns: vec![column("id"), column("a")], ..live.clone() };
    assert!(compare(&schema(declared), &schema(nullable)).unchecked.is_empty());
    let never = Table { columns: vec![column("id"), not_null("a")], ..table(&[], Vec::new()) };
    assert!(compare(&schema(never), &schema(live)).unchecked.is_empty());
}

/// `sql_mode` without `STRICT_TRANS_TABLES`.
#[test]
fn a_server_that_is_not_strict_fills_what_an_insert_omits() {
    let with = |columns, has_lenient_sql_mode| Table { columns, has_lenient_sql_mode, ..table(&[], Vec::new()) };
    for (is_lenient, expected) in [(false, OnOmit::Rejected), (true, OnOmit::Stored)] {
        let found = on_omit(with(vec![column("a")], false), with(vec![not_null("a")], is_lenient), Dialect::MariaDb);
        assert_eq!(found, Some((expected, OnOmit::Rejected)), "{is_lenient}");
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
#[case::a_view_for_a_table(RelationKind::Table, RelationKind::View(Writability::ReadOnly), &["relation-differs", "type-differs"])]
#[case::a_view_for_a_view(RelationKind::View(Writability::ReadOnly), RelationKind::View(Writability::ReadOnly), &["type-differs"])]
#[case::a_table_for_a_view(RelationKind::View(Writability::ReadOnly), RelationKind::Table, &["type-differs"])]
#[case::a_table_for_a_table(RelationKind::Table, RelationKind::Table, &["type-differs", "nullability-differs", "default-differs"])]
fn what_is_compared_of(#[case] declared: RelationKind, #[case] live: RelationKind, #[case] expected: &[&str]) {
    let live_column = Column {
        nullability: Nullability::NotNull,
        default: Some(DefaultValue::Literal("7".to_owned())),
        ..Column::plain("id", column_type("bigint", Dialect::Postgres))
    };
    let live = Table { relation: live, columns: vec![live_column], ..table(&[], Vec::new()) };
    assert_eq!(rules(Table { relation: declared, ..table(&["id"], Vec::new()) }, live), expected);
}

#[rstest]
#[case::of_a_table(RelationKind::Table, Generation::Computed, &["relation-differs", "generation-differs"])]
#[case::as_it_is_declared(RelationKind::Table, Generation::Supplied, &["relation-differs"])]
#[case::of_a_view(RelationKind::View(Writability::ReadOnly), Generation::Computed, &[])]
fn what_a_view_computes_differs_from_a_column(
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
#[case::nothing_of_a_constant(|_: &mut Column| {}, &[])]
#[case::whether_it_can_be_computed(|column: &mut Column| column.default = expression("token()"), &["default-unchecked"])]
#[case::nothing_of_the_time(|column: &mut Column| column.default = expression("now()"), &[])]
#[case::nothing_of_a_sequence(
    |column: &mut Column| {
        column.default = expression("nextval('numbers')");
        column.sequence = Some(Box::new(counter(1, i32::MAX.into())));
    },
    &[]
)]
#[case::nothing_of_what_is_null(
    |column: &mut Column| (column.generation, column.expression) = (Generation::Computed, Some("(id)::text".into())),
    &[]
)]
#[case::whether_what_is_computed_fails(
    |column: &mut Column| (column.generation, column.expression) = (Generation::Computed, Some("(1 / id)".into())),
    &["expression-unchecked"]
)]
#[case::whether_what_is_computed_is_null(
    |column: &mut Column| {
        (column.generation, column.expression) = (Generation::Computed, Some("lower(a)".into()));
        column.nullability = Nullability::NotNull;
    },
    &["expression-unchecked"]
)]
fn it_is_not_known_of_an_undeclared_column(#[case] make: fn(&mut Column), #[case] expected: &[&str]) {
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

/// Its NOT NULL refuses what is always NULL.
#[test]
fn an_undeclared_column_that_is_computed_from_nothing_rejects_every_row() {
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
#[case::a_unique_column(vec![index(&["a"], Uniqueness::Unique)], DefaultEffect::Repeated)]
#[case::an_index(vec![index(&["a"], Uniqueness::Plain)], DefaultEffect::Stored)]
#[case::part_of_a_key(vec![index(&["a", "id"], Uniqueness::Unique)], DefaultEffect::Stored)]
#[case::another_unique_column(vec![index(&["id"], Uniqueness::Unique)], DefaultEffect::Stored)]
#[case::a_key_of_some_rows(
    vec![Index { restrictions: vec![IndexRestriction::Partial], ..index(&["a"], Uniqueness::Unique) }],
    DefaultEffect::Stored
)]
fn an_undeclared_default_meets(#[case] indexes: Vec<Index>, #[case] expected: DefaultEffect) {
    assert_eq!(effect_of(DefaultValue::Literal("7".to_owned()), indexes), Some(expected));
}

#[rstest]
#[case::the_role(DefaultValue::Expression("CURRENT_USER".to_owned()), DefaultEffect::Repeated)]
#[case::the_day(DefaultValue::Expression("(CURRENT_DATE)::text".to_owned()), DefaultEffect::Repeated)]
#[case::a_constant(DefaultValue::Expression("lower('A'::text)".to_owned()), DefaultEffect::Repeated)]
#[case::another_each_time(DefaultValue::Expression("gen_random_uuid()".to_owned()), DefaultEffect::Stored)]
#[case::the_time(DefaultValue::CurrentTimestamp, DefaultEffect::Stored)]
fn a_unique_column_has_the_default(#[case] default: DefaultValue, #[case] expected: DefaultEffect) {
    assert_eq!(effect_of(default, vec![index(&["a"], Uniqueness::Unique)]), Some(expected));
}

fn effect_of(default: DefaultValue, indexes: Vec<Index>) -> Option<DefaultEffect> {
    let declared = table(&["id", "a"], Vec::new());
    let with_default = Column { default: Some(default), ..column("a") };
    let live = Table { columns: vec![column("id"), with_default], indexes, ..declared.clone() };
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let changes = compare(&schema(declared), &schema(live)).changes;
    let effect = |change: &Change| if let Change::Default { effect, .. } = change { Some(*effect) } else { None };
    changes.iter().find_map(|(_, change)| effect(change))
}
