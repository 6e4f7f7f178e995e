//! Keys, counters, generators and collations.

use rstest::rstest;

use super::*;
use crate::{
    change::PartitionGap,
    model::{CounterKind, Index, IndexRestriction, NextValue, RelationKind, Sequence, Uniqueness, Writability},
};

pub(super) fn key() -> ForeignKey {
    ForeignKey {
        name: "fk".to_owned(),
        columns: vec!["business_id".to_owned()],
        target: TableName::unqualified("business"),
        is_target_in_other_schema: false,
        target_columns: vec!["id".to_owned()],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        validity: Validity::Validated,
        is_match_full: false,
    }
}

pub(super) fn judged(change: &Change, dialect: Dialect) -> (Consequence, String) {
    let Impact { consequence, reason } = impact(change, &TableName::unqualified("call_log"), dialect);
    (consequence, reason)
}

#[rstest]
#[case::deletes_rows(
    ForeignKey { on_delete: Action::Cascade, ..key() }, Consequence::ValuesChange, "changes referring rows differently"
)]
#[case::changes_keys(
    ForeignKey { on_update: Action::Cascade, ..key() }, Consequence::ValuesChange, "changes referring rows differently"
)]
#[case::is_not_enforced(
    ForeignKey { validity: Validity::NotEnforced, ..key() }, Consequence::ConstraintLost, "the key is NOT ENFORCED"
)]
#[case::is_disabled(
    ForeignKey { validity: Validity::Disabled, ..key() }, Consequence::ConstraintLost, "the triggers of the key"
)]
#[case::is_not_validated(
    ForeignKey { validity: Validity::NotValidated, ..key() }, Consequence::Nothing, "may be orphaned"
)]
#[case::refuses_at_once_and_is_not_validated(
    ForeignKey { on_delete: Action::Restrict, validity: Validity::NotValidated, ..key() }, Consequence::Nothing, "may be orphaned"
)]
#[case::must_be_null_as_a_whole(
    ForeignKey { is_match_full: true, ..key() }, Consequence::WritesMayFail, "some of business_id are NULL"
)]
fn a_foreign_key_that(#[case] live: ForeignKey, #[case] expected: Consequence, #[case] words: &str) {
    let change = Change::ForeignKey { sides: Sides { declared: key(), live } };
    let (consequence, reason) = judged(&change, Dialect::Postgres);
    assert!(consequence == expected && reason.contains(words), "{consequence:?} {reason}");
}

#[test]
fn a_foreign_key_that_keeps_rows_makes_deletes_fail() {
    let sides = Sides { declared: ForeignKey { on_delete: Action::Cascade, ..key() }, live: key() };
    assert_eq!(consequence(&Change::ForeignKey { sides }, Dialect::Postgres), Consequence::WritesMayFail);
}

#[rstest]
#[case::is_broken(ForeignKey { validity: Validity::Broken, ..key() }, Consequence::WritesFail, "every delete from call_log")]
#[case::sets_null_on_deletes(
    ForeignKey { on_delete: Action::SetNull, ..key() }, Consequence::WritesMayFail, "deleting a row of call_log fails"
)]
#[case::sets_a_default_on_deletes_and_changes(
    ForeignKey { on_delete: Action::SetDefault, on_update: Action::SetNull, ..key() }, Consequence::WritesMayFail,
    "deleting a row of call_log, or changing its id, fails"
)]
#[case::sets_null_on_changes(
    ForeignKey { on_update: Action::SetNull, ..key() }, Consequence::WritesMayFail, "changing id of a row of call_log fails"
)]
fn a_referring_key_that(#[case] key: ForeignKey, #[case] expected: Consequence, #[case] words: &str) {
    let table = TableName::unqualified("lead");
    let referrer = Referrer { table, key, not_null_columns: Vec::new(), has_default: false };
    let (consequence, reason) = judged(&Change::ReferringKey { referrer }, Dialect::Postgres);
    assert!(consequence == expected && reason.contains(words), "{consequence:?} {reason}");
}

#[rstest]
#[case::no_other_values(None, Equality::AsDefault, CharsetCoverage::Unicode, Rejects::Nothing, Consequence::Nothing)]
#[case::other_values_than_declared(
    Some("C"),
    Equality::AsDefault,
    CharsetCoverage::Unicode,
    Rejects::Nothing,
    Consequence::ValuesChange
)]
#[case::more_values(None, Equality::Looser, CharsetCoverage::Unicode, Rejects::Nothing, Consequence::ValuesChange)]
#[case::fewer_values(None, Equality::Stricter, CharsetCoverage::Unicode, Rejects::Nothing, Consequence::ValuesChange)]
#[case::more_values_of_a_key(
    None,
    Equality::Looser,
    CharsetCoverage::Unicode,
    Rejects::Duplicates,
    Consequence::WritesMayFail
)]
#[case::not_all_characters(
    None,
    Equality::AsDefault,
    CharsetCoverage::Limited,
    Rejects::Nothing,
    Consequence::WritesMayFail
)]
fn a_collation_takes_for_equal(
    #[case] declared: Option<&str>,
    #[case] equality: Equality,
    #[case] coverage: CharsetCoverage,
    #[case] rejects: Rejects,
    #[case] expected: Consequence,
) {
    let of = |name: &str, equality, coverage| Collation { name: name.to_owned(), equality, coverage };
    let declared = declared.map(|name| of(name, Equality::AsDefault, CharsetCoverage::Unicode));
    let sides = Sides { declared, live: Some(of("other", equality, coverage)) };
    let (consequence, reason) =
        judged(&Change::Collation { column: "c".to_owned(), sides, rejects }, Dialect::Postgres);
    assert_eq!(consequence, expected);
    let matches_more = equality == Equality::Looser && expected == Consequence::ValuesChange;
    assert_eq!(reason.starts_with("comparisons also match"), matches_more, "{reason}");
}

