//! Renamed columns, the database around a table, other tables that refer to it, and privileges.

use rstest::rstest;

use super::{column, compare, foreign_key, index, rules, table};
use crate::{
    change::Change,
    compare::renames::rename_candidates,
    model::{
        Action, Column, Deletes, Dialect, ForeignKey, Generation, Nullability, Privilege, ReadOnly, Referrer,
        RelationKind, RowSecurity, Schema, Table, TableName, Uniqueness, Validity, Writability,
    },
    normalise::column_type,
    rule::Rule,
};

/// `name type`.
fn columns(texts: &[&str]) -> Table {
    let columns = texts.iter().map(|text| {
        let (name, ty) = text.split_once(' ').unwrap();
        let (ty, generation) = match (ty.strip_prefix("numbered "), ty.strip_prefix("computed ")) {
            (Some(ty), _) => (ty, Generation::AutoIncrement),
            (_, Some(ty)) => (ty, Generation::Computed),
            (None, None) => (ty, Generation::Supplied),
        };
        Column { generation, ..Column::plain(name, column_type(ty, Dialect::Postgres)) }
    });
    Table { columns: columns.collect(), ..table(&[], Vec::new()) }
}

#[rstest]
#[case::the_only_one_of_its_type(&["mode text"], &["state text"], &["mode: state"])]
#[case::none_of_another_type(&["mode text"], &["mode_2 integer"], &[])]
#[case::no_other_text(&["mode varchar(8)"], &["state text"], &[])]
#[case::another_text_of_its_name(&["call_sid varchar(8)"], &["callsid text"], &["call_sid: callsid"])]
#[case::none_of_two(&["mode text"], &["state text", "note text"], &[])]
#[case::none_for_two(&["mode text", "note text"], &["state text"], &[])]
#[case::that_of_its_name(&["call_sid text", "agent text"], &["callsid text", "state text"], &["call_sid: callsid"])]
#[case::each_that_of_its_name(
    &["call_sid text", "agent_id text"], &["agentid text", "callsid text"], &["agent_id: agentid", "call_sid: callsid"]
)]
#[case::the_likeliest_first(&["status text"], &["a_stats text", "statuz text"], &["status: statuz, a_stats"])]
#[case::its_type_before_its_name(&["status text"], &["stats varchar(8)", "statuz text"], &["status: statuz, stats"])]
#[case::one_that_is_computed(&["mode computed text"], &["state text"], &[])]
#[case::one_that_is_numbered(&["mode integer"], &["state numbered integer"], &[])]
#[case::both_numbered(&["mode numbered integer"], &["state numbered integer"], &["mode: state"])]
#[case::in_other_letters(&["Call_Sid text", "agent text"], &["CALLSID text", "x text"], &["Call_Sid: CALLSID"])]
fn a_missing_column_may_be_called(#[case] declared: &[&str], #[case] live: &[&str], #[case] expected: &[&str]) {
    let (declared, live) = (columns(declared), columns(live));
    let found = rename_candidates(&declared, &live, Dialect::Postgres);
    let told = found.iter().map(|(column, names)| {
        let names: Vec<&str> = names.iter().map(|name| name.name.as_str()).collect();
        format!("{}: {}", column.name, names.join(", "))
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    assert_eq!(told, expected);
}

#[test]
fn the_keys_of_a_renamed_column_are_renamed_with_it() {
    let declared = Table { indexes: vec![index(&["sid"], Uniqueness::Unique)], ..columns(&["sid text"]) };
    let live = Table { indexes: vec![index(&["callsid"], Uniqueness::Unique)], ..columns(&["callsid text"]) };
    assert_eq!(rules(declared, live), ["column-missing", "column-unexpected"]);
}

#[test]
fn the_keys_of_a_column_in_other_letters_are_its_keys() {
    let with = |name: &str| Table { indexes: vec![index(&[name], Uniqueness::Unique)], ..table(&[name], Vec::new()) };
    let schema = |table| Schema::new(Dialect::Sqlite, vec![table]);
    let changes = compare(&schema(with("sid")), &schema(with("SID"))).changes;
    let found: Vec<_> = changes.iter().map(|(_, change)| change.rule().name()).collect();
    assert_eq!(found, ["column-spelling-differs"]);
}

#[rstest]
#[case::a_table(|_: &mut Table| {}, true)]
#[case::a_view_of_the_entity(|table: &mut Table| table.relation = RelationKind::View(Writability::ReadOnly), false)]
#[case::a_table_that_nobody_writes(
    |table: &mut Table| table.columns[0].denied = [Privilege::Insert, Privilege::Update].into(), false
)]
#[case::a_table_that_is_only_updated(|table: &mut Table| table.columns[0].denied = [Privilege::Insert].into(), true)]
#[case::a_table_without_updates(|table: &mut Table| table.columns[0].denied = [Privilege::Update].into(), true)]
fn a_read_only_connection_breaks(#[case] make: fn(&mut Table), #[case] breaks: bool) {
    let mut declared = table(&["id"], Vec::new());
    make(&mut declared);
    let live = Schema { read_only: Some(ReadOnly::Server), ..Schema::new(Dialect::Postgres, vec![declared.clone()]) };
    let comparison = compare(&Schema::new(Dialect::Postgres, vec![declared]), &live);
    assert_eq!(comparison.changes.iter().any(|(_, change)| change.rule().name() == "read-only"), breaks);
}

