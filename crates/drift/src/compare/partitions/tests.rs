use super::*;
use crate::{
    model::{Column, TableName},
    normalise::column_type,
};
use rstest::rstest;

fn found(ty: &str, nullability: Nullability, method: PartitionMethod, bounds: &[&str]) -> Option<PartitionGap> {
    let column = Column { nullability, ..Column::plain("at", column_type(ty, Dialect::Postgres)) };
    let declared = Table { columns: vec![column], ..Table::new(TableName::unqualified("call_log")) };
    let partitions = Partitions {
        method,
        key: "(at)".to_owned(),
        columns: vec!["at".to_owned()],
        bounds: bounds.iter().map(|bound| PartitionBound::of_postgres(bound)).collect(),
        now: "2024-02-28 12:00:00".to_owned(),
        tomorrow: "2024-02-29 12:00:00".to_owned(),
    };
    let live = Table { partitions: Some(partitions), ..declared.clone() };
    match super::uncovered_rows(&declared, &live, Dialect::Postgres) {
        (Some(Change::PartitionMissing { gap, .. }), None) => Some(gap),
        (None, None) => None,
        other => panic!("{other:?}"),
    }
}

const JANUARY: &str = "FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01 00:00:00')";
const FEBRUARY: &str = "FOR VALUES FROM ('2024-02-01 00:00:00') TO ('2024-03-01 00:00:00')";
const FIRST_WEEKS: &str = "FOR VALUES FROM ('2024-02-01 00:00:00') TO ('2024-02-29 00:00:00')";

#[rstest]
#[case::last_month(&[JANUARY], Some(PartitionGap::Now("2024-02-28 12:00:00".to_owned())))]
#[case::this_month(&[JANUARY, FEBRUARY], None)]
#[case::until_tomorrow(&[FIRST_WEEKS], Some(PartitionGap::Tomorrow("2024-02-29 12:00:00".to_owned())))]
#[case::until_the_year_10000(&["FOR VALUES FROM ('2024-01-01') TO ('10000-01-01')"], None)]
#[case::from_before_christ(&["FOR VALUES FROM ('4000-01-01 BC') TO ('2025-01-01')"], None)]
#[case::before_christ(&["FOR VALUES FROM ('4000-01-01 BC') TO ('0001-01-01')"], Some(PartitionGap::Now("2024-02-28 12:00:00".to_owned())))]
#[case::all_times(&["FOR VALUES FROM ('-infinity') TO ('infinity')"], None)]
#[case::all_else(&[JANUARY, "DEFAULT"], None)]
#[case::none(&[], Some(PartitionGap::All))]
fn rows_of_now_are_taken_by(#[case] bounds: &[&str], #[case] expected: Option<PartitionGap>) {
    let gap = found("timestamp", Nullability::NotNull, PartitionMethod::Range, bounds);
    assert_eq!(gap, expected);
}

#[rstest]
#[case::a_range(PartitionMethod::Range, "timestamp", &[FEBRUARY], Some(PartitionGap::Omitted(None)))]
#[case::a_list(PartitionMethod::List, "text", &["FOR VALUES IN ('a')"], Some(PartitionGap::Omitted(None)))]
#[case::a_list_with_null(PartitionMethod::List, "text", &["FOR VALUES IN ('a', NULL)"], Some(PartitionGap::OtherValues))]
fn a_row_that_omits_the_key_is_taken_by(
    #[case] method: PartitionMethod,
    #[case] ty: &str,
    #[case] bounds: &[&str],
    #[case] expected: Option<PartitionGap>,
) {
    assert_eq!(found(ty, Nullability::Nullable, method, bounds), expected);
}

#[rstest]
#[case::from_end_to_end(&["FOR VALUES FROM (MINVALUE) TO (10)", "FOR VALUES FROM (10) TO (MAXVALUE)"], None)]
#[case::with_a_gap(
    &["FOR VALUES FROM (MINVALUE) TO (10)", "FOR VALUES FROM (20) TO (MAXVALUE)"],
    Some(PartitionGap::OtherValues)
)]
#[case::with_an_end(&["FOR VALUES FROM (MINVALUE) TO (10)"], Some(PartitionGap::OtherValues))]
fn numbers_are_taken_by(#[case] bounds: &[&str], #[case] expected: Option<PartitionGap>) {
    assert_eq!(found("integer", Nullability::NotNull, PartitionMethod::Range, bounds), expected);
}