#[test]
fn a_collation_of_sqlite_takes_blanks_for_nothing() {
    let live =
        Some(Collation { name: "RTRIM".to_owned(), equality: Equality::Looser, coverage: CharsetCoverage::Unicode });
    let sides = Sides { declared: None, live };
    let change = Change::Collation { column: "c".to_owned(), sides, rejects: Rejects::Nothing };
    let (consequence, reason) = judged(&change, Dialect::Sqlite);
    assert_eq!(consequence, Consequence::ValuesChange);
    assert_eq!(reason, "comparisons also match values that differ only in blanks at their end");
}

#[rstest]
#[case::a_plain_one(Generation::AutoIncrement, Generation::Supplied, Nullability::NotNull, Consequence::WritesFail)]
#[case::a_generator(Generation::Supplied, Generation::AutoIncrement, Nullability::NotNull, Consequence::Nothing)]
#[case::a_generator_for_none(
    Generation::Supplied,
    Generation::AutoIncrement,
    Nullability::Nullable,
    Consequence::ValuesChange
)]
#[case::an_identity(Generation::Supplied, Generation::AlwaysIdentity, Nullability::NotNull, Consequence::WritesFail)]
#[case::an_identity_for_none(
    Generation::Supplied,
    Generation::AlwaysIdentity,
    Nullability::Nullable,
    Consequence::WritesMayFail
)]
#[case::an_identity_for_a_key(
    Generation::AutoIncrement,
    Generation::AlwaysIdentity,
    Nullability::NotNull,
    Consequence::WritesMayFail
)]
#[case::a_computed_one(Generation::Supplied, Generation::Computed, Nullability::NotNull, Consequence::WritesFail)]
#[case::no_computed_one(Generation::Computed, Generation::Supplied, Nullability::NotNull, Consequence::ValuesChange)]
#[case::one_that_changes(Generation::Supplied, Generation::OnUpdate, Nullability::NotNull, Consequence::ValuesChange)]
#[case::one_that_no_longer_changes(
    Generation::OnUpdate,
    Generation::Supplied,
    Nullability::NotNull,
    Consequence::ValuesChange
)]
fn in_place_of_a_column_is(
    #[case] declared: Generation,
    #[case] live: Generation,
    #[case] nullability: Nullability,
    #[case] expected: Consequence,
) {
    let change = Change::Generation { column: "c".to_owned(), sides: Sides { declared, live }, nullability };
    assert_eq!(consequence(&change, Dialect::Postgres), expected);
}

fn sequence() -> Sequence {
    Sequence {
        name: "numbers".to_owned(),
        kind: CounterKind::Sequence,
        next: Some(90),
        increment: 1,
        first: 1,
        last: 100,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Free,
    }
}

#[rstest]
#[case::soon(sequence(), 10, Consequence::WritesMayFail, "inserts that omit id fail after 10 more")]
#[case::at_a_known_rate(
    Sequence { per_day: Some(4), ..sequence() }, 10, Consequence::WritesMayFail, "in about 2 days at the rate so far"
)]
#[case::tomorrow(
    Sequence { per_day: Some(10), ..sequence() }, 10, Consequence::WritesMayFail, "in about 1 day at the rate so far"
)]
#[case::at_no_rate(
    Sequence { per_day: Some(0), ..sequence() }, 10, Consequence::WritesMayFail, "inserts that omit id fail after 10 more"
)]
#[case::now(sequence(), 0, Consequence::WritesFail, "every insert into call_log that omits id fails")]
#[case::again(Sequence { cycles: true, ..sequence() }, 0, Consequence::WritesMayFail, "inserts that omit id are duplicates after 0 more")]
#[case::with_wrong_keys(Sequence { is_cut: true, ..sequence() }, 10, Consequence::ValuesChange, "negative keys after 10 more: an identity column cuts what is beyond its type")]
#[case::with_wrong_keys_now(Sequence { is_cut: true, ..sequence() }, 0, Consequence::ValuesChange, "negative keys now: an identity column cuts what is beyond its type")]
fn keys_run_out(#[case] sequence: Sequence, #[case] left: i128, #[case] expected: Consequence, #[case] words: &str) {
    let change = Change::KeysRunOut { column: "id".to_owned(), sequence, left };
    let (consequence, reason) = judged(&change, Dialect::Postgres);
    assert!(consequence == expected && reason.ends_with(words), "{consequence:?} {reason}");
}