#[rstest]
#[case::texts("text", RelationKind::Table, true)]
#[case::short_texts("varchar(8)", RelationKind::Table, true)]
#[case::numbers("integer", RelationKind::Table, false)]
#[case::texts_that_are_only_read("text", RelationKind::View(Writability::ReadOnly), false)]
fn an_encoding_that_lacks_characters_concerns(
    #[case] ty: &str,
    #[case] relation: RelationKind,
    #[case] concerns: bool,
) {
    let declared = Table { relation, ..columns(&[&format!("word {ty}")]) };
    let live = Schema { encoding: Some("LATIN1".to_owned()), ..Schema::new(Dialect::Postgres, vec![declared.clone()]) };
    let comparison = compare(&Schema::new(Dialect::Postgres, vec![declared]), &live);
    assert_eq!(comparison.changes.iter().any(|(_, change)| change.rule().name() == "encoding-differs"), concerns);
}

#[rstest]
#[case::with_rows_of_other_tables(|live: &mut Table| live.has_children = true, &["constraint-unchecked"])]
#[case::whose_partitions_have_their_own(
    |live: &mut Table| live.partition_only_objects = vec!["trigger stamp".to_owned()], &["constraint-unchecked"]
)]
#[case::of_which_nothing_may_be_deleted(|live: &mut Table| live.deletes = Deletes::Denied, &["privilege-unchecked"])]
#[case::of_which_nothing_is_deleted(|live: &mut Table| live.deletes = Deletes::Hidden, &["policy-unchecked"])]
#[case::with_an_old_collation(
    |live: &mut Table| live.outdated_collation = Some("de_DE".to_owned()), &["collation-unchecked"]
)]
#[case::of_which_some_rows_are_shown(
    |live: &mut Table| live.row_security = RowSecurity::Conditional, &["policy-unchecked"]
)]
#[case::of_another_server(
    |live: &mut Table| live.relation = RelationKind::Foreign(Writability::Writable), &["relation-unchecked"]
)]
#[case::of_other_tables(
    |live: &mut Table| live.relation = RelationKind::WithoutTransactions("MRG_MyISAM".to_owned()),
    &["relation-unchecked"]
)]
#[case::of_an_engine(|live: &mut Table| live.relation = RelationKind::WithoutTransactions("MyISAM".to_owned()), &[])]
#[case::of_a_module(|live: &mut Table| live.relation = RelationKind::Virtual, &["relation-unchecked"])]
#[case::that_is_a_view(
    |live: &mut Table| live.relation = RelationKind::View(Writability::Writable), &["view-unchecked"]
)]
#[case::that_hides_another(|live: &mut Table| live.shadows = vec!["public".to_owned()], &[])]
#[case::that_hides_another_and_lacks_a_column(
    |live: &mut Table| {
        live.shadows = vec!["public".to_owned()];
        live.columns.clear();
    },
    &["relation-unchecked"]
)]
fn something_is_not_known_of_a_table(#[case] make: fn(&mut Table), #[case] expected: &[&str]) {
    let declared = table(&["id"], Vec::new());
    let mut live = declared.clone();
    make(&mut live);
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let open = compare(&schema(declared), &schema(live.clone())).unchecked;
    assert_eq!(open.iter().map(|open| open.rule.name()).collect::<Vec<_>>(), expected);
    // The same on both sides, such as a view of a read-only entity, is compared no further.
    let same = Table { relation: live.relation.clone(), ..table(&["id"], Vec::new()) };
    let open = compare(&schema(same.clone()), &schema(same)).unchecked;
    assert!(!open.iter().any(|open| open.rule.name() == "relation-unchecked"), "{open:?}");
}

