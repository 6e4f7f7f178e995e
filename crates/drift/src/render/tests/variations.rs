//! The changes whose words depend on more than their kind.

use super::*;
use crate::{
    change::{DefaultEffect, OnOmit, PartitionGap, Rejects},
    model::{
        Action, CharsetCoverage, Collation, CounterKind, Equality, ForeignKey, Generation, IndexRestriction, NextValue,
        Privilege, Published, ReadOnly, Referrer, RelationKind, RewriteRule, RuleEffect, Sequence, UnknownObjectKind,
        Validity, Writability,
    },
};

const RESTRICTIONS: [IndexRestriction; 19] = [
    IndexRestriction::Partial,
    IndexRestriction::LeavesOutNulls,
    IndexRestriction::Unbuilt,
    IndexRestriction::Expression,
    IndexRestriction::Prefix,
    IndexRestriction::Deferrable,
    IndexRestriction::Invalid,
    IndexRestriction::Exclusion,
    IndexRestriction::ExclusionOfEquals,
    IndexRestriction::ExclusionOfOverlaps,
    IndexRestriction::NullsNotDistinct,
    IndexRestriction::Method,
    IndexRestriction::Ignored,
    IndexRestriction::Collation,
    IndexRestriction::PerPartition,
    IndexRestriction::SortOrder,
    IndexRestriction::LongValues,
    IndexRestriction::Replaces,
    IndexRestriction::Ignores,
];

const REJECTS: [Rejects; 6] = [
    Rejects::Duplicates,
    Rejects::SecondOmission,
    Rejects::Values,
    Rejects::Upserts,
    Rejects::EveryOmission,
    Rejects::Nothing,
];

fn both<T: Copy>(values: &[T]) -> Vec<Sides<T>> {
    values.iter().flat_map(|&declared| values.iter().map(move |&live| Sides { declared, live })).collect()
}

pub(super) fn name(text: &str) -> String {
    text.to_owned()
}

