//! Keys and indexes, as a table of declared and live ones.

use rstest::rstest;

use super::{column, compare, sequences::counter};
use crate::{
    change::Change,
    model::{
        Column, DefaultValue, Dialect, ForeignKey, Generation, Index, IndexRestriction, Nullability, RelationKind,
        Schema, Table, TableName, Uniqueness,
    },
    normalise::column_type,
};

/// `unique a, b: Partial, Deferrable`; `key` is the primary key.
fn index(text: &str) -> Index {
    let (columns, restrictions) = text.split_once(':').unwrap_or((text, ""));
    let (uniqueness, columns) = match columns.strip_prefix("unique ") {
        Some(columns) => (Uniqueness::Unique, columns),
        None => (Uniqueness::Plain, columns),
    };
    let list = |text: &str| -> Vec<String> {
        text.split(", ").map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let restriction = |name: String| match name.as_str() {
        "Partial" => IndexRestriction::Partial,
        "LeavesOutNulls" => IndexRestriction::LeavesOutNulls,
        "Expression" => IndexRestriction::Expression,
        "Prefix" => IndexRestriction::Prefix,
        "Deferrable" => IndexRestriction::Deferrable,
        "Invalid" => IndexRestriction::Invalid,
        "Unbuilt" => IndexRestriction::Unbuilt,
        "ExclusionOfEquals" => IndexRestriction::ExclusionOfEquals,
        "ExclusionOfOverlaps" => IndexRestriction::ExclusionOfOverlaps,
        "Exclusion" => IndexRestriction::Exclusion,
        "NullsNotDistinct" => IndexRestriction::NullsNotDistinct,
        "Ignored" => IndexRestriction::Ignored,
        "Collation" => IndexRestriction::Collation,
        "SortOrder" => IndexRestriction::SortOrder,
        "LongValues" => IndexRestriction::LongValues,
        "Replaces" => IndexRestriction::Replaces,
        other => panic!("{other} is no restriction"),
    };
    let columns = list(columns);
    let restrictions = list(restrictions).into_iter().map(restriction).collect();
    Index {
        name: columns.join("_"),
        columns,
        uniqueness,
        restrictions,
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    }
}

/// Nullable `a`, `text`, `b` and `c` on both sides; `id` and `n`, which are NOT NULL; and in the database `unset`, which has no default,
/// `constant`, `key` and `given`, which is NOT NULL.
fn table(indexes: &[&str], is_live: bool) -> Table {
    let not_null = |name: &str| Column { nullability: Nullability::NotNull, ..column(name) };
    let text = Column { ty: column_type("varchar(8)", Dialect::Postgres), ..column("text") };
    let mut columns = vec![not_null("id"), not_null("n"), column("a"), text, column("b"), column("c")];
    if is_live {
        let with = |name: &str, default| Column { default: Some(default), ..column(name) };
        let range = column_type("int4range", Dialect::Postgres);
        columns.extend([
            column("unset"),
            with("constant", DefaultValue::Literal("0".to_owned())),
            with("other", DefaultValue::Literal("1".to_owned())),
            Column { ty: range.clone(), ..with("empty", DefaultValue::Literal("empty".to_owned())) },
            Column { ty: range, ..with("range", DefaultValue::Literal("[0,5)".to_owned())) },
            Column { generation: Generation::Computed, expression: Some("('x' || a)".into()), ..column("of_a") },
            Column { generation: Generation::Computed, expression: Some("lower(unset)".into()), ..column("of_unset") },
            with("day", DefaultValue::Expression("CURRENT_DATE".to_owned())),
            with("random", DefaultValue::Expression("gen_random_uuid()".to_owned())),
            Column { generation: Generation::AutoIncrement, ..column("numbered") },
            Column {
                sequence: Some(Box::new(counter(1, 100))),
                ..with("counted", DefaultValue::Literal("0".to_owned()))
            },
            not_null("given"),
        ]);
    }
    let mut table = Table { columns, ..Table::new(TableName::unqualified("call_log")) };
    table.primary_key = vec!["id".to_owned()];
    for text in indexes {
        match text.strip_prefix("key ") {
            Some(key) => {
                let key = index(key);
                (table.primary_key, table.primary_key_restrictions) = (key.columns, key.restrictions);
            }
            None => table.indexes.push(index(text)),
        }
    }
    table
}

/// What is found about keys and indexes.
fn found(declared: Table, live: Table, dialect: Dialect) -> Vec<String> {
    let schema = |table| Schema::new(dialect, vec![table]);
    let shown = |index: &Option<Index>, what: &str| {
        index.as_ref().map(|index| format!(", {what} {}", index.name)).unwrap_or_default()
    };
    let changes = compare(&schema(declared), &schema(live)).changes;
    let told = changes.iter().filter_map(|(_, change)| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the columns only surround the indexes")]
        Some(match change {
            Change::PrimaryKey { restrictions, equivalent, .. } => {
                format!("primary key {restrictions:?}{}", shown(equivalent, "instead"))
            }
            Change::UniqueMissing { declared, nearest, wider } => {
                format!("no unique {}{}{}", declared.name, shown(nearest, "near"), shown(wider, "made from"))
            }
            Change::IndexMissing { declared, nearest, longer } => {
                format!("no index {}{}{}", declared.name, shown(nearest, "near"), shown(longer, "instead"))
            }
            Change::IndexUnexpected { live, counterpart, rejects } => {
                format!("extra {} rejects {rejects:?}{}", live.name, shown(counterpart, "as"))
            }
            _ => return None,
        })
    });
    told.collect()
}

