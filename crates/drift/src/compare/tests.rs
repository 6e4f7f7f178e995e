mod checks;
mod columns;
mod foreign_keys;
mod indexes;
mod one_column;
mod properties;
mod sequences;
mod surroundings;

use rstest::rstest;

use super::*;
use crate::{
    change::{DefaultEffect, Rejects},
    model::{
        Action, CharsetCoverage, Check, Collation, Column, ColumnType, CounterKind, DefaultValue, Equality, ForeignKey,
        Generation, Index, IndexRestriction, LogicalType, NextValue, Nullability, Privilege, RelationKind, Sequence,
        Sign, Stated, Uniqueness, Validity, Writability,
    },
};

fn column(name: &str) -> Column {
    let kind = LogicalType::Integer { bits: 32, sign: Sign::Signed };
    Column::plain(
        name,
        ColumnType { is_strict: false, text: "integer".to_owned(), field: kind.clone(), kind, stated: Stated::Fully },
    )
}

fn index(columns: &[&str], uniqueness: Uniqueness) -> Index {
    let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
    Index {
        name: columns.join("_"),
        columns,
        uniqueness,
        restrictions: Vec::new(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    }
}

fn table(columns: &[&str], indexes: Vec<Index>) -> Table {
    Table {
        columns: columns.iter().map(|name| column(name)).collect(),
        primary_key: vec!["id".to_owned()],
        indexes,
        ..Table::new(TableName::unqualified("call_log"))
    }
}

/// Of `a` to the `id` of a customer.
fn foreign_key() -> ForeignKey {
    ForeignKey {
        name: "to_customer".to_owned(),
        columns: vec!["a".to_owned()],
        target: TableName::unqualified("customer"),
        is_target_in_other_schema: false,
        target_columns: vec!["id".to_owned()],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        validity: Validity::Validated,
        is_match_full: false,
    }
}

fn schema(table: Table) -> Schema {
    Schema::new(Dialect::Postgres, vec![table])
}

fn rules(declared: Table, live: Table) -> Vec<&'static str> {
    compare(&schema(declared), &schema(live)).changes.iter().map(|(_, change)| change.rule().name()).collect()
}

#[test]
fn a_table_that_is_not_there_is_one_change_not_one_for_each_column() {
    let live = Schema::new(Dialect::Postgres, Vec::new());
    let comparison = compare(&schema(table(&["id", "status"], Vec::new())), &live);
    assert_eq!(
        comparison.changes,
        [(
            TableName::unqualified("call_log"),
            Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() }
        )]
    );
}

#[rstest]
#[case::the_same(&["a", "b"], &[], true)]
#[case::the_columns_in_another_order(&["b", "a"], &[], true)]
#[case::one_column_less(&["a"], &[], false)]
#[case::one_column_more(&["a", "b", "c"], &[], false)]
#[case::over_some_rows(&["a", "b"], &[IndexRestriction::Partial], false)]
#[case::deferrable(&["a", "b"], &[IndexRestriction::Deferrable], false)]
#[case::invalid(&["a", "b"], &[IndexRestriction::Invalid], false)]
fn a_unique_index_is_served_by(
    #[case] columns: &[&str],
    #[case] restrictions: &[IndexRestriction],
    #[case] serves: bool,
) {
    let declared = table(&["id"], vec![index(&["a", "b"], Uniqueness::Unique)]);
    let live = Index { restrictions: restrictions.to_vec(), ..index(columns, Uniqueness::Unique) };
    let missing = rules(declared, table(&["id"], vec![live])).contains(&"unique-missing");
    assert_eq!(missing, !serves);
}

#[test]
fn a_plain_index_is_no_unique_index_and_a_unique_one_is_a_plain_one() {
    let with = |uniqueness| table(&["id"], vec![index(&["a"], uniqueness)]);
    assert_eq!(rules(with(Uniqueness::Unique), with(Uniqueness::Plain)), ["unique-missing", "index-unexpected"]);
    assert_eq!(rules(with(Uniqueness::Plain), with(Uniqueness::Unique)), ["index-unexpected"]);
}

