use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};
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
    Index { name: columns.join("_"), columns, uniqueness, restrictions: Vec::new(), computed: Vec::new() }
}

fn table(columns: &[&str], indexes: Vec<Index>) -> Table {
    Table {
        columns: columns.iter().map(|name| column(name)).collect(),
        primary_key: vec!["id".to_owned()],
        indexes,
        ..Table::new(TableName::unqualified("call_log"))
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
        [(TableName::unqualified("call_log"), Change::TableMissing { elsewhere: Vec::new(), similar: Vec::new() })]
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
    assert_eq!(comparison.unchecked.len(), 1);
    assert_eq!(compare(&with("lower('A')"), &with("LOWER( 'A' )")).unchecked.len(), 0);
    assert_eq!(compare(&with("lower('A')"), &with("lower('a')")).unchecked.len(), 1);
    assert_eq!(compare(&with("(1 + 2) * n()"), &with("1 + (2 * n())")).unchecked.len(), 1);
}

prop_compose! {
    fn any_column(name: String)(
        kind in prop_oneof![
            Just(LogicalType::Boolean),
            (9..300_u32).prop_map(|length| LogicalType::Varchar(Some(length))),
            Just(LogicalType::Integer { bits: 32, sign: Sign::Signed }),
            Just(LogicalType::Integer { bits: 64, sign: Sign::Signed }),
            subsequence(vec!["x", "y", "z"], 1..=3).prop_map(|labels| {
                let labels = labels.into_iter().map(str::to_owned).collect();
                LogicalType::Enum { name: Some("mood".to_owned()), labels }
            }),
        ],
        nullable in any::<bool>(),
        // No word for true or false, two of which are the same to a boolean column, and not to another.
        default in proptest::option::of("[a-d]{1,3}"),
        generation in select(vec![Generation::Supplied, Generation::Computed, Generation::AlwaysIdentity]),
        collation in proptest::option::of(select(vec!["C", "POSIX"])),
    ) -> Column {
        Column {
            generation,
            collation: collation.map(|name| {
                Box::new(Collation {
                    name: name.to_owned(),
                    equality: Equality::AsDefault,
                    coverage: CharsetCoverage::Unicode,
                })
            }),
            nullability: if nullable { Nullability::Nullable } else { Nullability::NotNull },
            default: default.map(DefaultValue::Literal),
            ..Column::plain(name.clone(), ColumnType { is_strict: false, text: format!("{kind:?}"), field: kind.clone(), kind, stated: Stated::Fully })
        }
    }
}

fn any_relation() -> impl Strategy<Value = RelationKind> {
    select(vec![
        RelationKind::Table,
        RelationKind::Partitioned,
        RelationKind::Unlogged,
        RelationKind::WithoutTransactions("MyISAM".to_owned()),
        RelationKind::Foreign(Writability::Writable),
        RelationKind::Foreign(Writability::ReadOnly),
        RelationKind::View(Writability::Writable),
        RelationKind::View(Writability::ReadOnly),
        RelationKind::MaterializedView,
        RelationKind::Virtual,
    ])
}

prop_compose! {
    fn any_foreign_key(columns: Vec<&'static str>)(
        target in select(vec!["customer", "lead"]),
        on_delete in select(vec![Action::Refuse, Action::Cascade, Action::SetNull, Action::SetDefault]),
        on_update in select(vec![Action::Refuse, Action::Cascade]),
    ) -> ForeignKey {
        ForeignKey {
            name: columns.join("_"),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            target: TableName { schema: Some("public".to_owned()), name: target.to_owned() },
            is_target_elsewhere: false,
            target_columns: columns.iter().map(|column| format!("{column}_of_it")).collect(),
            on_delete,
            on_update,
            validity: Validity::Validated,
            is_full: false,
        }
    }
}

fn any_table() -> impl Strategy<Value = Table> {
    let names = vec!["a", "b", "c", "d", "e", "f"];
    subsequence(names, 1..=6).prop_flat_map(|names| {
        let columns: Vec<_> = names.iter().map(|&name| any_column(name.to_owned())).collect();
        let any_columns = || subsequence(names.clone(), 1..=names.len());
        let foreign_keys = vec(any_columns().prop_flat_map(any_foreign_key), 0..3);
        let of_checks = vec(any_columns(), 0..4);
        let of_indexes = (vec(any_columns(), 0..4), vec(any::<bool>(), 4));
        (columns, of_indexes, foreign_keys, of_checks, any_relation()).prop_map(
            |(columns, (indexes, unique), mut foreign_keys, of_checks, relation)| {
                let uniqueness = |unique| if unique { Uniqueness::Unique } else { Uniqueness::Plain };
                let indexes = indexes.iter().zip(unique).map(|(columns, unique)| index(columns, uniqueness(unique)));
                // One column refers to one row.
                foreign_keys.sort_by(|one, other| one.columns.cmp(&other.columns));
                foreign_keys.dedup_by(|one, other| one.columns == other.columns);
                let checks = of_checks.iter().map(|columns| Check {
                    name: columns.join("_"),
                    text: format!("f({})", columns.join(", ")),
                    columns: columns.iter().map(|&column| column.to_owned()).collect(),
                });
                let checks = checks.collect();
                Table { relation, columns, foreign_keys, checks, ..table(&[], indexes.collect()) }
            },
        )
    })
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(table in any_table()) {
        let comparison = compare(&schema(table.clone()), &schema(table));
        prop_assert_eq!(comparison.changes, []);
        prop_assert_eq!(comparison.unchecked, []);
    }

    #[test]
    fn the_order_of_live_objects_never_matters(declared in any_table(), live in any_table()) {
        let mut turned = live.clone();
        turned.columns.reverse();
        turned.indexes.reverse();
        turned.foreign_keys.reverse();
        let sorted = |live: Table| {
            let mut rules: Vec<String> = compare(&schema(declared.clone()), &schema(live))
                .changes.iter().map(|(_, change)| format!("{} {:?}", change.rule(), change.column())).collect();
            rules.sort();
            rules
        };
        prop_assert_eq!(sorted(live), sorted(turned));
    }

    #[test]
    fn the_order_of_the_same_checks_never_matters(table in any_table()) {
        let mut turned = table.clone();
        turned.checks.reverse();
        prop_assert_eq!(compare(&schema(table), &schema(turned)).changes, []);
    }

    /// What the role may not do, and where the sequences stand, is of the database alone.
    #[test]
    fn each_privilege_and_each_sequence_is_found_and_nothing_else(
        table in any_table(),
        denied in vec(subsequence(vec![Privilege::Select, Privilege::Insert, Privilege::Update], 0..=3), 6),
        behind in vec(any::<bool>(), 6),
    ) {
        let declared = Table { relation: RelationKind::Table, ..table };
        let mut live = declared.clone();
        let mut expected = BTreeSet::new();
        for ((column, denied), is_behind) in live.columns.iter_mut().zip(denied).zip(behind) {
            let is_key = declared.primary_key.contains(&column.name);
            let is_given = [Generation::Supplied, Generation::OnUpdate].contains(&column.generation);
            let needed = denied.iter().filter(|privilege| match privilege {
                Privilege::Update => !is_key && column.generation != Generation::Computed,
                Privilege::Insert => is_given,
                Privilege::Select | Privilege::Usage => true,
            });
            expected.extend(needed.map(|privilege| format!("privilege-missing {privilege}")));
            column.denied = denied;
            let state = if is_behind { NextValue::Taken } else { NextValue::Free };
            column.sequence = Some(Box::new(Sequence {
                name: "s".to_owned(),
                kind: CounterKind::Sequence,
                next: Some(7),
                increment: 1,
                first: 1,
                last: i128::MAX,
                cycles: false,
                is_cut: false,
                per_day: None,
                state,
            }));
            expected.extend(is_behind.then(|| format!("sequence-behind {}", column.name)));
        }
        let found: BTreeSet<String> = compare(&schema(declared), &schema(live)).changes.iter().map(|(_, change)| {
            if let Change::PrivilegeMissing { privilege, .. } = change {
                return format!("{} {privilege}", change.rule());
            }
            format!("{} {}", change.rule(), change.column().unwrap_or_default())
        }).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn swapped_sides_mirror(one in any_table(), other in any_table(), with_defaults in any::<bool>()) {
        // A column that the database fills has no default to speak of.
        let plain = |column: &Column| if with_defaults {
            Column { generation: Generation::Supplied, ..column.clone() }
        } else {
            Column { default: None, ..column.clone() }
        };
        // The keys of a column that may have been renamed are taken for those of the other.
        let is_shared = |name: &String| {
            [&one, &other].iter().all(|table| table.columns.iter().any(|column| column.name == *name))
        };
        let shared = |columns: &[String]| columns.iter().all(is_shared);
        // Of a view less is compared than of a table, whichever is declared.
        let plain = |table: &Table| Table {
            columns: table.columns.iter().map(plain).collect(),
            primary_key: table.primary_key.iter().filter(|name| is_shared(name)).cloned().collect(),
            indexes: table.indexes.iter().filter(|index| shared(&index.columns)).cloned().collect(),
            foreign_keys: table.foreign_keys.iter().filter(|key| shared(&key.columns)).cloned().collect(),
            checks: table.checks.iter().filter(|check| shared(&check.columns)).cloned().collect(),
            relation: if table.relation.is_view() { RelationKind::Table } else { table.relation.clone() },
            ..table.clone()
        };
        let facts = |declared: &Table, live: &Table, direction| {
            let comparison = compare(&schema(plain(declared)), &schema(plain(live)));
            let facts = comparison.changes.iter().filter_map(|(_, change)| fact(change, direction));
            facts.collect::<BTreeSet<String>>()
        };
        prop_assert_eq!(facts(&one, &other, Direction::Forth), facts(&other, &one, Direction::Back));
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Forth,
    Back,
}

/// What a change says, told from the side that is declared on the way forth.
fn fact(change: &Change, direction: Direction) -> Option<String> {
    let only = |this: &str, that: &str, name: &dyn std::fmt::Debug| {
        let side = if matches!(direction, Direction::Forth) { this } else { that };
        Some(format!("{name:?} only {side}"))
    };
    let both = |column: &str, declared: String, live: String| {
        let (one, other) = if matches!(direction, Direction::Forth) { (declared, live) } else { (live, declared) };
        Some(format!("{column} {one} {other}"))
    };
    let debug = |value: &dyn std::fmt::Debug| format!("{value:?}");
    match change {
        Change::ColumnMissing { declared, .. } => only("here", "there", &declared.name),
        Change::ColumnUnexpected { live, .. } => only("there", "here", &live.name),
        Change::Type { column, sides } => both(column, sides.declared.to_string(), sides.live.to_string()),
        Change::EnumLabels { column, missing, unexpected } => {
            both(column, format!("{missing:?}"), format!("{unexpected:?}"))
        }
        Change::Nullability { column, sides, .. } => both(column, sides.declared.to_string(), sides.live.to_string()),
        Change::Generation { column, sides, .. } => both(column, debug(&sides.declared), debug(&sides.live)),
        Change::Collation { column, sides, .. } => both(column, debug(&sides.declared), debug(&sides.live)),
        Change::RelationKind { sides } => both("relation", sides.declared.to_string(), sides.live.to_string()),
        Change::ForeignKey { sides } => both("foreign key", debug(&sides.declared), debug(&sides.live)),
        Change::ForeignKeyMissing { declared, .. } => only("here", "there", declared),
        Change::ForeignKeyUnexpected { live, .. } => only("there", "here", live),
        Change::PrimaryKey { sides, .. } => both("primary key", debug(&sides.declared), debug(&sides.live)),
        Change::Default { column, sides, .. } => both(column, debug(&sides.declared), debug(&sides.live)),
        Change::TableMissing { .. }
        | Change::Spelling { .. }
        | Change::UniqueMissing { .. }
        | Change::IndexMissing { .. }
        | Change::IndexUnexpected { .. }
        | Change::SequenceBehind { .. }
        | Change::SequenceNarrower { .. }
        | Change::KeysRunOut { .. }
        | Change::NullsRemain { .. }
        | Change::RewriteRule { .. }
        | Change::PartitionMissing { .. }
        | Change::FunctionUnknown { .. }
        | Change::ReplicaIdentity { .. }
        | Change::ReferringKey { .. }
        | Change::ReadOnly { .. }
        | Change::Encoding { .. }
        | Change::CheckMissing { .. }
        | Change::CheckUnexpected { .. }
        | Change::PrivilegeMissing { .. }
        | Change::RowSecurity { .. }
        | Change::RowSecurityOff
        | Change::RowsUnreadable { .. } => None,
    }
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
    LogicalType::Enum { name: Some("mood".to_owned()), labels: vec!["calm".to_owned()] }
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
            column.denied.push(Privilege::Update);
        }
    }
    assert_eq!(rules(declared, live).contains(&"privilege-missing"), is_needed);
}