#[rstest]
// A unique key
#[case::the_columns_in_another_order(&["unique a, b"], &["unique b, a"], &[])]
#[case::one_that_the_planner_ignores(&["unique a"], &["unique a: Ignored"], &["no index a, near a"])]
#[case::one_that_is_stricter(&["unique a"], &["unique a: NullsNotDistinct"], &["extra a rejects SecondOmission, as a"])]
#[case::one_of_the_rows(&["unique a"], &["unique a: Partial"], &["no unique a, near a", "extra a rejects Nothing"])]
#[case::one_that_replaces(&["unique a"], &["unique a: Replaces"], &["no unique a, near a", "extra a rejects Nothing"])]
#[case::one_in_another_order(
    &["unique a"], &["unique a: SortOrder"], &["no index a, near a"]
)]
#[case::one_in_another_order_beside_one_in_order(
    &["unique a"], &["unique a: SortOrder", "a"], &["extra a rejects Nothing"]
)]
#[case::a_plain_index(&["unique a, b"], &["a, b"], &["no unique a_b, near a_b", "extra a_b rejects Nothing"])]
#[case::the_primary_key(&["unique id"], &[], &[])]
#[case::the_primary_key_that_is_deferrable(
    &["unique id"], &["key id: Deferrable"], &["primary key [Deferrable]", "no unique id"]
)]
#[case::what_a_generator_left(
    &["unique a", "unique b"], &["unique a, b", "unique b"],
    &["no unique a, made from a_b", "extra a_b rejects Nothing"]
)]
#[case::more_than_a_generator_left(
    &["unique a", "unique b"], &["unique a, c", "unique b"],
    &["no unique a", "extra a_c rejects Nothing"]
)]
#[case::a_partial_one_that_no_generator_left(
    &["unique a", "unique b"], &["unique a, b: Partial", "unique b"],
    &["no unique a", "extra a_b rejects Nothing"]
)]
// An index
#[case::the_columns_of_an_index_in_another_order(
    &["a, b"], &["b, a"], &["no index a_b", "extra b_a rejects Nothing"]
)]
#[case::a_unique_index_for_a_plain_one(&["a"], &["unique a"], &["extra a rejects Duplicates"])]
#[case::a_search_needs_no_null(&["a"], &["a: LeavesOutNulls"], &["extra a rejects Nothing, as a"])]
#[case::a_search_finds_the_first_characters(&["a"], &["a: Prefix"], &["extra a rejects Nothing, as a"])]
#[case::a_search_needs_the_other_rows(
    &["a"], &["a: Partial"], &["no index a, near a", "extra a rejects Nothing"]
)]
#[case::an_index_that_begins_alike(&["a"], &["a, b"], &["no index a, instead a_b", "extra a_b rejects Nothing"])]
#[case::an_index_that_begins_alike_and_is_ignored(
    &["a"], &["a, b: Ignored"], &["no index a", "extra a_b rejects Nothing"]
)]
#[case::an_index_that_begins_alike_and_goes_on_with_an_expression(
    &["a"], &["a, lower(b): Expression"], &["no index a, instead a_lower(b)", "extra a_lower(b) rejects Nothing"]
)]
#[case::an_index_of_some_rows_that_begins_alike(
    &["a"], &["a, b: LeavesOutNulls"], &["no index a, instead a_b", "extra a_b rejects Nothing"]
)]
#[case::a_unique_index_of_some_rows_that_begins_alike(
    &["a"], &["unique a, b: LeavesOutNulls"], &["no index a", "extra a_b rejects Duplicates"]
)]
#[case::an_index_that_begins_with_an_expression(
    &["a"], &["lower(a), a: Expression"], &["no index a", "extra lower(a)_a rejects Nothing"]
)]
#[case::an_index_of_short_values(&["a"], &["a: LongValues"], &[])]
// The primary key
#[case::the_key_in_another_order(&["key a, b"], &["key b, a"], &[])]
#[case::another_key(&["key a"], &["key b"], &["primary key []"])]
#[case::a_unique_index_in_place_of_the_key(
    &["key a"], &["key b", "unique a"], &["primary key [], instead a", "extra a rejects Nothing"]
)]
#[case::a_unique_index_of_some_rows(
    &["key a"], &["key b", "unique a: Partial"], &["primary key []", "extra a rejects Nothing"]
)]
#[case::a_plain_index_in_place_of_the_key(
    &["key a"], &["key b", "a"], &["primary key []", "extra a rejects Nothing"]
)]
#[case::a_deferrable_key_beside_a_unique_index(
    &["key a"], &["key a: Deferrable", "unique a"], &["primary key [Deferrable]", "extra a rejects Nothing"]
)]
#[case::a_key_that_replaces_beside_a_unique_index(
    &["key a"], &["key a: Replaces", "unique a"], &["primary key [Replaces]", "extra a rejects Nothing"]
)]
fn an_entity_is_served_by(#[case] declared: &[&str], #[case] live: &[&str], #[case] expected: &[&str]) {
    let found = found(table(declared, false), table(live, true), Dialect::Postgres);
    assert_eq!(found, expected);
}

