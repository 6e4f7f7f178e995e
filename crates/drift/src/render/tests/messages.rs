//! Every finding, and every error of this crate; see `docs/messages.md`.

use std::collections::{BTreeMap, BTreeSet};

use test_messages::{assert_section, prose, samples};

use super::{every_change::every_change, *};
use crate::{
    change::{ChangeDiscriminants, DefaultEffect, OnOmit, PartitionGap, Rejects},
    commands::Commands,
    config_error::{ConfigError, ConfigErrorDiscriminants},
    consequence::Consequence,
    difference::CauseDiscriminants,
    error::{Error, ErrorDiscriminants},
    exceptions::{Stale, StaleDiscriminants},
    fingerprint::Fingerprint,
    model::{
        Action, CharsetCoverage, Collation, CounterKind, Equality, ForeignKey, Generation, IndexRestriction, NextValue,
        Privilege, Published, ReadOnly, Referrer, RelationKind, RewriteRule, Sequence, Unknown, Validity, Writability,
    },
    render::message,
};

const DIALECTS: [Dialect; 4] = [Dialect::Postgres, Dialect::MySql, Dialect::MariaDb, Dialect::Sqlite];

const RESTRICTIONS: [IndexRestriction; 17] = [
    IndexRestriction::Partial,
    IndexRestriction::LeavesOutNulls,
    IndexRestriction::Unbuilt,
    IndexRestriction::Expression,
    IndexRestriction::Prefix,
    IndexRestriction::Deferrable,
    IndexRestriction::Invalid,
    IndexRestriction::Exclusion,
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

const REJECTS: [Rejects; 6] =
    [Rejects::Duplicates, Rejects::Nulls, Rejects::Values, Rejects::Upserts, Rejects::EveryInsert, Rejects::Nothing];

fn both<T: Copy>(values: &[T]) -> Vec<Sides<T>> {
    values.iter().flat_map(|&declared| values.iter().map(move |&live| Sides { declared, live })).collect()
}

fn name(text: &str) -> String {
    text.to_owned()
}

/// The changes whose words depend on more than their kind.
#[expect(clippy::too_many_lines, reason = "a list")]
fn variations() -> Vec<Change> {
    let elsewhere = vec![name("tenant"), name("old")];
    let mut changes = vec![
        Change::TableMissing { elsewhere, similar: Vec::new() },
        Change::TableMissing { elsewhere: Vec::new(), similar: vec![name("calls")] },
        Change::ColumnMissing {
            declared: column("recording_mode", "varchar(32)"),
            similar: vec![column("mode", "varchar(32)")],
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
    changes.push(Change::ColumnUnexpected { live: column("note", "text"), is_filled: false });
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
                for effect in
                    [DefaultEffect::Stored, DefaultEffect::Rejected, DefaultEffect::Unreadable, DefaultEffect::Repeated]
                {
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
    };
    let plain = || index(Uniqueness::Plain, &[]);
    let unique = |restriction| index(Uniqueness::Unique, &[restriction]);
    changes.push(Change::PrimaryKey { sides: sides(), restrictions: Vec::new(), substitute: Some(plain()) });
    changes.push(Change::PrimaryKey {
        sides: sides(),
        restrictions: vec![IndexRestriction::Deferrable],
        substitute: None,
    });
    changes.push(Change::UniqueMissing { declared: plain(), nearest: Some(plain()), wider: None });
    changes.push(Change::UniqueMissing {
        declared: plain(),
        nearest: None,
        wider: Some(index(Uniqueness::Unique, &[])),
    });
    changes.push(Change::IndexMissing { declared: plain(), nearest: None, substitute: Some(plain()) });
    for restriction in RESTRICTIONS {
        changes.push(Change::UniqueMissing { declared: plain(), nearest: Some(unique(restriction)), wider: None });
        changes.push(Change::IndexMissing { declared: plain(), nearest: Some(unique(restriction)), substitute: None });
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
        is_target_elsewhere: false,
        on_delete,
        on_update: Action::Refuse,
        validity,
        is_full: false,
    };
    let actions = [Action::Refuse, Action::Cascade, Action::SetNull, Action::SetDefault];
    for (declared, live) in both(&actions).into_iter().map(|Sides { declared, live }| (declared, live)) {
        let live = key(live, if declared == live { Validity::NotValidated } else { Validity::Validated });
        changes.push(Change::ForeignKey { sides: Sides { declared: key(declared, Validity::Validated), live } });
    }
    for validity in [Validity::NotValidated, Validity::NotEnforced, Validity::Disabled, Validity::Broken] {
        let live = key(Action::Refuse, validity);
        changes.push(Change::ForeignKey { sides: Sides { declared: key(Action::Refuse, Validity::Validated), live } });
    }
    changes.push(Change::ForeignKeyUnexpected {
        live: key(Action::Refuse, Validity::Broken),
        rejects: Rejects::EveryInsert,
    });
    let referrer =
        |key, refusing| Referrer { table: TableName::unqualified("note"), key, refusing, has_default: false };
    for (on_delete, validity) in [(Action::Refuse, Validity::Broken), (Action::SetNull, Validity::Validated)] {
        let referrer = referrer(key(on_delete, validity), vec![name("business_id")]);
        changes.push(Change::ReferringKey { referrer });
    }
    let full = ForeignKey { is_full: true, ..key(Action::Refuse, Validity::Validated) };
    changes.push(Change::ForeignKey {
        sides: Sides { declared: key(Action::Refuse, Validity::Validated), live: full.clone() },
    });
    changes.extend(
        [Rejects::Nulls, Rejects::EveryInsert]
            .map(|rejects| Change::ForeignKeyUnexpected { live: full.clone(), rejects }),
    );
    let cut = Sequence { is_cut: true, ..sequence(None) };
    changes.push(Change::KeysRunOut { column: name("id"), sequence: cut, left: 0 });
    changes.push(Change::RowSecurityOff);
    for kind in [Unknown::Function, Unknown::Collation, Unknown::CollationOfColumn, Unknown::Denied] {
        changes.push(Change::FunctionUnknown { name: name("slug"), kind, place: name("the column slug") });
    }
    changes.push(Change::ReplicaIdentity { published: Published::Deletes });
    let nearest = Some(key(Action::Cascade, Validity::Validated));
    changes.push(Change::ForeignKeyMissing { declared: key(Action::Refuse, Validity::Validated), nearest });
    for rejects in REJECTS {
        changes.push(Change::ForeignKeyUnexpected { live: key(Action::SetNull, Validity::Validated), rejects });
        let live = crate::model::Check { name: name("positive"), text: name("duration >= 0"), columns: Vec::new() };
        changes.push(Change::CheckUnexpected { live, rejects });
    }
    changes.push(Change::NullsRemain { column: name("status") });
    for event in [Privilege::Insert, Privilege::Update] {
        for returns_nothing in [false, true] {
            changes.push(Change::RewriteRule { rule: RewriteRule { name: name("audit"), event, returns_nothing } });
        }
    }
    for gap in [
        PartitionGap::All,
        PartitionGap::Now(name("2026-11-28 23:00:00")),
        PartitionGap::Tomorrow(name("2026-11-29 23:00:00")),
        PartitionGap::NextKey(name("1001")),
        PartitionGap::Omitted(None),
        PartitionGap::Others,
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
fn types(dialect: Dialect) -> Vec<Change> {
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

/// The consequences that the page of a rule lists.
fn listed(rule: Rule) -> BTreeSet<Consequence> {
    let section = rule.doc().section("What breaks").unwrap_or_default();
    let named = section.lines().filter_map(|line| line.strip_prefix("- **")?.split("**").next());
    named
        .map(|name| match name {
            "reads fail" => Consequence::ReadsFail,
            "writes fail" => Consequence::WritesFail,
            "integrity is lost" => Consequence::IntegrityLost,
            "a constraint is lost" => Consequence::ConstraintLost,
            "reads may fail" => Consequence::ReadsMayFail,
            "writes may fail" => Consequence::WritesMayFail,
            "values change" => Consequence::ValuesChange,
            "slower" => Consequence::Slower,
            "nothing" => Consequence::Nothing,
            other => panic!("{rule}: {other}"),
        })
        .collect()
}

#[test]
fn every_finding_is_documented_with_every_consequence() {
    let mut all: Vec<(Change, Dialect)> = Vec::new();
    for dialect in DIALECTS {
        let changes = every_change().into_iter().chain(variations()).chain(types(dialect));
        all.extend(changes.map(|change| (change, dialect)));
    }
    let changes: Vec<Change> = all.iter().map(|(change, _)| change.clone()).collect();
    let _ = samples::<_, ChangeDiscriminants>(&changes, |_| String::new()); // that there is one of each kind

    let mut shown: BTreeMap<Rule, BTreeMap<String, String>> = BTreeMap::new();
    let mut judged: BTreeMap<Rule, BTreeSet<Consequence>> = BTreeMap::new();
    for (change, dialect) in all {
        let found = Difference::judged(TableName::unqualified("call_log"), change, dialect);
        let (rule, consequence) = (found.change.rule(), found.consequence());
        judged.entry(rule).or_default().insert(consequence);
        let help = message::advice(&found, &Commands::default()).map(|help| format!("\n  help: {help}"));
        let severity = found.severity();
        let text = format!(
            "{severity}: {}\n  {}{}",
            message::difference(&found),
            found.impact.reason,
            help.unwrap_or_default()
        );
        // One finding for each reason, or the sentence would be read a hundred times.
        let key = if let Change::Type { sides, .. } = &found.change {
            let without_types =
                found.impact.reason.replace(&sides.declared.to_string(), "").replace(&sides.live.to_string(), "");
            format!("{severity} {without_types}")
        } else {
            format!("{severity} {}", if text.contains("nothing breaks") { &text } else { &found.impact.reason })
        };
        shown.entry(rule).or_default().entry(key).or_insert(text);
    }
    let differing: Vec<_> = judged.iter().filter(|(rule, found)| **found != listed(**rule)).collect();
    let pages: Vec<_> = differing.iter().map(|(rule, _)| (**rule, listed(**rule))).collect();
    assert!(
        differing.is_empty(),
        "pages list what no finding of them breaks, or not all: {differing:#?} and {pages:#?}"
    );
    let text = shown.into_iter().map(|(rule, findings)| {
        let findings = findings.into_values().collect::<Vec<_>>().join("\n");
        format!("[{rule}]\n    {}\n", findings.replace('\n', "\n    "))
    });
    assert_section(
        "checking: findings",
        "Each kind of finding, with each of its reasons once.",
        &text.collect::<String>(),
    );
}

#[test]
fn every_cause_is_documented() {
    let m = || name("m20260102_030405_add_note");
    let causes = [
        Cause::PendingMigration(m()),
        Cause::AppliedMigration(m()),
        Cause::Preexisting(m()),
        Cause::NoMigration,
        Cause::OtherVersion(vec![m()]),
    ];
    let ty = |text| column_type(text, Dialect::Postgres);
    let retyped =
        Change::Type { column: name("duration"), sides: Sides { declared: ty("integer"), live: ty("bigint") } };
    let text = samples::<_, CauseDiscriminants>(&causes, |cause| {
        let found = |change: &Change| Difference { cause: Some(cause.clone()), ..difference(change.clone()) };
        let one = message::advice(&found(&retyped), &Commands::default());
        let several = message::advice_about_columns(&found(&missing("note")), &Commands::default());
        one.into_iter().chain(several).map(|help| format!("help: {help}")).collect::<Vec<_>>().join("\n")
    });
    assert_section("checking: what to do", "A column of another type, and several missing columns.", &text);
}

#[test]
fn every_error_is_documented() {
    let errors = [
        Error::NoEntities,
        Error::UnsupportedBackend(name("mssql")),
        Error::Catalogue { source: sea_orm::DbErr::Custom(name("permission denied")) },
    ];
    let io = || std::io::ErrorKind::PermissionDenied.into();
    let files = [
        ConfigError::UnknownRule { rule: name("column-mising") },
        ConfigError::BlankObject,
        ConfigError::BlankReason,
        ConfigError::NotADate,
        ConfigError::Consequence { rule: Rule::DefaultUnchecked },
        ConfigError::Consequence { rule: Rule::ColumnMissing },
        ConfigError::Version(2),
        ConfigError::RecordVersion(2),
        ConfigError::EmptyRecord,
        ConfigError::UnevenRecord,
        ConfigError::OtherProject,
        ConfigError::NotReplaced,
        ConfigError::Form(name("unknown field `expire`, expected one of `rule`, `object`")),
        ConfigError::Unreadable(io()),
        ConfigError::Unwritable(io()),
    ];
    let exception = || Exception::allow("column-missing", "call_log.note", "as agreed").unwrap();
    let stale = [
        Stale::Unmatched(exception()),
        Stale::Overruled(exception()),
        Stale::Expired(exception()),
        Stale::Settled(Fingerprint {
            rule: Rule::ColumnMissing,
            object: name("call_log.note"),
            consequence: Some(Consequence::ReadsFail),
        }),
    ];
    let text = samples::<_, ErrorDiscriminants>(&errors, ToString::to_string)
        + &samples::<_, ConfigErrorDiscriminants>(&files, ToString::to_string)
        + &samples::<_, StaleDiscriminants>(&stale, ToString::to_string);
    assert_section("checking: errors", "Why nothing was compared, wrong files, and what no longer applies.", &text);
}

#[test]
fn the_sentences_of_the_sources_are_documented() {
    let parts = [
        "compare",
        "entities.rs",
        "exceptions/mod.rs",
        "render/github.rs",
        "render/junit.rs",
        "render/markdown.rs",
        "render/summary.rs",
        "render/suppression.rs",
        "render/text.rs",
        "repair",
        "report.rs",
    ];
    let text = parts.map(|part| prose(&format!("crates/drift/src/{part}")));
    let about = "Summaries, open questions, remarks on repairs. `{...}` is a value.";
    assert_section("checking: other sentences", about, &text.concat());
}