#[rstest]
#[case::all_parts(&["FOR VALUES WITH (modulus 2, remainder 0)", "FOR VALUES WITH (modulus 2, remainder 1)"], None)]
#[case::one_of_two(&["FOR VALUES WITH (modulus 2, remainder 0)"], Some(PartitionGap::OtherValues))]
fn a_hash_is_taken_by(#[case] bounds: &[&str], #[case] expected: Option<PartitionGap>) {
    assert_eq!(found("integer", Nullability::NotNull, PartitionMethod::Hash, bounds), expected);
}

#[rstest]
#[case::both(&["FOR VALUES IN (true)", "FOR VALUES IN (false)"], None)]
#[case::one(&["FOR VALUES IN (true)"], Some(PartitionGap::OtherValues))]
fn a_truth_value_is_taken_by(#[case] bounds: &[&str], #[case] expected: Option<PartitionGap>) {
    assert_eq!(found("boolean", Nullability::NotNull, PartitionMethod::List, bounds), expected);
}

#[rstest]
#[case::numbers("integer", "10", "9", Ordering::Greater)]
#[case::numbers_of_64_bits("bigint", "9007199254740993", "9007199254740992", Ordering::Greater)]
#[case::fractions("numeric", "1.5", "1.25", Ordering::Greater)]
#[case::texts_of_digits("text", "10", "9", Ordering::Less)]
#[case::years("date", "10000-01-01", "9999-12-31", Ordering::Greater)]
fn values_are_compared_by_their_type(
    #[case] ty: &str,
    #[case] one: &str,
    #[case] other: &str,
    #[case] expected: Ordering,
) {
    assert_eq!(compare_values(one, other, &column_type(ty, Dialect::Postgres).kind), expected);
}

/// Partitions by `at`, in a table that both sides have.
fn partitioned(column: Column, method: PartitionMethod, bounds: Vec<PartitionBound>) -> Table {
    let partitions = Partitions {
        method,
        key: "(at)".to_owned(),
        columns: vec!["at".to_owned()],
        bounds,
        now: "2024-02-28 12:00:00".to_owned(),
        tomorrow: "2024-02-29 12:00:00".to_owned(),
    };
    Table { columns: vec![column], partitions: Some(partitions), ..Table::new(TableName::unqualified("call_log")) }
}

fn at(ty: &str, nullability: Nullability) -> Column {
    Column { nullability, ..Column::plain("at", column_type(ty, Dialect::Postgres)) }
}