#[rstest]
#[case::values_of_its_own(&[], "unique a", "Duplicates")]
#[case::what_the_key_rejects_anyway(&[], "unique id, a", "Nothing")]
#[case::what_a_declared_key_rejects_anyway(&["unique a"], "unique a, b", "Nothing")]
#[case::a_prefix_of_what_a_key_rejects(&["unique text"], "unique text, b: Prefix", "Duplicates")]
#[case::a_prefix_beside_the_key_which_is_a_number(&[], "unique id, a: Prefix", "Nothing")]
#[case::rows_of_a_key(&[], "unique id, a: Partial", "Nothing")]
#[case::long_values(&[], "a: LongValues", "Values")]
#[case::long_values_of_nobody(&[], "given: LongValues", "Nothing")]
#[case::long_values_of_an_expression(&[], "lower(a): LongValues, Expression", "Values")]
#[case::long_values_of_an_expression_of_nobody(&[], "lower(given): LongValues, Expression", "Nothing")]
#[case::long_values_of_nobody_beside_a_number(&[], "n, lower(given): LongValues, Expression", "Nothing")]
#[case::long_values_beside_those_of_nobody(&[], "lower(a), lower(given): LongValues, Expression", "Values")]
#[case::nothing_of_an_expression_of_null(&[], "unique a, lower(unset): Expression", "Nothing")]
#[case::nothing_of_what_is_computed_of_null(&[], "unique a, of_unset", "Nothing")]
#[case::a_second_null_that_is_computed(&[], "unique of_unset: NullsNotDistinct", "SecondOmission")]
#[case::long_values_of_a_key(&[], "unique id, a: LongValues", "Values")]
#[case::nothing_while_it_is_not_built(&[], "unique a: Unbuilt", "Nothing")]
#[case::nothing_of_a_column_that_is_always_null(&[], "unique a, unset", "Nothing")]
#[case::nothing_of_a_column_with_a_new_value_in_each_row(&[], "unique a, random", "Nothing")]
#[case::nothing_of_a_column_that_is_numbered(&[], "unique a, numbered", "Nothing")]
#[case::nothing_of_a_column_that_a_sequence_fills(&[], "unique a, counted", "Nothing")]
#[case::nothing_by_a_prefix_of_null(&[], "unique unset: Prefix", "Nothing")]
#[case::nothing_by_other_operators_where_a_column_is_null(&[], "unique a, unset: Exclusion", "Nothing")]
#[case::what_conflicts_by_other_operators(&[], "unique id, a: Exclusion", "Duplicates")]
#[case::nothing_by_equality_beside_the_key(&[], "unique id, a: ExclusionOfEquals", "Nothing")]
#[case::nothing_by_equality_beside_a_declared_key(&["unique a"], "unique a: ExclusionOfEquals", "Nothing")]
#[case::duplicates_by_equality(&[], "unique a: ExclusionOfEquals", "Duplicates")]
#[case::a_second_row_with_its_default_by_equality(&[], "unique constant: ExclusionOfEquals", "SecondOmission")]
#[case::ranges_that_overlap(&[], "unique a: ExclusionOfOverlaps", "Duplicates")]
#[case::no_empty_range(&[], "unique empty: ExclusionOfOverlaps", "Nothing")]
#[case::a_second_empty_range(&[], "unique empty: ExclusionOfEquals", "SecondOmission")]
#[case::a_second_row_with_its_range(&[], "unique range: ExclusionOfOverlaps", "SecondOmission")]
#[case::nothing_of_what_is_written_with_the_key(&[], "unique ('a' || id): Expression", "Nothing")]
#[case::nothing_of_what_is_computed_from_a_declared_key(&["unique a"], "unique of_a", "Nothing")]
#[case::what_is_computed_from_a_column(&[], "unique of_a", "Duplicates")]
#[case::nothing_beside_the_key(&[], "unique lower(a), id: Expression", "Nothing")]
#[case::a_second_row_of_an_expression_of_a_key(&[], "unique lower(a), abs(id): Expression", "Duplicates")]
#[case::a_second_row_with_its_default(&[], "unique constant", "SecondOmission")]
#[case::a_second_row_with_two_defaults(&[], "unique constant, other", "SecondOmission")]
#[case::a_second_row_of_a_day(&[], "unique day, constant", "SecondOmission")]
#[case::a_second_row_of_a_day_and_a_value(&[], "unique day, n", "Duplicates")]
#[case::a_second_row_with_its_default_in_some_rows(&[], "unique constant: Partial", "Duplicates")]
#[case::a_second_row_of_a_value(&[], "unique constant, a", "Duplicates")]
#[case::a_second_null(&[], "unique unset: NullsNotDistinct", "SecondOmission")]
#[case::a_second_null_beside_a_value(&[], "unique unset, n: NullsNotDistinct", "Duplicates")]
#[case::a_second_null_beside_a_key(&[], "unique id, unset: NullsNotDistinct", "Nothing")]
#[case::a_second_null_of_a_declared_key(&["unique a"], "unique a, unset: NullsNotDistinct", "SecondOmission")]
#[case::no_null_of_a_declared_key(&["unique n"], "unique n, unset: NullsNotDistinct", "Nothing")]
#[case::a_second_row_without_it(&[], "unique coalesce(unset,'x'): Expression", "SecondOmission")]
#[case::a_second_row_of_a_value_that_is_never_left_out(&[], "unique coalesce(n,'x'): Expression", "Duplicates")]
#[case::a_second_row_of_a_constant(&[], "unique coalesce(a,'x'): Expression", "SecondOmission")]
#[case::a_second_row_of_an_expression_of_some_rows(&[], "unique coalesce(a,'x'): Expression, Partial", "Duplicates")]
#[case::upserts_by_the_key(&[], "unique id: Deferrable", "Upserts")]
#[case::upserts_by_a_key_without_nulls(&[], "unique id: Deferrable, NullsNotDistinct", "Upserts")]
#[case::no_upsert_that_needs_all_rows(&[], "unique id: Deferrable, Partial", "Nothing")]
#[case::no_upsert_by_more_columns(&[], "unique id, a: Deferrable", "Nothing")]
#[case::no_upsert_by_a_plain_index(&[], "id: Deferrable", "Nothing")]
fn an_undeclared_index_rejects(#[case] declared: &[&str], #[case] live: &str, #[case] expected: &str) {
    let indexes: Vec<&str> = declared.iter().copied().chain([live]).collect();
    let found = found(table(declared, false), table(&indexes, true), Dialect::Postgres);
    let extra = found.iter().filter(|found| found.starts_with("extra "));
    let rejected: Vec<&str> = extra.filter_map(|found| found.split(" rejects ").nth(1)).collect();
    assert_eq!(rejected, [expected], "{found:?}");
}