#[rstest]
#[case::of_a_column_of_the_entity(&["id"], 1)]
#[case::of_a_column_that_no_program_sets(&["note"], 0)]
#[case::of_both(&["note", "id"], 1)]
fn a_trigger_for_updates(#[case] columns: &[&str], #[case] expected: usize) {
    let name = "trigger stamp".to_owned();
    let columns = columns.iter().map(ToString::to_string).collect();
    let live = Table {
        triggers: vec![name.clone()],
        columns_of_triggers: [(name, columns)].into(),
        ..table(&["id", "note"], Vec::new())
    };
    let declared = table(&["id"], Vec::new());
    let schema = |table: Table| Schema::new(Dialect::Postgres, vec![table]);
    let comparison = compare(&schema(declared), &schema(live));
    let questions = comparison.unchecked.iter().filter(|open| open.rule == Rule::TriggerUnchecked);
    assert_eq!(questions.count(), expected);
}

#[test]
fn a_read_only_entity_does_not_care_who_writes() {
    let relation = RelationKind::View(Writability::ReadOnly);
    let declared = Table { relation, ..table(&["id"], Vec::new()) };
    let live = Table {
        has_children: true,
        deletes: Deletes::Denied,
        triggers: vec!["trigger stamp".to_owned()],
        row_security: RowSecurity::Closed(vec![Privilege::Insert]),
        ..table(&["id"], Vec::new())
    };
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let comparison = compare(&schema(declared.clone()), &schema(live.clone()));
    assert_eq!(comparison.changes, []);
    assert_eq!(comparison.unchecked, []);
    let closed = Table { row_security: RowSecurity::Closed(vec![Privilege::Select, Privilege::Insert]), ..live };
    let changes = compare(&schema(declared), &schema(closed)).changes;
    let [(_, Change::RowSecurity { commands })] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(commands, &[Privilege::Select]);
}

/// `lead.a` refers to the table.
fn referrer() -> Referrer {
    Referrer {
        table: TableName::unqualified("lead"),
        key: foreign_key(),
        not_null_columns: Vec::new(),
        has_default: false,
    }
}

fn cascading() -> ForeignKey {
    ForeignKey { on_delete: Action::Cascade, on_update: Action::Cascade, ..foreign_key() }
}

/// It cannot set NULL.
fn contradicting() -> Referrer {
    let key = ForeignKey { on_delete: Action::SetNull, ..foreign_key() };
    Referrer { key, not_null_columns: vec!["a".to_owned()], ..referrer() }
}

fn lead(key: ForeignKey, nullability: Nullability) -> Table {
    let a = Column { nullability, ..column("a") };
    Table { columns: vec![a], foreign_keys: vec![key], ..Table::new(TableName::unqualified("lead")) }
}

#[rstest]
#[case::rows_of_an_unknown_table(referrer(), None, "open")]
#[case::rows_of_an_entity(referrer(), Some(lead(foreign_key(), Nullability::Nullable)), "-")]
#[case::rows_that_go_with_it(Referrer { key: cascading(), ..referrer() }, None, "-")]
#[case::rows_that_keep_their_key(
    Referrer { key: ForeignKey { on_delete: Action::Cascade, ..foreign_key() }, ..referrer() }, None, "open"
)]
#[case::a_default_that_may_be_no_row(
    Referrer { has_default: true, key: cascading(), ..referrer() }, Some(lead(cascading(), Nullability::Nullable)), "open"
)]
#[case::a_broken_key(
    Referrer { key: ForeignKey { validity: Validity::Broken, ..foreign_key() }, ..referrer() },
    Some(lead(foreign_key(), Nullability::Nullable)), "breaks"
)]
#[case::a_contradiction(contradicting(), None, "breaks")]
#[case::a_contradiction_that_is_declared(
    contradicting(), Some(lead(contradicting().key, Nullability::NotNull)), "-"
)]
#[case::a_contradiction_that_is_declared_otherwise(
    contradicting(), Some(lead(contradicting().key, Nullability::Nullable)), "breaks"
)]
#[case::a_contradiction_of_another_key(contradicting(), Some(lead(foreign_key(), Nullability::NotNull)), "breaks")]
fn a_table_is_referred_to_by(#[case] referrer: Referrer, #[case] owner: Option<Table>, #[case] expected: &str) {
    let declared = table(&["id"], Vec::new());
    let live = Table { referrers: vec![referrer], ..declared.clone() };
    let told = |declared: &Table| {
        let sides = [declared, &live]
            .map(|table| Schema::new(Dialect::Postgres, owner.iter().cloned().chain([table.clone()]).collect()));
        let comparison = compare(&sides[0], &sides[1]);
        let breaks = comparison.changes.iter().any(|(_, change)| matches!(change, Change::ReferringKey { .. }));
        let is_open = comparison
            .unchecked
            .iter()
            .any(|open| ["constraint-unchecked", "delete-unchecked"].contains(&open.rule.name()));
        match (breaks, is_open) {
            (true, _) => "breaks",
            (false, true) => "open",
            (false, false) => "-",
        }
    };
    assert_eq!(told(&declared), expected);
    let view = Table { relation: RelationKind::View(Writability::ReadOnly), ..declared };
    assert_eq!(told(&view), "-", "a view has no rows of its own");
}