#[rstest]
#[case::of_a_sequence_with_values_left(50, Consequence::WritesMayFail)]
#[case::of_a_sequence_with_one_left(100, Consequence::WritesMayFail)]
#[case::of_a_sequence_that_has_ended(101, Consequence::WritesFail)]
fn a_narrower_sequence(#[case] next: i128, #[case] expected: Consequence) {
    let sequence = Sequence { next: Some(next), ..sequence() };
    let change = Change::SequenceNarrower { column: "id".to_owned(), sequence, largest: 1000 };
    assert_eq!(consequence(&change, Dialect::Postgres), expected);
}

#[rstest]
#[case::within_each_partition(&["id"], &["id", "day"], &[IndexRestriction::PerPartition], "in another partition")]
#[case::at_the_end_of_a_transaction(&["id"], &["id"], &[IndexRestriction::Deferrable], "ON CONFLICT")]
fn a_primary_key_is_enforced(
    #[case] declared: &[&str],
    #[case] live: &[&str],
    #[case] restrictions: &[IndexRestriction],
    #[case] words: &str,
) {
    let key = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let sides = Sides { declared: key(declared), live: key(live) };
    let (_, reason) =
        judged(&Change::PrimaryKey { sides, restrictions: restrictions.to_vec(), equivalent: None }, Dialect::Postgres);
    assert!(reason.contains(words), "{reason}");
}

#[rstest]
#[case::of_long_values(Rejects::Values, &[IndexRestriction::LongValues], "rejects long a values")]
#[case::of_long_values_twice(Rejects::Duplicates, &[IndexRestriction::LongValues], "rejects duplicate a values")]
#[case::of_what_begins_alike(Rejects::Duplicates, &[IndexRestriction::Prefix], "rejects a values that begin alike")]
#[case::of_some_values(Rejects::Values, &[], "rejects duplicate a values")]
fn an_undeclared_index_says_that_it(
    #[case] rejects: Rejects,
    #[case] restrictions: &[IndexRestriction],
    #[case] words: &str,
) {
    let live = Index {
        name: "ix".to_owned(),
        columns: vec!["a".to_owned()],
        uniqueness: Uniqueness::Unique,
        restrictions: restrictions.to_vec(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    };
    let (_, reason) = judged(&Change::IndexUnexpected { live, rejects, counterpart: None }, Dialect::Postgres);
    assert!(reason.contains(words), "{reason}");
}

#[rstest]
#[case::which_keeps_no_rows("BLACKHOLE", Consequence::WritesFail)]
#[case::which_takes_no_updates("ARCHIVE", Consequence::WritesFail)]
#[case::which_forgets_its_rows("MEMORY", Consequence::IntegrityLost)]
fn a_table_has_an_engine(#[case] engine: &str, #[case] expected: Consequence) {
    let judged = |engine: &str| {
        let sides = Sides { declared: RelationKind::Table, live: RelationKind::WithoutTransactions(engine.to_owned()) };
        judged(&Change::RelationKind { sides }, Dialect::MariaDb)
    };
    assert_eq!(judged(engine).0, expected);
    assert_ne!(judged(engine), judged("MyISAM"));
}

#[test]
fn a_privilege_for_the_table_weighs_more_than_one_for_columns() {
    let of = |privilege, columns: &[&str], on_omit| {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        consequence(&Change::PrivilegeMissing { privilege, columns, on_omit }, Dialect::Postgres)
    };
    assert_eq!(of(Privilege::Select, &["c"], OnOmit::Stored), Consequence::ReadsFail);
    for privilege in [Privilege::Insert, Privilege::Update] {
        assert_eq!(of(privilege, &[], OnOmit::Stored), Consequence::WritesFail);
        assert_eq!(of(privilege, &["c"], OnOmit::Stored), Consequence::WritesMayFail);
    }
    assert_eq!(of(Privilege::Insert, &["c"], OnOmit::Rejected), Consequence::WritesFail);
    assert_eq!(of(Privilege::Update, &["c"], OnOmit::Rejected), Consequence::WritesMayFail);
}

#[test]
fn a_view_and_a_missing_partition_have_their_reasons() {
    let sides = Sides { declared: RelationKind::Table, live: RelationKind::View(Writability::ReadOnly) };
    assert_eq!(consequence(&Change::RelationKind { sides }, Dialect::Postgres), Consequence::WritesFail);
    let gap = |gap| judged(&Change::PartitionMissing { key: "(at)".to_owned(), gap }, Dialect::Postgres);
    assert_eq!(gap(PartitionGap::All).0, Consequence::WritesFail);
    assert!(gap(PartitionGap::NextKey("10".to_owned())).1.contains("omits the key"));
}