/// Beside a deferrable index, an upsert by a declared key fails only where the key is enforced; else it fails without it.
#[rstest]
#[case::a_key_with_an_index_of_its_own(&["unique a", "unique a: Deferrable"], "Upserts")]
#[case::a_key_that_has_only_this_one(&["unique a: Deferrable"], "Nothing")]
fn an_upsert_fails_beside_a_deferrable_index_by(#[case] live: &[&str], #[case] expected: &str) {
    let found = found(table(&["unique a"], false), table(live, true), Dialect::Postgres);
    let expected = format!("rejects {expected}");
    assert!(found.iter().any(|found| found.contains(&expected)), "{found:?}");
}

#[rstest]
#[case::on_mariadb(Dialect::MariaDb, "a", &[])]
#[case::over_other_columns(Dialect::MariaDb, "b", &["extra b rejects Nothing"])]
#[case::that_is_unique(Dialect::MariaDb, "unique a", &["extra a rejects Duplicates"])]
#[case::of_some_characters(Dialect::MariaDb, "a: Prefix", &["extra a rejects Nothing"])]
#[case::on_postgres(Dialect::Postgres, "a", &["extra a rejects Nothing"])]
fn an_index_that_the_server_made_for_a_foreign_key_is_not_extra(
    #[case] dialect: Dialect,
    #[case] index: &str,
    #[case] expected: &[&str],
) {
    let mut live = table(&[index], true);
    live.foreign_keys.push(ForeignKey { columns: vec!["a".to_owned()], ..super::foreign_key() });
    assert_eq!(found(table(&[], false), live, dialect), expected);
}