fn range(from: Option<&str>, to: Option<&str>) -> PartitionBound {
    PartitionBound::Range { from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

/// `open` where it is not known.
fn told(declared: &Table, live: &Table, dialect: Dialect) -> String {
    match super::uncovered_rows(declared, live, dialect) {
        (None, None) => "all".to_owned(),
        (None, Some(_)) => "open".to_owned(),
        (Some(Change::PartitionMissing { gap, .. }), None) => format!("not {gap:?}"),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::before_its_end(Some(9), "all")]
#[case::at_its_end(Some(10), r#"not NextKey("10")"#)]
#[case::that_is_not_known(None, "all")]
fn the_next_key_is_taken(#[case] next: Option<i128>, #[case] expected: &str) {
    let sequence = crate::model::Sequence {
        name: "numbers".to_owned(),
        kind: crate::model::CounterKind::Sequence,
        next,
        increment: 1,
        first: 1,
        last: 100,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: crate::model::NextValue::Free,
    };
    let column = Column { sequence: Some(Box::new(sequence)), ..at("bigint", Nullability::NotNull) };
    let table = partitioned(column, PartitionMethod::Range, vec![range(Some("1"), Some("10"))]);
    assert_eq!(told(&table, &table, Dialect::Postgres), expected);
}

#[rstest]
#[case::of_the_lowest_range(Dialect::MariaDb, "all")]
#[case::of_no_range(Dialect::Postgres, "not Omitted(None)")]
fn null_is(#[case] dialect: Dialect, #[case] expected: &str) {
    let whole = vec![range(None, Some("10")), range(Some("10"), None)];
    let table = partitioned(at("bigint", Nullability::Nullable), PartitionMethod::Range, whole);
    assert_eq!(told(&table, &table, dialect), expected);
}

#[rstest]
#[case::that_is_listed("a", "not OtherValues")]
#[case::that_is_not_listed("c", r#"not Omitted(Some("c"))"#)]
fn a_default_is_stored(#[case] default: &str, #[case] expected: &str) {
    let default = Some(crate::model::DefaultValue::Literal(default.to_owned()));
    let column = Column { default, ..at("text", Nullability::NotNull) };
    let listed = vec![PartitionBound::List(vec![Some("a".to_owned()), Some("b".to_owned())])];
    let live = partitioned(column, PartitionMethod::List, listed);
    assert_eq!(told(&live, &live, Dialect::Postgres), expected, "which the entity may leave out");
    let undeclared = Table { columns: Vec::new(), ..live.clone() };
    assert_eq!(told(&undeclared, &live, Dialect::Postgres), expected, "which it does not know");
    let always_set = Table { columns: vec![at("text", Nullability::NotNull)], ..live.clone() };
    assert_eq!(told(&always_set, &live, Dialect::Postgres), "not OtherValues", "which it always sets");
}

#[rstest]
#[case::in_the_order_of_iso("2024-01-01", "2025-01-01", "all")]
#[case::in_another_order("01.01.2024", "01.01.2025", "open")]
#[case::of_which_one_is_in_another_order("2024-01-01", "01.01.2025", "open")]
#[case::without_a_day("2024-x", "2025-x", "open")]
#[case::of_a_short_year("24-01-01", "25-01-01", "open")]
fn times_are_read(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    let bounds = vec![range(Some(from), Some(to))];
    let table = partitioned(at("timestamp", Nullability::NotNull), PartitionMethod::Range, bounds);
    assert_eq!(told(&table, &table, Dialect::Postgres), expected);
}

/// By `to_days(at)`, for example.
#[test]
fn times_may_be_numbers() {
    let bounds = vec![range(None, Some("739000")), range(None, Some("740000"))];
    let mut table = partitioned(at("timestamp", Nullability::NotNull), PartitionMethod::Range, bounds);
    let partitions = table.partitions.as_mut().unwrap();
    (partitions.now, partitions.tomorrow) = ("739309".to_owned(), "739310".to_owned());
    assert_eq!(told(&table, &table, Dialect::MariaDb), "all");
    table.partitions.as_mut().unwrap().tomorrow = "740000".to_owned();
    assert_eq!(told(&table, &table, Dialect::MariaDb), r#"not Tomorrow("740000")"#);
}

#[rstest]
#[case::up_to_an_end(vec![range(None, Some("9")), range(None, Some("10"))], "not OtherValues")]
#[case::without_an_end(vec![range(None, Some("10")), range(None, None)], "all")]
fn a_range_of_mariadb_begins_where_another_ends(#[case] bounds: Vec<PartitionBound>, #[case] expected: &str) {
    let table = partitioned(at("bigint", Nullability::NotNull), PartitionMethod::Range, bounds);
    assert_eq!(told(&table, &table, Dialect::MariaDb), expected);
}

#[rstest]
#[case::of_two_sizes(&[2, 4, 4], "all")]
#[case::of_which_one_is_missing(&[2, 4], "not OtherValues")]
#[case::in_thirds(&[3, 3, 3], "all")]
fn a_hash_has_parts(#[case] moduli: &[u32], #[case] expected: &str) {
    let bounds = moduli.iter().map(|&modulus| PartitionBound::Hash { modulus }).collect();
    let table = partitioned(at("bigint", Nullability::NotNull), PartitionMethod::Hash, bounds);
    assert_eq!(told(&table, &table, Dialect::Postgres), expected);
}

#[test]
fn what_cannot_be_read_is_open() {
    let unknown = partitioned(at("bigint", Nullability::NotNull), PartitionMethod::Hash, vec![PartitionBound::Unknown]);
    assert_eq!(told(&unknown, &unknown, Dialect::Postgres), "open");
    let mut expression =
        partitioned(at("bigint", Nullability::NotNull), PartitionMethod::Range, vec![range(None, None)]);
    expression.partitions.as_mut().unwrap().columns.clear();
    assert_eq!(told(&expression, &expression, Dialect::Postgres), "open");
}
