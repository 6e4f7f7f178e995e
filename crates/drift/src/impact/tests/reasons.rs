//! A line for each way in which a kind of change can harm a program: what it breaks, and words of the reason.

use rstest::rstest;

use super::{keys::judged, *};
use crate::{
    change::PartitionGap,
    model::{
        Check, Index, IndexRestriction, RelationKind, RewriteRule, RuleEffect, Uniqueness, UnknownObjectKind,
        Writability,
    },
};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "as a column has it")]
fn literal(text: &str) -> Option<DefaultValue> {
    Some(DefaultValue::Literal(text.to_owned()))
}

fn index(name: &str, restrictions: &[IndexRestriction]) -> Index {
    Index {
        name: name.to_owned(),
        columns: names(&["a"]),
        uniqueness: Uniqueness::Unique,
        restrictions: restrictions.to_vec(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    }
}

#[track_caller]
fn assert_judged(change: &Change, dialect: Dialect, expected: Consequence, words: &str) {
    let (consequence, reason) = judged(change, dialect);
    assert!(consequence == expected && reason.contains(words), "{consequence:?}: {reason}");
}

#[rstest]
#[case::neither(
    Dialect::Postgres,
    OnOmit::Rejected,
    OnOmit::Rejected,
    Consequence::WritesFail,
    "and so does writing None"
)]
#[case::not_none(
    Dialect::Postgres,
    OnOmit::Stored,
    OnOmit::Rejected,
    Consequence::WritesMayFail,
    "writing None to a fails"
)]
#[case::none_as_the_time(
    Dialect::MariaDb,
    OnOmit::Stored,
    OnOmit::Stored,
    Consequence::ValuesChange,
    "stores the current time"
)]
#[case::none_as_the_default(
    Dialect::Sqlite,
    OnOmit::Stored,
    OnOmit::Stored,
    Consequence::ValuesChange,
    "stores the default"
)]
#[case::only_none(
    Dialect::MariaDb,
    OnOmit::Rejected,
    OnOmit::Stored,
    Consequence::WritesFail,
    "writing None to it stores"
)]
#[case::nothing_for_the_partition_key(
    Dialect::Postgres,
    OnOmit::RejectedAsPartitionKey,
    OnOmit::Rejected,
    Consequence::WritesMayFail,
    "part of the partition key"
)]
fn a_column_that_is_not_null_takes(
    #[case] dialect: Dialect,
    #[case] on_omit: OnOmit,
    #[case] on_null: OnOmit,
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let sides = Sides { declared: Nullability::Nullable, live: Nullability::NotNull };
    assert_judged(&Change::Nullability { column: "a".to_owned(), sides, on_omit, on_null }, dialect, expected, words);
}

#[rstest]
#[case::a_plain_field(Dialect::Sqlite, Nullability::NotNull, Consequence::ReadsFail, "has no column `Status`")]
#[case::an_optional_field(Dialect::Sqlite, Nullability::Nullable, Consequence::ValuesChange, "every read returns None")]
#[case::a_plain_field_of_mariadb(Dialect::MariaDb, Nullability::NotNull, Consequence::Nothing, "nothing breaks")]
fn a_name_in_other_letters_meets(
    #[case] dialect: Dialect,
    #[case] nullability: Nullability,
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let sides = Sides { declared: "Status".to_owned(), live: "status".to_owned() };
    assert_judged(&Change::Spelling { sides, nullability }, dialect, expected, words);
}