/// Each unique key of a partitioned table must contain the partition key.
#[rstest]
#[case::the_key(&["key id"], &["key id, n"], &["primary key [PerPartition]"])]
#[case::another_key(&["key a, b"], &["key id, n"], &["primary key []"])]
#[case::a_unique_index(&["unique a"], &["unique a, n"], &["no unique a, near a_n", "extra a_n rejects Nothing"])]
#[case::a_plain_index(&["unique a"], &["a, n"], &["no unique a", "extra a_n rejects Nothing"])]
fn a_partitioned_table_is_unique_within_each_partition(
    #[case] declared: &[&str],
    #[case] live: &[&str],
    #[case] expected: &[&str],
) {
    let partitioned = Table { relation: RelationKind::Partitioned, ..table(live, true) };
    assert_eq!(found(table(declared, false), partitioned, Dialect::Postgres), expected);
}

#[rstest]
#[case::the_key(&["key id"], &["key id, n"], &["primary key []"])]
#[case::a_unique_index(&["unique a"], &["unique a, n"], &["no unique a", "extra a_n rejects Nothing"])]
fn a_wider_key_of_a_table_without_partitions_is_another_key(
    #[case] declared: &[&str],
    #[case] live: &[&str],
    #[case] expected: &[&str],
) {
    assert_eq!(found(table(declared, false), table(live, true), Dialect::Postgres), expected);
}
