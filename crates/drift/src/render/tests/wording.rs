//! Sentences of reports that once misled.

use super::*;
use crate::{
    change::{OnOmit, Rejects},
    compare::compare,
    model::{
        Action, ForeignKey, IndexRestriction, Privilege, RelationKind, Schema, Table, Validity, Visibility, Writability,
    },
};

fn index(name: &str, columns: &[&str], restrictions: &[IndexRestriction]) -> Index {
    Index {
        name: name.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        uniqueness: Uniqueness::Unique,
        restrictions: restrictions.to_vec(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    }
}

fn schema(indexes: Vec<Index>) -> Schema {
    let table = Table {
        columns: vec![column("call_sid", "text"), column("status", "text")],
        indexes,
        ..Table::new(TableName::unqualified("call_log"))
    };
    Schema::new(Dialect::Postgres, vec![table])
}

/// The reasons of all differences, where `call_sid` is declared unique and the database has `live`.
fn reasons(live: Index) -> Vec<String> {
    let comparison = compare(&schema(vec![index("", &["call_sid"], &[])]), &schema(vec![live]));
    comparison.changes.into_iter().map(|(_, change)| difference(change).impact.reason).collect()
}

#[rstest::rstest]
#[case::a_prefix(
    IndexRestriction::Prefix,
    "different values that begin alike are rejected, and upserts overwrite the other row"
)]
#[case::a_deferrable_one(
    IndexRestriction::Deferrable,
    "duplicates are only rejected at the end of the transaction, and upserts by these columns fail: \
     no unique constraint matches ON CONFLICT"
)]
#[case::an_exclusion_constraint(
    IndexRestriction::Exclusion,
    "upserts by these columns fail: ON CONFLICT cannot use an exclusion constraint"
)]
fn what_is_said_of_one_index_does_not_contradict_itself(#[case] restriction: IndexRestriction, #[case] reason: &str) {
    let reasons = reasons(index("ux", &["call_sid"], &[restriction]));
    assert_eq!(reasons[0], reason);
    let claims = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    assert!(!(claims("duplicates get into") && claims("rejects")), "{reasons:?}");
}

#[test]
fn the_report_names_nulls_not_distinct() {
    let live = index("ux", &["status"], &[IndexRestriction::NullsNotDistinct]);
    let text =
        report(vec![Change::IndexUnexpected { live, counterpart: None, rejects: Rejects::SecondOmission }]).to_string();
    assert_snapshot!(text.lines().take(2).collect::<Vec<_>>().join("\n"), @r"
    error[index-unexpected]: the unique index `ux` on `call_log (status)` is not in the entity; it is NULLS NOT DISTINCT
      the second insert into call_log that omits status fails
    ");
}

#[test]
fn a_foreign_key_is_shown_with_its_actions() {
    let live = ForeignKey {
        name: "fk".to_owned(),
        columns: vec!["business_id".to_owned()],
        target: TableName::unqualified("business"),
        is_target_in_other_schema: false,
        target_columns: vec!["id".to_owned()],
        on_delete: Action::Cascade,
        on_update: Action::SetNull,
        validity: Validity::Validated,
        is_match_full: false,
    };
    let text = report(vec![Change::ForeignKeyUnexpected { live, rejects: Rejects::Values }]).to_string();
    assert_snapshot!(text.lines().next().unwrap(), @"warning[foreign-key-unexpected]: the foreign key of `call_log (business_id)` to business (id) ON DELETE CASCADE ON UPDATE SET NULL is not in the entity");
}

#[test]
fn a_writable_view_is_not_called_harmless() {
    let sides = Sides { declared: RelationKind::Table, live: RelationKind::View(Writability::Writable) };
    let difference = difference(Change::RelationKind { sides });
    assert!(!difference.impact.reason.contains("nothing breaks") && difference.impact.reason.contains("unchecked"));
}

/// The catalogue tells the role that is connected.
#[test]
fn a_missing_privilege_is_granted_to_the_connected_role() {
    let declared = schema(Vec::new()).tables.remove(0);
    let mut live = declared.clone();
    live.constraints = Visibility::Shown;
    let change =
        Change::PrivilegeMissing { privilege: Privilege::Select, columns: Vec::new(), on_omit: OnOmit::Stored };
    let context = crate::repair::Context {
        declared: &declared,
        live: Some(&live),
        role: Some("app"),
        tables: &[],
        taken: &[],
        types: &[],
        dialect: Dialect::Postgres,
    };
    let difference = difference(change).with_repair(context);
    assert_eq!(difference.repair().unwrap().sql, [r#"GRANT SELECT ON "call_log" TO "app""#]);
}

/// A migration would create a second, empty table beside it.
#[test]
fn a_table_in_another_schema_needs_a_search_path_and_no_migration() {
    let other_schemas = vec!["app".to_owned()];
    let mut report = report(vec![Change::TableMissing { other_schemas, rename_candidates: Vec::new() }]);
    report.differences[0].cause = Some(Cause::PendingMigration("m50".to_owned()));
    let text = report.to_string();
    assert!(text.contains("`app`") && text.contains("search_path") && !text.contains("migrate up"), "{text}");
}