#[rstest]
#[case::is_stored(DefaultEffect::Stored, literal("x"), literal("y"), Consequence::ValuesChange, "instead of 'x'")]
#[case::is_stored_for_null(DefaultEffect::Stored, None, literal("y"), Consequence::ValuesChange, "store 'y'")]
#[case::does_not_fit(DefaultEffect::Rejected, None, literal("y"), Consequence::WritesFail, "'y' does not fit")]
#[case::cannot_be_read(DefaultEffect::Unreadable, None, literal("y"), Consequence::WritesFail, "the field cannot hold")]
#[case::is_empty(
    DefaultEffect::EmptyValueStored,
    literal("x"),
    None,
    Consequence::ValuesChange,
    "'' or 0 instead of 'x'"
)]
#[case::is_none_at_all(DefaultEffect::Missing, None, None, Consequence::WritesFail, "its default was dropped")]
#[case::is_repeated(DefaultEffect::Repeated, None, literal("y"), Consequence::WritesFail, "all but the first")]
fn an_optional_column_has_a_default_that(
    #[case] effect: DefaultEffect,
    #[case] declared: Option<DefaultValue>,
    #[case] live: Option<DefaultValue>,
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let sides = Sides { declared, live };
    let change = Change::Default { column: "a".to_owned(), sides, nullability: Nullability::Nullable, effect };
    assert_judged(&change, Dialect::Postgres, expected, words);
}

#[rstest]
#[case::that_only_the_table_has(None, literal("y"), Consequence::Nothing)]
#[case::that_only_the_entity_has(literal("x"), None, Consequence::WritesFail)]
#[case::another(literal("x"), literal("y"), Consequence::ValuesChange)]
fn a_required_column_has_a_default(
    #[case] declared: Option<DefaultValue>,
    #[case] live: Option<DefaultValue>,
    #[case] expected: Consequence,
) {
    let sides = Sides { declared, live };
    let (nullability, effect) = (Nullability::NotNull, DefaultEffect::Stored);
    let change = Change::Default { column: "a".to_owned(), sides, nullability, effect };
    assert_eq!(consequence(&change, Dialect::Postgres), expected);
}

#[rstest]
#[case::that_fits(Dialect::Postgres, "ab", false, Consequence::Nothing)]
#[case::that_does_not_fit(Dialect::Postgres, "abc", false, Consequence::WritesFail)]
#[case::that_a_trigger_may_replace(Dialect::Postgres, "abc", true, Consequence::WritesFail)]
#[case::of_sqlite(Dialect::Sqlite, "abc", false, Consequence::Nothing)]
fn an_undeclared_column_has_a_default(
    #[case] dialect: Dialect,
    #[case] value: &str,
    #[case] may_be_set_by_server: bool,
    #[case] expected: Consequence,
) {
    let live = Column {
        nullability: Nullability::NotNull,
        default: literal(value),
        ..Column::plain("extra", column_type("varchar(2)", dialect))
    };
    assert_eq!(consequence(&Change::ColumnUnexpected { live, may_be_set_by_server }, dialect), expected);
}

#[test]
fn a_trigger_may_fill_a_column_that_every_insert_omits() {
    let required = Column {
        nullability: Nullability::NotNull,
        ..Column::plain("extra", column_type("integer", Dialect::Postgres))
    };
    let change = Change::ColumnUnexpected { live: required, may_be_set_by_server: true };
    assert_eq!(consequence(&change, Dialect::Postgres), Consequence::Nothing);
}

#[rstest]
#[case::another_key(&["b"], &[], Consequence::IntegrityLost, "duplicate keys get into call_log")]
#[case::no_key(&[], &[], Consequence::IntegrityLost, "duplicate keys get into call_log")]
#[case::its_own_at_the_end(&["a"], &[IndexRestriction::Deferrable], Consequence::IntegrityLost, "at the end of the transaction")]
#[case::another_at_the_end(&["b"], &[IndexRestriction::Deferrable], Consequence::IntegrityLost, "duplicate keys get into")]
#[case::one_for_each_partition(&["a", "day"], &[IndexRestriction::PerPartition], Consequence::WritesMayFail, "another partition")]
#[case::one_that_replaces(&["a"], &[IndexRestriction::Replaces], Consequence::IntegrityLost, "deletes the row that has it")]
#[case::one_that_drops(&["a"], &[IndexRestriction::Ignores], Consequence::IntegrityLost, "is dropped, without an error")]
fn the_table_has_in_place_of_its_primary_key(
    #[case] live: &[&str],
    #[case] restrictions: &[IndexRestriction],
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let sides = Sides { declared: names(&["a"]), live: names(live) };
    let change = Change::PrimaryKey { sides, restrictions: restrictions.to_vec(), equivalent: None };
    assert_judged(&change, Dialect::Sqlite, expected, words);
}

