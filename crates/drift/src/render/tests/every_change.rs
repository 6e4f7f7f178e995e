//! A change of each kind. The pages of the rules show what the report says of these.

use super::*;
use crate::{
    change::{OnOmit, PartitionGap, Rejects},
    evidence::Evidence,
    model::{
        Action, CharsetCoverage, Check, Collation, CounterKind, DefaultValue, Equality, ForeignKey, Generation, Index,
        NextValue, Nullability, Privilege, Published, ReadOnly, RelationKind, RewriteRule, RuleEffect, Sequence, Sides,
        TableName, Uniqueness, UnknownObjectKind, Validity, Writability,
    },
    normalise::column_type,
};

#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn every_change() -> Vec<Change> {
    let ty = |text| column_type(text, Dialect::Postgres);
    vec![
        Change::TableMissing { other_schemas: Vec::new(), rename_candidates: Vec::new() },
        missing("recording_mode"),
        Change::RelationKind {
            sides: Sides { declared: RelationKind::Table, live: RelationKind::View(Writability::ReadOnly) },
        },
        Change::ColumnUnexpected {
            live: crate::model::Column { nullability: Nullability::NotNull, ..column("note", "text") },
            may_be_set_by_server: false,
        },
        Change::Spelling {
            sides: Sides { declared: "status".to_owned(), live: "Status".to_owned() },
            nullability: Nullability::Nullable,
        },
        Change::Type { column: "duration".to_owned(), sides: Sides { declared: ty("integer"), live: ty("bigint") } },
        Change::EnumLabels {
            column: "recording_mode".to_owned(),
            missing: Vec::new(),
            unexpected: vec!["TWILIO_CALL_RECORD".to_owned()],
        },
        Change::Nullability {
            column: "status".to_owned(),
            sides: Sides { declared: Nullability::Nullable, live: Nullability::NotNull },
            on_omit: OnOmit::Stored,
            on_null: OnOmit::Rejected,
        },
        Change::Default {
            column: "status".to_owned(),
            sides: Sides { declared: Some(DefaultValue::Literal("received".to_owned())), live: None },
            nullability: Nullability::Nullable,
            effect: crate::change::DefaultEffect::Stored,
        },
        Change::Generation {
            column: "id".to_owned(),
            sides: Sides { declared: Generation::AutoIncrement, live: Generation::Supplied },
            nullability: Nullability::NotNull,
        },
        Change::PrimaryKey {
            sides: Sides { declared: vec!["id".to_owned()], live: Vec::new() },
            restrictions: Vec::new(),
            equivalent: None,
        },
        Change::UniqueMissing { declared: index("", "call_sid", Uniqueness::Unique), nearest: None, wider: None },
        Change::IndexMissing { declared: index("", "lead_id", Uniqueness::Plain), nearest: None, longer: None },
        Change::IndexUnexpected {
            live: index("ux_call_log_lead_id", "lead_id", Uniqueness::Unique),
            counterpart: None,
            rejects: Rejects::Duplicates,
        },
        Change::Collation {
            column: "call_sid".to_owned(),
            sides: Sides {
                declared: None,
                live: Some(Collation {
                    name: "blind".to_owned(),
                    equality: Equality::Looser,
                    coverage: CharsetCoverage::Unicode,
                }),
            },
            rejects: Rejects::Duplicates,
        },
        Change::SequenceBehind { column: "id".to_owned(), sequence: sequence(i128::from(i32::MAX)) },
        Change::SequenceNarrower {
            column: "id".to_owned(),
            sequence: sequence(i128::from(i32::MAX)),
            largest: i128::from(i64::MAX),
        },
        Change::ForeignKeyMissing { declared: foreign_key(Action::Cascade), nearest: None },
        Change::ForeignKey {
            sides: Sides { declared: foreign_key(Action::Cascade), live: foreign_key(Action::NoAction) },
        },
        Change::ForeignKeyUnexpected { live: foreign_key(Action::NoAction), rejects: Rejects::Values },
        Change::CheckMissing { declared: check("", "(duration >= 0)", "duration") },
        Change::CheckUnexpected {
            live: check("call_log_direction_check", "direction IN ('inbound', 'outbound')", "direction"),
            rejects: Rejects::Values,
        },
        Change::PrivilegeMissing {
            privilege: Privilege::Select,
            columns: vec!["summary".to_owned()],
            on_omit: OnOmit::Stored,
        },
        Change::RowSecurity { commands: vec![Privilege::Select, Privilege::Insert] },
        Change::KeysRunOut {
            column: "id".to_owned(),
            sequence: Sequence { next: Some(2_000_000_000), per_day: Some(100_000), ..sequence(i128::from(i32::MAX)) },
            left: 147_483_648,
        },
        Change::FunctionUnknown {
            name: "slug".to_owned(),
            kind: UnknownObjectKind::Function,
            used_by: "the index ix_call_log_slug".to_owned(),
        },
        Change::RewriteRule {
            rule: RewriteRule { name: "audit".to_owned(), event: Privilege::Insert, effect: RuleEffect::Returning },
        },
        Change::PartitionMissing {
            key: "RANGE (created_at)".to_owned(),
            gap: PartitionGap::Now("2024-03-01 00:00:05".to_owned()),
        },
        Change::ReplicaIdentity { published: Published::Updates },
        Change::ReadOnly { why: ReadOnly::Setting },
        Change::Encoding { live: "LATIN1".to_owned() },
        Change::RowsUnreadable {
            rows: Evidence {
                looked_at: 1200,
                is_complete: true,
                found: 3,
                first_keys: vec!["17".to_owned(), "20".to_owned(), "31".to_owned()],
                ..Evidence::default()
            },
            error: None,
        },
    ]
}

fn sequence(last: i128) -> Sequence {
    Sequence {
        name: "call_log_id_seq".to_owned(),
        kind: CounterKind::Sequence,
        next: Some(1000),
        increment: 1,
        first: 1,
        last,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Taken,
    }
}

fn foreign_key(on_delete: Action) -> ForeignKey {
    ForeignKey {
        name: "call_log_business_id_fkey".to_owned(),
        columns: vec!["business_id".to_owned()],
        target: TableName::unqualified("business"),
        is_target_in_other_schema: false,
        target_columns: vec!["id".to_owned()],
        on_delete,
        on_update: Action::NoAction,
        validity: Validity::Validated,
        is_match_full: false,
    }
}

fn check(name: &str, text: &str, column: &str) -> Check {
    Check { name: name.to_owned(), text: text.to_owned(), columns: vec![column.to_owned()] }
}

fn index(name: &str, column: &str, uniqueness: Uniqueness) -> Index {
    Index {
        name: name.to_owned(),
        columns: vec![column.to_owned()],
        uniqueness,
        restrictions: Vec::new(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    }
}