#[rstest]
#[case::plain(&["a"], Uniqueness::Plain, Rejects::Nothing)]
#[case::over_other_columns(&["a"], Uniqueness::Unique, Rejects::Duplicates)]
#[case::over_the_key_and_more(&["a", "id"], Uniqueness::Unique, Rejects::Nothing)]
#[case::over_a_declared_one_and_more(&["a", "b"], Uniqueness::Unique, Rejects::Nothing)]
fn an_undeclared_index_refuses_only_what_no_declared_key_refuses(
    #[case] columns: &[&str],
    #[case] uniqueness: Uniqueness,
    #[case] expected: Rejects,
) {
    let declared = vec![index(&["b"], Uniqueness::Unique)];
    let live = vec![index(&["b"], Uniqueness::Unique), index(columns, uniqueness)];
    let comparison = compare(&schema(table(&["id"], declared)), &schema(table(&["id"], live)));
    let [(_, Change::IndexUnexpected { rejects, .. })] = comparison.changes.as_slice() else {
        panic!("{:?}", comparison.changes);
    };
    assert_eq!(*rejects, expected);
}

#[test]
fn the_primary_key_serves_a_unique_column() {
    let declared = table(&["id"], vec![index(&["id"], Uniqueness::Unique)]);
    assert_eq!(rules(declared, table(&["id"], Vec::new())), [""; 0]);
}

#[test]
fn two_expressions_with_other_words_are_unchecked_not_equal_and_not_different() {
    let with = |text: &str| {
        let mut table = table(&["id"], Vec::new());
        table.columns[0].default = Some(DefaultValue::Expression(text.to_owned()));
        schema(table)
    };
    let comparison = compare(&with("gen_random_uuid()"), &with("uuid_generate_v4()"));
    assert!(comparison.changes.is_empty());
    let questions: Vec<&str> = comparison.unchecked.iter().map(|open| open.question.as_str()).collect();
    assert_eq!(questions, ["whether the defaults gen_random_uuid() and uuid_generate_v4() store the same value"]);
    assert_eq!(compare(&with("lower('A')"), &with("LOWER( 'A' )")).unchecked.len(), 0);
    assert_eq!(compare(&with("lower('A')"), &with("lower('a')")).unchecked.len(), 1);
    assert_eq!(compare(&with("(1 + 2) * n()"), &with("1 + (2 * n())")).unchecked.len(), 1);
}

#[rstest]
#[case::validated(false, &["check-unexpected"])]
#[case::of_new_rows_only(true, &["nullability-differs", "check-unexpected"])]
fn a_check_keeps_null_out_where_all_rows_satisfy_it(#[case] is_unproven: bool, #[case] expected: &[&str]) {
    let declared = table(&["id"], Vec::new());
    let declared = Table { columns: vec![Column { nullability: Nullability::NotNull, ..column("id") }], ..declared };
    let mut live = table(&["id"], Vec::new());
    let text = "(id IS NOT NULL)".to_owned();
    live.checks.push(Check { name: "c".to_owned(), text, columns: vec!["id".to_owned()] });
    live.unproven_checks.extend(is_unproven.then(|| "c".to_owned()));
    assert_eq!(rules(declared, live), expected);
}