/// The changes whose words depend on more than their kind.
#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn variations() -> Vec<Change> {
    let other_schemas = vec![name("tenant"), name("old")];
    let mut changes = vec![
        Change::TableMissing { other_schemas, rename_candidates: Vec::new() },
        Change::TableMissing { other_schemas: Vec::new(), rename_candidates: vec![name("calls")] },
        Change::ColumnMissing {
            declared: column("recording_mode", "varchar(32)"),
            rename_candidates: vec![column("mode", "varchar(32)")],
        },
    ];
    let kinds = [
        RelationKind::Partitioned,
        RelationKind::Versioned,
        RelationKind::NoTable(name("a sequence")),
        RelationKind::View(Writability::WithoutUpserts),
        RelationKind::View(Writability::Partly),
        RelationKind::Unlogged,
        RelationKind::WithoutTransactions(name("Aria")),
        RelationKind::WithoutTransactions(name("BLACKHOLE")),
        RelationKind::WithoutTransactions(name("ARCHIVE")),
        RelationKind::WithoutTransactions(name("MEMORY")),
        RelationKind::Foreign(Writability::Writable),
        RelationKind::Foreign(Writability::ReadOnly),
        RelationKind::View(Writability::Writable),
        RelationKind::View(Writability::ReadOnly),
        RelationKind::MaterializedView,
        RelationKind::Virtual,
    ];
    changes.extend(
        kinds.into_iter().map(|live| Change::RelationKind { sides: Sides { declared: RelationKind::Table, live } }),
    );
    changes.push(Change::ColumnUnexpected { live: column("note", "text"), may_be_set_by_server: false });
    for (missing, unexpected) in [(&["OFF"][..], &[][..]), (&["OFF"], &["SOMETIMES"])] {
        let labels = |labels: &[&str]| labels.iter().map(|label| name(label)).collect();
        let (missing, unexpected) = (labels(missing), labels(unexpected));
        changes.push(Change::EnumLabels { column: name("recording_mode"), missing, unexpected });
    }
    let nullabilities = [Nullability::NotNull, Nullability::Nullable];
    for sides in both(&nullabilities).into_iter().filter(|sides| sides.declared != sides.live) {
        for Sides { declared: on_omit, live: on_null } in both(&[OnOmit::Stored, OnOmit::Rejected]) {
            changes.push(Change::Nullability { column: name("status"), sides: sides.clone(), on_omit, on_null });
        }
    }
    for nullability in nullabilities {
        changes.push(Change::Spelling { sides: Sides { declared: name("status"), live: name("Status") }, nullability });
        let defaults = [None, Some(DefaultValue::Literal(name("received"))), Some(DefaultValue::CurrentTimestamp)];
        for declared in &defaults {
            for live in defaults.iter().filter(|live| *live != declared) {
                let sides = Sides { declared: declared.clone(), live: live.clone() };
                let effects = [
                    DefaultEffect::Stored,
                    DefaultEffect::Rejected,
                    DefaultEffect::Unreadable,
                    DefaultEffect::Repeated,
                    DefaultEffect::EmptyValueStored,
                    DefaultEffect::Missing,
                ];
                for effect in effects {
                    changes.push(Change::Default { column: name("status"), sides: sides.clone(), nullability, effect });
                }
            }
        }
        let generations = [
            Generation::Supplied,
            Generation::AutoIncrement,
            Generation::AlwaysIdentity,
            Generation::Computed,
            Generation::OnUpdate,
        ];
        for sides in both(&generations).into_iter().filter(|sides| sides.declared != sides.live) {
            changes.push(Change::Generation { column: name("id"), sides, nullability });
        }
    }
    for equality in [Equality::AsDefault, Equality::Looser, Equality::Stricter] {
        for coverage in [CharsetCoverage::Unicode, CharsetCoverage::Limited] {
            let live = Some(Collation { name: name("latin1_bin"), equality, coverage });
            let sides = Sides { declared: None, live };
            for rejects in [Rejects::Duplicates, Rejects::Nothing] {
                changes.push(Change::Collation { column: name("call_sid"), sides: sides.clone(), rejects });
            }
        }
    }
    let sequence = |next| Sequence {
        name: name("call_log_id_seq"),
        kind: CounterKind::Sequence,
        next,
        increment: 1,
        first: 1,
        last: 2_147_483_647,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Taken,
    };
    changes.push(Change::SequenceBehind { column: name("id"), sequence: sequence(None) });
    let soon = Sequence { state: NextValue::TakenAfter(7), ..sequence(None) };
    changes.push(Change::SequenceBehind { column: name("id"), sequence: soon });
    for next in [Some(1000), Some(2_147_483_648)] {
        let (sequence, largest) = (sequence(next), i128::from(i64::MAX));
        changes.push(Change::SequenceNarrower { column: name("id"), sequence, largest });
    }
    changes.push(Change::KeysRunOut { column: name("id"), sequence: sequence(None), left: 0 });
    let sides = || Sides { declared: vec![name("id")], live: vec![name("id"), name("business_id")] };
    let index = |uniqueness, restrictions: &[IndexRestriction]| Index {
        name: name("ix"),
        columns: vec![name("call_sid")],
        uniqueness,
        restrictions: restrictions.to_vec(),
        computed: Vec::new(),
        condition: None,
        included: Vec::new(),
    };
    let plain = || index(Uniqueness::Plain, &[]);
    let unique = |restriction| index(Uniqueness::Unique, &[restriction]);
    changes.push(Change::PrimaryKey { sides: sides(), restrictions: Vec::new(), equivalent: Some(plain()) });
    changes.push(Change::PrimaryKey {
        sides: sides(),
        restrictions: vec![IndexRestriction::Deferrable],
        equivalent: None,
    });
    changes.push(Change::UniqueMissing { declared: plain(), nearest: Some(plain()), wider: None });
    changes.push(Change::UniqueMissing {
        declared: plain(),
        nearest: None,
        wider: Some(index(Uniqueness::Unique, &[])),
    });
    changes.push(Change::IndexMissing { declared: plain(), nearest: None, longer: Some(plain()) });
    for restriction in RESTRICTIONS {
        changes.push(Change::UniqueMissing { declared: plain(), nearest: Some(unique(restriction)), wider: None });
        changes.push(Change::IndexMissing { declared: plain(), nearest: Some(unique(restriction)), longer: None });
        for rejects in REJECTS {
            changes.push(Change::IndexUnexpected { live: unique(restriction), rejects, counterpart: None });
        }
    }
    for counterpart in [None, Some(plain())] {
        let unexpected = |rejects| Change::IndexUnexpected {
            live: index(Uniqueness::Unique, &[]),
            rejects,
            counterpart: counterpart.clone(),
        };
        changes.extend(REJECTS.map(unexpected));
    }
    let key = |on_delete, validity| ForeignKey {
        name: name("fk"),
        columns: vec![name("business_id")],
        target: TableName::unqualified("business"),
        target_columns: vec![name("id")],
        is_target_in_other_schema: false,
        on_delete,
        on_update: Action::NoAction,
        validity,
        is_match_full: false,
    };
    let actions = [Action::NoAction, Action::Cascade, Action::SetNull, Action::SetDefault];
    for (declared, live) in both(&actions).into_iter().map(|Sides { declared, live }| (declared, live)) {
        let live = key(live, if declared == live { Validity::NotValidated } else { Validity::Validated });
        changes.push(Change::ForeignKey { sides: Sides { declared: key(declared, Validity::Validated), live } });
    }
    for validity in [Validity::NotValidated, Validity::NotEnforced, Validity::Disabled, Validity::Broken] {
        let live = key(Action::NoAction, validity);
        changes
            .push(Change::ForeignKey { sides: Sides { declared: key(Action::NoAction, Validity::Validated), live } });
    }
    changes.push(Change::ForeignKeyUnexpected {
        live: key(Action::NoAction, Validity::Broken),
        rejects: Rejects::EveryOmission,
    });
    let referrer = |key, not_null_columns| Referrer {
        table: TableName::unqualified("note"),
        key,
        not_null_columns,
        has_default: false,
    };
    for (on_delete, validity) in [(Action::NoAction, Validity::Broken), (Action::SetNull, Validity::Validated)] {
        let referrer = referrer(key(on_delete, validity), vec![name("business_id")]);
        changes.push(Change::ReferringKey { referrer });
    }
    let full = ForeignKey { is_match_full: true, ..key(Action::NoAction, Validity::Validated) };
    changes.push(Change::ForeignKey {
        sides: Sides { declared: key(Action::NoAction, Validity::Validated), live: full.clone() },
    });
    changes.extend(
        [Rejects::SecondOmission, Rejects::EveryOmission]
            .map(|rejects| Change::ForeignKeyUnexpected { live: full.clone(), rejects }),
    );
    let cut = Sequence { is_cut: true, ..sequence(None) };
    changes.push(Change::KeysRunOut { column: name("id"), sequence: cut, left: 0 });
    changes.push(Change::RowSecurityRefused);
    for kind in [
        UnknownObjectKind::Function,
        UnknownObjectKind::Collation,
        UnknownObjectKind::CollationOfColumn,
        UnknownObjectKind::Denied,
        UnknownObjectKind::Definer,
    ] {
        changes.push(Change::FunctionUnknown { name: name("slug"), kind, used_by: name("the column slug") });
    }
    changes.push(Change::ReplicaIdentity { published: Published::Deletes });
    let nearest = Some(key(Action::Cascade, Validity::Validated));
    changes.push(Change::ForeignKeyMissing { declared: key(Action::NoAction, Validity::Validated), nearest });
    for rejects in REJECTS {
        changes.push(Change::ForeignKeyUnexpected { live: key(Action::SetNull, Validity::Validated), rejects });
        let live = crate::model::Check { name: name("positive"), text: name("duration >= 0"), columns: Vec::new() };
        changes.push(Change::CheckUnexpected { live, rejects });
    }
    changes.push(Change::NullsRemain { column: name("status") });
    for event in [Privilege::Insert, Privilege::Update] {
        for effect in [RuleEffect::Disabled, RuleEffect::Returning, RuleEffect::ReturnsNothing] {
            changes.push(Change::RewriteRule { rule: RewriteRule { name: name("audit"), event, effect } });
        }
    }
    for gap in [
        PartitionGap::All,
        PartitionGap::Now(name("2026-11-28 23:00:00")),
        PartitionGap::Tomorrow(name("2026-11-29 23:00:00")),
        PartitionGap::NextKey(name("1001")),
        PartitionGap::Omitted(None),
        PartitionGap::OtherValues,
    ] {
        changes.push(Change::PartitionMissing { key: name("RANGE (created_at)"), gap });
    }
    for why in [ReadOnly::Server, ReadOnly::Setting] {
        changes.push(Change::ReadOnly { why });
    }
    for privilege in [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Usage] {
        for columns in [Vec::new(), vec![name("summary")]] {
            for on_omit in [OnOmit::Stored, OnOmit::Rejected] {
                changes.push(Change::PrivilegeMissing { privilege, columns: columns.clone(), on_omit });
            }
        }
        changes.push(Change::RowSecurity { commands: vec![privilege] });
    }
    changes
}