#[test]
fn a_unique_index_does_the_work_of_a_primary_key() {
    let sides = Sides { declared: names(&["a"]), live: Vec::new() };
    let equivalent = Some(index("ux", &[]));
    let restrictions = vec![IndexRestriction::Deferrable];
    let change = Change::PrimaryKey { sides, restrictions, equivalent };
    assert_judged(&change, Dialect::Postgres, Consequence::Nothing, "the unique index `ux` has the same effect");
}

#[rstest]
#[case::nothing(Dialect::Postgres, None, "upserts by these columns fail: no unique")]
#[case::nothing_of_mariadb(Dialect::MariaDb, None, "insert another row each time")]
#[case::nothing_of_sqlite(Dialect::Sqlite, None, "fail: no unique constraint matches")]
#[case::one_that_begins_alike(Dialect::MariaDb, Some(IndexRestriction::Prefix), "that begin alike are rejected")]
#[case::one_at_the_end(Dialect::Postgres, Some(IndexRestriction::Deferrable), "at the end of the transaction")]
#[case::one_without_nulls(Dialect::Postgres, Some(IndexRestriction::LeavesOutNulls), "without the WHERE")]
#[case::one_of_operators(Dialect::Postgres, Some(IndexRestriction::Exclusion), "cannot use an exclusion")]
#[case::one_for_each_partition(Dialect::Postgres, Some(IndexRestriction::PerPartition), "Partition by these columns")]
#[case::one_that_replaces(Dialect::Sqlite, Some(IndexRestriction::Replaces), "deletes the row that has it")]
#[case::one_that_drops(Dialect::Sqlite, Some(IndexRestriction::Ignores), "is dropped")]
#[case::one_of_some_rows(Dialect::Postgres, Some(IndexRestriction::Partial), "duplicates get into call_log")]
fn the_table_has_in_place_of_a_unique_index(
    #[case] dialect: Dialect,
    #[case] restriction: Option<IndexRestriction>,
    #[case] words: &str,
) {
    let nearest = restriction.map(|restriction| index("ux", &[restriction]));
    let change = Change::UniqueMissing { declared: index("", &[]), nearest: nearest.clone(), wider: None };
    assert_judged(&change, dialect, Consequence::IntegrityLost, words);
    // What an index restricts that rejects nothing does not matter.
    let plain = nearest.map(|index| Index { uniqueness: Uniqueness::Plain, ..index });
    let change = Change::UniqueMissing { declared: index("", &[]), nearest: plain, wider: None };
    assert_judged(&change, dialect, Consequence::IntegrityLost, "duplicates get into call_log");
}

#[test]
fn a_key_that_lacks_columns_lets_rows_in_that_it_forbids() {
    let wider = Some(Index { columns: names(&["a", "b"]), ..index("ux", &[]) });
    let change = Change::UniqueMissing { declared: index("", &[]), nearest: None, wider };
    assert_judged(&change, Dialect::Postgres, Consequence::ConstraintLost, "meant to be over (a, b)");
}