#[rstest]
#[case::to_read_the_table(Privilege::Select, &["id", "sid", "made"], &["SELECT of all"])]
#[case::to_read_a_column(Privilege::Select, &["sid"], &["SELECT of sid"])]
#[case::to_read_an_unknown_column(Privilege::Select, &["more"], &[])]
#[case::to_insert_a_key_that_is_generated(Privilege::Insert, &["id"], &["INSERT of id"])]
#[case::to_insert_what_is_computed(Privilege::Insert, &["made"], &[])]
#[case::to_insert_a_column_that_must_be_given(Privilege::Insert, &["sid"], &["INSERT of sid, and an insert without it fails"])]
#[case::to_insert_anything(Privilege::Insert, &["id", "sid", "made"], &["INSERT of all, and an insert without it fails"])]
#[case::to_update_the_key(Privilege::Update, &["id"], &[])]
#[case::to_update_what_is_computed(Privilege::Update, &["made"], &[])]
#[case::to_update_a_column(Privilege::Update, &["sid"], &["UPDATE of all"])]
#[case::to_use_the_sequence_of_an_unknown_column(Privilege::Usage, &["more"], &["USAGE of more"])]
#[case::to_use_every_sequence(Privilege::Usage, &["id", "sid", "made", "more"], &["USAGE of id, sid, made, more"])]
fn the_privilege_is_missing(#[case] privilege: Privilege, #[case] denied: &[&str], #[case] expected: &[&str]) {
    let of = |name: &str, nullability, generation| Column { nullability, generation, ..column(name) };
    let mut declared = table(&[], Vec::new());
    declared.columns = vec![
        of("id", Nullability::NotNull, Generation::AutoIncrement),
        of("sid", Nullability::NotNull, Generation::Supplied),
        of("made", Nullability::Nullable, Generation::Computed),
    ];
    let mut live = declared.clone();
    live.columns.push(column("more"));
    for column in live.columns.iter_mut().filter(|column| denied.contains(&column.name.as_str())) {
        column.denied = column.denied.iter().copied().chain([privilege]).collect();
    }
    let schema = |table| Schema::new(Dialect::Postgres, vec![table]);
    let told = compare(&schema(declared), &schema(live)).changes.into_iter().filter_map(|(_, change)| {
        let Change::PrivilegeMissing { privilege, columns, on_omit } = change else { return None };
        let columns = if columns.is_empty() { "all".to_owned() } else { columns.join(", ") };
        let is_refused = privilege == Privilege::Insert && on_omit == crate::change::OnOmit::Rejected;
        let fails = if is_refused { ", and an insert without it fails" } else { "" };
        Some(format!("{privilege} of {columns}{fails}"))
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

/// An upsert of MariaDB that gives the key needs it. What PostgreSQL updates does not include the key.
#[rstest]
#[case::of_mariadb(Dialect::MariaDb, &["id"], &[Privilege::Update], true)]
#[case::of_mariadb_without_inserts_of_the_key(Dialect::MariaDb, &["id"], &[Privilege::Update, Privilege::Insert], false)]
#[case::of_mariadb_among_all_columns(Dialect::MariaDb, &["id", "sid"], &[Privilege::Update], false)]
#[case::of_mariadb_of_another_column(Dialect::MariaDb, &["sid"], &[Privilege::Update], false)]
#[case::of_postgres(Dialect::Postgres, &["id"], &[Privilege::Update], false)]
fn whether_a_program_needs_to_update_the_key_is_open(
    #[case] dialect: Dialect,
    #[case] names: &[&str],
    #[case] denied: &[Privilege],
    #[case] is_open: bool,
) {
    let mut declared = table(&["id"], Vec::new());
    declared.columns = vec![column("id"), column("sid")];
    let mut live = declared.clone();
    for column in live.columns.iter_mut().filter(|column| names.contains(&column.name.as_str())) {
        column.denied = denied.into();
    }
    let schema = |table| Schema::new(dialect, vec![table]);
    let unchecked = compare(&schema(declared), &schema(live)).unchecked;
    assert_eq!(unchecked.iter().any(|open| open.rule == Rule::PrivilegeUnchecked), is_open, "{unchecked:?}");
}
