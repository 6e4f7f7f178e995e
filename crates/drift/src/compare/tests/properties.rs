//! What holds for all tables.

use std::collections::BTreeSet;

use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};

use super::*;

prop_compose! {
    fn any_column(name: String)(
        kind in prop_oneof![
            Just(LogicalType::Boolean),
            (9..300_u32).prop_map(|length| LogicalType::Varchar(Some(length))),
            Just(LogicalType::Integer { bits: 32, sign: Sign::Signed }),
            Just(LogicalType::Integer { bits: 64, sign: Sign::Signed }),
            subsequence(vec!["x", "y", "z"], 1..=3).prop_map(|labels| {
                let labels = labels.into_iter().map(str::to_owned).collect();
                LogicalType::Enum { name: Some("mood".into()), labels }
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
        on_delete in select(vec![Action::NoAction, Action::Cascade, Action::SetNull, Action::SetDefault]),
        on_update in select(vec![Action::NoAction, Action::Cascade]),
    ) -> ForeignKey {
        ForeignKey {
            name: columns.join("_"),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            target: TableName { schema: Some("public".to_owned()), name: target.to_owned() },
            is_target_in_other_schema: false,
            target_columns: columns.iter().map(|column| format!("{column}_of_it")).collect(),
            on_delete,
            on_update,
            validity: Validity::Validated,
            is_match_full: false,
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
            column.denied = denied.into();
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
        | Change::RowSecurityRefused
        | Change::RowsUnreadable { .. } => None,
    }
}