#[rstest]
#[case::nothing(Dialect::Postgres, Rejects::Nothing, &[], Consequence::Nothing, "nothing breaks")]
#[case::nothing_of_sqlite(Dialect::Sqlite, Rejects::Nothing, &[IndexRestriction::Replaces], Consequence::Nothing, "nothing breaks")]
#[case::a_second_row(Dialect::Postgres, Rejects::SecondOmission, &[], Consequence::WritesFail, "the second insert into call_log")]
#[case::upserts(Dialect::Postgres, Rejects::Upserts, &[], Consequence::IntegrityLost, "cannot use a deferrable index")]
#[case::no_other_row(Dialect::Sqlite, Rejects::Duplicates, &[IndexRestriction::Replaces], Consequence::IntegrityLost, "deletes the row")]
#[case::no_second_row(Dialect::Sqlite, Rejects::SecondOmission, &[IndexRestriction::Ignores], Consequence::IntegrityLost, "is dropped")]
#[case::values_of_mariadb(Dialect::MariaDb, Rejects::Duplicates, &[], Consequence::IntegrityLost, "overwrites the other row")]
#[case::values_of_mysql(Dialect::MySql, Rejects::Duplicates, &[], Consequence::IntegrityLost, "overwrites the other row")]
#[case::values(Dialect::Postgres, Rejects::Duplicates, &[], Consequence::WritesMayFail, "duplicate a values; the entity")]
#[case::a_second_null(Dialect::Postgres, Rejects::Duplicates, &[IndexRestriction::NullsNotDistinct], Consequence::WritesMayFail, "also with NULL")]
#[case::what_conflicts(Dialect::Postgres, Rejects::Duplicates, &[IndexRestriction::Exclusion], Consequence::WritesMayFail, "conflict by its operators")]
#[case::what_is_equal(Dialect::Postgres, Rejects::Duplicates, &[IndexRestriction::Collation], Consequence::WritesMayFail, "takes for equal")]
fn an_undeclared_index_rejects(
    #[case] dialect: Dialect,
    #[case] rejects: Rejects,
    #[case] restrictions: &[IndexRestriction],
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let change = Change::IndexUnexpected { live: index("ux", restrictions), rejects, counterpart: None };
    assert_judged(&change, dialect, expected, words);
}

#[rstest]
#[case::nothing(Rejects::Nothing, false, Validity::Validated, Consequence::Nothing, "nothing breaks")]
#[case::every_row(
    Rejects::EveryOmission,
    false,
    Validity::Broken,
    Consequence::WritesFail,
    "does not exist, or has no such key"
)]
#[case::every_row_in_part(
    Rejects::EveryOmission,
    true,
    Validity::Validated,
    Consequence::WritesFail,
    "the database stores NULL there"
)]
#[case::every_row_of_a_broken_one(
    Rejects::EveryOmission,
    true,
    Validity::Broken,
    Consequence::WritesFail,
    "does not exist, or has no such key"
)]
#[case::some_nulls(
    Rejects::SecondOmission,
    true,
    Validity::Validated,
    Consequence::WritesMayFail,
    "and not all: the key is MATCH FULL"
)]
#[case::values(
    Rejects::Values,
    false,
    Validity::Validated,
    Consequence::WritesMayFail,
    "rejects unknown business_id values"
)]
fn an_undeclared_foreign_key_rejects(
    #[case] rejects: Rejects,
    #[case] is_match_full: bool,
    #[case] validity: Validity,
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let live = ForeignKey { validity, is_match_full, ..super::keys::key() };
    assert_judged(&Change::ForeignKeyUnexpected { live, rejects }, Dialect::Postgres, expected, words);
}

#[rstest]
#[case::nothing(Rejects::Nothing, Consequence::Nothing, "nothing breaks")]
#[case::rows_that_omit_it(Rejects::SecondOmission, Consequence::WritesFail, "that omit a fail")]
#[case::every_row(Rejects::EveryOmission, Consequence::WritesFail, "every insert into call_log fails")]
#[case::values(Rejects::Values, Consequence::WritesMayFail, "rejects values that the entity allows")]
fn an_undeclared_check_rejects(#[case] rejects: Rejects, #[case] expected: Consequence, #[case] words: &str) {
    let live = Check { name: "c".to_owned(), text: "(a > 0)".to_owned(), columns: names(&["a"]) };
    assert_judged(&Change::CheckUnexpected { live, rejects }, Dialect::Postgres, expected, words);
}