/// Each pair of types of a dialect; those with the same words except for the types are shown once.
pub(super) fn types(dialect: Dialect) -> Vec<Change> {
    let names: &[&str] = match dialect {
        Dialect::Postgres => &[
            "integer",
            "bigint",
            "text",
            "varchar(32)",
            "char(32)",
            "json",
            "jsonb",
            "timestamp(0)",
            "timestamp",
            "decimal(10, 2)",
            "numeric",
            "bytea",
        ],
        Dialect::MySql | Dialect::MariaDb => &[
            "int",
            "bigint",
            "int unsigned",
            "text",
            "varchar(32)",
            "char(32)",
            "blob",
            "datetime",
            "datetime(6)",
            "double",
            "float",
            "decimal(10, 2)",
            "json",
        ],
        Dialect::Sqlite => &["integer", "text", "varchar(32)", "double", "blob", ""],
    };
    both(names)
        .into_iter()
        .filter(|sides| sides.declared != sides.live && !sides.declared.is_empty())
        .map(|Sides { declared, live }| Change::Type {
            column: name("duration"),
            sides: Sides { declared: column_type(declared, dialect), live: column_type(live, dialect) },
        })
        .chain((dialect == Dialect::Sqlite).then(|| {
            let live = crate::model::ColumnType { is_strict: true, ..column_type("integer", dialect) };
            Change::Type { column: name("status"), sides: Sides { declared: column_type("varchar", dialect), live } }
        }))
        .collect()
}