#[rstest]
#[case::null(None, &["column-unexpected"])]
#[case::json(Some("{}"), &["column-unexpected"])]
#[case::no_json(Some("none"), &["check-unexpected", "column-unexpected"])]
fn an_undeclared_json_column_of_mariadb_is_one_finding_unless_its_default_is_refused(
    #[case] default: Option<&str>,
    #[case] expected: &[&str],
) {
    let default = default.map(|text| DefaultValue::Literal(text.to_owned()));
    let mut live = table(&["id"], Vec::new());
    live.columns.push(Column { default, ..column("extra") });
    // The CHECK keeps the name that the column had when it was added.
    let text = "json_valid(`extra`)".to_owned();
    live.checks.push(Check { name: "before".to_owned(), text, columns: vec!["extra".to_owned()] });
    let of_mariadb = |table| Schema::new(Dialect::MariaDb, vec![table]);
    let comparison = compare(&of_mariadb(table(&["id"], Vec::new())), &of_mariadb(live));
    let mut found: Vec<_> = comparison.changes.iter().map(|(_, change)| change.rule().name()).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_trigger_is_an_open_question_unless_the_project_declares_it() {
    let live =
        Table { triggers: vec!["trigger total".to_owned(), "trigger stamp".to_owned()], ..table(&["id"], vec![]) };
    let declared = Table { triggers: vec!["trigger total".to_owned()], ..table(&["id"], vec![]) };
    let comparison = compare(&schema(declared.clone()), &schema(live));
    let open: Vec<String> = comparison.unchecked.iter().map(|open| open.question.clone()).collect();
    assert_eq!(open, ["whether the trigger stamp changes what is written"]);
    assert!(compare(&schema(declared), &schema(table(&["id"], vec![]))).changes.is_empty(), "it is not missed");
}

/// On SQLite, which stores any constant in any column, and of an enum on all.
#[rstest]
#[case::a_number(integer(), "7", DefaultEffect::Stored)]
#[case::a_text_for_a_number(integer(), "many", DefaultEffect::Unreadable)]
#[case::a_number_past_the_field(integer(), "3000000000", DefaultEffect::Unreadable)]
#[case::a_truth_value(LogicalType::Boolean, "TRUE", DefaultEffect::Stored)]
#[case::no_truth_value(LogicalType::Boolean, "perhaps", DefaultEffect::Unreadable)]
#[case::json(LogicalType::Json, "{}", DefaultEffect::Stored)]
#[case::no_json(LogicalType::Json, "{", DefaultEffect::Unreadable)]
#[case::a_label(mood(), "calm", DefaultEffect::Stored)]
#[case::an_unknown_label(mood(), "angry", DefaultEffect::Unreadable)]
fn a_default_is_something_that_the_field_can_hold(
    #[case] kind: LogicalType,
    #[case] default: &str,
    #[case] effect: DefaultEffect,
) {
    let of = |default: Option<&str>| {
        let ty = ColumnType {
            is_strict: false,
            text: String::new(),
            field: kind.clone(),
            kind: kind.clone(),
            stated: Stated::Fully,
        };
        let default = default.map(|text| DefaultValue::Literal(text.to_owned()));
        let nullable = Column { nullability: Nullability::Nullable, default, ..Column::plain("state", ty) };
        Schema::new(Dialect::Sqlite, vec![Table { columns: vec![nullable], ..table(&[], Vec::new()) }])
    };
    let changes = compare(&of(None), &of(Some(default))).changes;
    let [(_, Change::Default { effect: found, .. })] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(*found, effect);
}

fn integer() -> LogicalType {
    column("id").ty.kind
}

fn mood() -> LogicalType {
    LogicalType::Enum { name: Some("mood".into()), labels: ["calm".to_owned()].into() }
}

/// A program updates all but the key of its entity, whatever the key of the table is.
#[rstest]
#[case::the_key_of_the_entity("id", false)]
#[case::the_key_of_the_table("sid", true)]
fn the_privilege_to_update_is_needed_for(#[case] denied: &str, #[case] is_needed: bool) {
    let declared = table(&["id", "sid"], Vec::new());
    let mut live = Table { primary_key: vec!["sid".to_owned()], ..declared.clone() };
    for column in &mut live.columns {
        if column.name == denied {
            column.denied = [Privilege::Update].into();
        }
    }
    assert_eq!(rules(declared, live).contains(&"privilege-missing"), is_needed);
}