#[rstest]
#[case::the_collation_of_a_column(
    UnknownObjectKind::CollationOfColumn,
    Consequence::ReadsFail,
    "compares or sorts by the column"
)]
#[case::a_collation(UnknownObjectKind::Collation, Consequence::WritesFail, "that concern it do, too")]
#[case::a_function(UnknownObjectKind::Function, Consequence::WritesFail, "that concern it do, too")]
#[case::a_function_that_is_denied(UnknownObjectKind::Denied, Consequence::WritesFail, "that needs it fails")]
fn the_connection_does_not_have(#[case] kind: UnknownObjectKind, #[case] expected: Consequence, #[case] words: &str) {
    let change = Change::FunctionUnknown { name: "slug".to_owned(), kind, used_by: "the index ix".to_owned() };
    assert_judged(&change, Dialect::Sqlite, expected, words);
}

#[rstest]
#[case::an_insert_with_another(
    Privilege::Insert,
    RuleEffect::Returning,
    Consequence::IntegrityLost,
    "every upsert of call_log fails"
)]
#[case::nothing_since_it_is_disabled(
    Privilege::Update,
    RuleEffect::Disabled,
    Consequence::IntegrityLost,
    "every upsert of call_log fails"
)]
#[case::an_insert_by_nothing(
    Privilege::Insert,
    RuleEffect::ReturnsNothing,
    Consequence::WritesFail,
    "every insert into call_log that returns"
)]
#[case::an_update_by_nothing(
    Privilege::Update,
    RuleEffect::ReturnsNothing,
    Consequence::WritesFail,
    "every update of call_log that returns"
)]
fn a_rule_replaces(
    #[case] event: Privilege,
    #[case] effect: RuleEffect,
    #[case] expected: Consequence,
    #[case] words: &str,
) {
    let rule = RewriteRule { name: "r".to_owned(), event, effect };
    assert_judged(&Change::RewriteRule { rule }, Dialect::Postgres, expected, words);
}

#[rstest]
#[case::a_view(RelationKind::View(Writability::Writable), Consequence::Nothing, "reads and writes work")]
#[case::a_view_without_keys(
    RelationKind::View(Writability::WithoutUpserts),
    Consequence::IntegrityLost,
    "every upsert"
)]
#[case::half_a_view(
    RelationKind::View(Writability::Partly),
    Consequence::WritesFail,
    "and so do its inserts or its updates"
)]
#[case::a_view_that_is_read(RelationKind::View(Writability::ReadOnly), Consequence::WritesFail, "every insert into")]
#[case::a_stored_view(RelationKind::MaterializedView, Consequence::WritesFail, "every insert into")]
#[case::a_table_elsewhere(RelationKind::Foreign(Writability::Writable), Consequence::Nothing, "nothing breaks")]
#[case::half_a_table_elsewhere(
    RelationKind::Foreign(Writability::Partly),
    Consequence::WritesFail,
    "every insert into"
)]
#[case::a_table_that_a_crash_empties(RelationKind::Unlogged, Consequence::Nothing, "until the server crashes")]
#[case::a_sequence(RelationKind::NoTable("a sequence".to_owned()), Consequence::ReadsFail, "it is a sequence")]
#[case::a_table_of_another_engine(
    RelationKind::WithoutTransactions("MyISAM".to_owned()), Consequence::WritesMayFail, "writes persist after a rollback"
)]
fn the_name_belongs_to(#[case] live: RelationKind, #[case] expected: Consequence, #[case] words: &str) {
    let change = Change::RelationKind { sides: Sides { declared: RelationKind::Table, live } };
    assert_judged(&change, Dialect::Postgres, expected, words);
}

#[rstest]
#[case::now(PartitionGap::Now("2026".to_owned()), Consequence::WritesFail, "a row dated today")]
#[case::tomorrow(PartitionGap::Tomorrow("2026".to_owned()), Consequence::WritesMayFail, "within a day")]
#[case::without_the_column(PartitionGap::Omitted(None), Consequence::WritesFail, "that omits the column fails")]
#[case::of_other_values(PartitionGap::OtherValues, Consequence::WritesMayFail, "values that the entity allows")]
fn no_partition_takes_rows(#[case] gap: PartitionGap, #[case] expected: Consequence, #[case] words: &str) {
    let change = Change::PartitionMissing { key: "(at)".to_owned(), gap };
    assert_judged(&change, Dialect::Postgres, expected, words);
}
