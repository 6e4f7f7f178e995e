//! What a difference does to a program that uses the entity: the consequence and the reason, decided together in one
//! exhaustive match. A new kind of change does not compile until it has both.

mod index;
mod relation;
mod sequence;
mod type_change;
mod words;

pub(crate) use {type_change::is_unreadable, words::quoted};

use index::{loss, undeclared_index, without_unique};
use relation::{partition_gap, relation_kind, rewrite_rule};
use sequence::{keys_run_out, sequence_behind, sequence_narrower};
use words::{no_column, no_table, stored};

use crate::{
    change::{Change, DefaultEffect, OnOmit, Rejects},
    consequence::{Consequence, Impact, harmless},
    model::{
        Action, CharsetCoverage, Collation, Dialect, Equality, ForeignKey, Generation, IndexRestriction, Nullability,
        Privilege, Published, ReadOnly, Referrer, Sides, TableName, UnknownObjectKind, Validity,
    },
    normalise,
};

/// The impact of `change`, in `table`.
#[expect(clippy::too_many_lines, reason = "one exhaustive match: each change has one arm")]
pub(crate) fn impact(change: &Change, table: &TableName, dialect: Dialect) -> Impact {
    use Consequence::{
        ConstraintLost, IntegrityLost, Nothing, ReadsFail, ReadsMayFail, Slower, ValuesChange, WritesFail,
        WritesMayFail,
    };
    let column = change.column().unwrap_or_default();
    match change {
        Change::TableMissing { .. } => {
            ReadsFail.because(format!("every query on {table} fails: {}", no_table(&table.to_string(), dialect)))
        }
        Change::ColumnMissing { declared, .. } => {
            let error = no_column(&table.name, &declared.name, dialect);
            ReadsFail.because(format!("every read of {table} fails: {error}"))
        }
        Change::RelationKind { sides } => relation_kind(&sides.live, table),
        Change::ColumnUnexpected { live, may_be_set_by_server: false } if live.must_be_given() => {
            WritesFail.because(format!("every insert into {table} fails: the column is NOT NULL and has no default"))
        }
        Change::ColumnUnexpected { live, .. } if dialect != Dialect::Sqlite && normalise::rejects_own_default(live, dialect) => {
            WritesFail.because(format!("every insert into {table} fails: the default is too long for the column"))
        }
        Change::ColumnUnexpected { .. } => harmless(),
        Change::Type { sides, .. } => type_change::impact(sides, table, dialect),
        Change::EnumLabels { missing, unexpected, .. } => labels(missing, unexpected, table),
        Change::Nullability { sides, on_omit, on_null, .. } => match (sides.live, on_omit, on_null) {
            (Nullability::Nullable, _, _) => {
                ReadsMayFail.because(format!("reading a row of {table} fails if {column} is NULL"))
            }
            (Nullability::NotNull, OnOmit::Stored, OnOmit::Stored) => {
                let what = if dialect == Dialect::Sqlite { "default" } else { "current time" };
                ValuesChange.because(format!("writing None to {column} stores the {what}"))
            }
            (Nullability::NotNull, OnOmit::Rejected, OnOmit::Stored) => WritesFail
                .because(format!("inserts that omit {column} fail; writing None to it stores the current time")),
            (Nullability::NotNull, OnOmit::Stored, OnOmit::Rejected | OnOmit::RejectedAsPartitionKey) => {
                WritesMayFail.because(format!("writing None to {column} fails"))
            }
            (Nullability::NotNull, OnOmit::Rejected, OnOmit::Rejected | OnOmit::RejectedAsPartitionKey) => {
                WritesFail.because(format!("inserts that omit {column} fail, and so does writing None to it"))
            }
            (Nullability::NotNull, OnOmit::RejectedAsPartitionKey, _) => WritesMayFail.because(format!(
                "inserts that omit {column} fail, and so does writing None to it: it is part of the partition key"
            )),
        },
        // SQLite names the results after the table; SeaORM looks for its own name, and takes an absent value for NULL.
        Change::Spelling { sides, nullability } => match (dialect, nullability) {
            (Dialect::Sqlite, Nullability::NotNull) => {
                ReadsFail.because(format!("every read of {table} fails: the result has no column `{}`", sides.declared))
            }
            (Dialect::Sqlite, Nullability::Nullable) => {
                ValuesChange.because(format!("every read returns None for {column}, even where a value is stored"))
            }
            (Dialect::Postgres | Dialect::MySql | Dialect::MariaDb, _) => harmless(),
        },
        Change::Default { effect: DefaultEffect::Rejected, sides, .. } => WritesFail.because(format!(
            "inserts that omit {column} fail: {} does not fit the column",
            stored(sides.live.as_ref())
        )),
        Change::Default { effect: DefaultEffect::Missing, .. } => {
            WritesFail.because(format!("inserts that omit {column} fail: its default was dropped, and MariaDB stores no NULL instead"))
        }
        Change::Default { effect: DefaultEffect::Unreadable, sides, .. } => WritesFail.because(format!(
            "inserts that omit {column} store {}, which the field cannot hold: they fail where they return the row, and so does \
             every read of it",
            stored(sides.live.as_ref())
        )),
        Change::Default { effect: DefaultEffect::Repeated, sides, .. } => WritesFail.because(format!(
            "inserts that omit {column} fail, all but the first: each stores {}, and {column} is unique",
            stored(sides.live.as_ref())
        )),
        Change::Default { effect: DefaultEffect::EmptyValueStored, sides, .. } => ValuesChange.because(format!(
            "inserts that omit {column} store '' or 0 instead of {}: the sql_mode of the connection is not strict",
            stored(sides.declared.as_ref())
        )),
        Change::Default { sides, nullability, .. } => match (nullability, &sides.declared, &sides.live) {
            // An entity that declares no default leaves it to the table; only NULL would have been stored instead.
            (Nullability::NotNull, None, _) => harmless(),
            (Nullability::NotNull, Some(_), None) => WritesFail.because(format!("inserts that omit {column} fail")),
            (_, declared, live) => ValuesChange.because(format!(
                "inserts that omit {column} store {} instead of {}",
                stored(live.as_ref()),
                stored(declared.as_ref())
            )),
        },
        Change::Generation { sides, nullability, .. } => generation(column, sides, *nullability),
        Change::PrimaryKey { equivalent: Some(index), .. } => {
            Nothing.because(format!("nothing breaks: the unique index `{}` has the same effect", index.name))
        }
        Change::PrimaryKey { equivalent: None, restrictions, .. }
            if restrictions.contains(&IndexRestriction::PerPartition) =>
        {
            WritesMayFail.because(format!(
                "upserts by the key fail, and {table} does not reject a duplicate key in another partition; its generator makes \
                 none"
            ))
        }
        Change::PrimaryKey { sides, restrictions, equivalent: None }
            if sides.declared == sides.live && restrictions.contains(&IndexRestriction::Deferrable) =>
        {
            IntegrityLost.because(
                "duplicate keys are only rejected at the end of the transaction, and upserts by the key fail: ON CONFLICT \
                 cannot use a deferrable key",
            )
        }
        Change::PrimaryKey { restrictions, equivalent: None, .. } if loss(restrictions).is_some() => {
            IntegrityLost.because(loss(restrictions).unwrap_or_default())
        }
        Change::PrimaryKey { equivalent: None, .. } => {
            IntegrityLost.because(format!("duplicate keys get into {table}, and upserts by the key fail"))
        }
        Change::UniqueMissing { declared, wider: Some(live), .. } => ConstraintLost.because(format!(
            "several rows with the same {} get in; sea-orm-cli generate entity leaves a column out of a key if it has \
             another: the key is meant to be over ({})",
            declared.columns.join(", "),
            live.columns.join(", ")
        )),
        Change::UniqueMissing { nearest, .. } => {
            IntegrityLost.because(without_unique(nearest.as_ref(), table, dialect))
        }
        Change::IndexMissing { longer: Some(index), .. } => {
            Nothing.because(format!("nothing breaks: the index `{}` begins with the same columns", index.name))
        }
        Change::IndexMissing { longer: None, .. } => {
            Slower.because(format!("queries by these columns scan all of {table}"))
        }
        Change::IndexUnexpected { live, rejects, .. } => undeclared_index(live, *rejects, table, dialect),
        Change::ForeignKeyUnexpected { live, rejects } => match rejects {
            Rejects::Nothing => harmless(),
            Rejects::EveryOmission if live.is_match_full && live.validity != Validity::Broken => {
                WritesFail.because(format!(
                    "inserts into {table} that leave out some of {} fail: the database stores NULL there, not in all of them, and the \
                     key is MATCH FULL",
                    live.columns.join(", ")
                ))
            }
            Rejects::EveryOmission => WritesFail.because(format!(
                "every insert into {table} fails: the referenced table does not exist, or has no such key"
            )),
            Rejects::SecondOmission => WritesMayFail.because(format!(
                "the database rejects rows that set some of {}, and not all: the key is MATCH FULL",
                live.columns.join(", ")
            )),
            Rejects::Duplicates | Rejects::Values | Rejects::Upserts => WritesMayFail.because(format!(
                "the database rejects unknown {} values; the entity declares no such relation",
                live.columns.join(", ")
            )),
        },
        Change::CheckUnexpected { live, rejects } => match rejects {
            Rejects::Nothing => harmless(),
            Rejects::SecondOmission => {
                let columns = live.columns.join(", ");
                WritesFail.because(format!(
                    "inserts into {table} that omit {columns} fail, and so do those that set the same values"
                ))
            }
            Rejects::EveryOmission => WritesFail.because(format!(
                "every insert into {table} fails: it rejects what the database stores in {} by itself",
                live.columns.join(", ")
            )),
            Rejects::Duplicates | Rejects::Values | Rejects::Upserts => {
                WritesMayFail.because("the database rejects values that the entity allows")
            }
        },
        Change::ReferringKey { referrer } => referring_key(referrer, table),
        Change::ForeignKeyMissing { declared, .. } => ConstraintLost.because(format!(
            "orphaned rows get into {table}: the database does not check {}",
            declared.columns.join(", ")
        )),
        Change::CheckMissing { .. } => {
            ConstraintLost.because(format!("values that violate the CHECK get into {table}"))
        }
        Change::ForeignKey { sides } if sides.live.validity == Validity::Broken => WritesFail.because(format!(
            "every insert into {table} fails, and every update of {}: the referenced table does not exist, or has no such \
             key",
            sides.live.columns.join(", ")
        )),
        Change::ForeignKey { sides } => foreign_key(sides),
        Change::Collation { sides, rejects, .. } => collation(sides, *rejects),
        Change::SequenceBehind { sequence, .. } => sequence_behind(column, sequence, table),
        Change::SequenceNarrower { sequence, largest, .. } => sequence_narrower(column, sequence, *largest, table),
        Change::KeysRunOut { sequence, left, .. } => keys_run_out(column, sequence, *left, table),
        Change::NullsRemain { .. } => ReadsMayFail.because(format!(
            "reading a row of {table} fails if {column} has been NULL since before the constraint, which was never validated"
        )),
        Change::RewriteRule { rule } => rewrite_rule(rule, table),
        Change::PartitionMissing { gap, .. } => partition_gap(gap, table),
        Change::FunctionUnknown { kind: UnknownObjectKind::CollationOfColumn, .. } => {
            ReadsFail.because(format!("every query on {table} that compares or sorts by the column fails"))
        }
        Change::FunctionUnknown { kind: UnknownObjectKind::Denied, .. } => WritesFail
            .because(format!("every insert into {table} that needs it fails, and updates and deletes do, too")),
        Change::FunctionUnknown { kind: UnknownObjectKind::Definer, .. } => WritesFail
            .because(format!("every insert into {table} or update of it that runs the trigger fails")),
        Change::FunctionUnknown { kind: UnknownObjectKind::Function | UnknownObjectKind::Collation, .. } => WritesFail
            .because(format!("every insert into {table} fails, and updates and deletes that concern it do, too")),
        Change::ReplicaIdentity { published } => WritesFail.because(match published {
            Published::Updates => format!(
                "every update and upsert of {table} fails: it does not have a replica identity and publishes updates"
            ),
            Published::Deletes => {
                format!("every delete from {table} fails: it does not have a replica identity and publishes deletes")
            }
        }),
        Change::ReadOnly { why } => WritesFail.because(match why {
            ReadOnly::Server => format!("every insert into {table} and every update of it fail on this server"),
            ReadOnly::Setting => format!("every insert into {table} and every update of it fail for the connected role"),
        }),
        Change::Encoding { live } => {
            WritesMayFail.because(format!("writing characters outside {live} to {table} fails, and so do filters by them"))
        }
        Change::PrivilegeMissing { privilege, columns, on_omit } => match (privilege, on_omit) {
            (Privilege::Select, _) => {
                ReadsFail.because(format!("every read of {table} fails, and every write that returns the row"))
            }
            (Privilege::Usage, _) | (Privilege::Insert, OnOmit::Rejected | OnOmit::RejectedAsPartitionKey) => {
                WritesFail.because(format!("every insert into {table} fails"))
            }
            (Privilege::Insert, OnOmit::Stored) if columns.is_empty() => {
                WritesFail.because(format!("every insert into {table} fails"))
            }
            (Privilege::Update, _) if columns.is_empty() => {
                WritesFail.because(format!("every update and upsert of {table} fails"))
            }
            (Privilege::Insert | Privilege::Update, _) => WritesMayFail.because("writes that set these columns fail"),
        },
        Change::RowsUnreadable { error, .. } => {
            let error = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
            ReadsFail.because(format!("every query that returns one of these rows fails{error}"))
        }
        Change::RowSecurityRefused => ReadsFail
            .because(format!("every query on {table} fails: it would be affected by a row security policy")),
        Change::RowSecurity { commands } => {
            let effects = commands.iter().map(|command| match command {
                Privilege::Select => format!("reads of {table} return no rows, and writes that return the row fail"),
                Privilege::Insert | Privilege::Usage => format!("every insert into {table} fails"),
                Privilege::Update => format!("updates of {table} fail, or change no rows"),
            });
            WritesFail.because(effects.collect::<Vec<_>>().join("; "))
        }
    }
}

fn labels(missing: &[String], unexpected: &[String], table: &TableName) -> Impact {
    let reads = || format!("reading a row of {table} fails if it holds {}", quoted(unexpected));
    let writes = || format!("writing {} fails", quoted(missing));
    // The table may already hold what the entity lacks; the database rejects what it lacks itself.
    match (missing, unexpected) {
        (_, []) => Consequence::WritesMayFail.because(writes()),
        ([], _) => Consequence::ReadsMayFail.because(reads()),
        _ => Consequence::ReadsMayFail.because(format!("{}, and {}", reads(), writes())),
    }
}

fn generation(column: &str, sides: &Sides<Generation>, nullability: Nullability) -> Impact {
    use Consequence::{ValuesChange, WritesFail, WritesMayFail};
    match (sides.declared, sides.live) {
        // It stored NULL, and now a number.
        (Generation::Supplied, Generation::AutoIncrement) if nullability == Nullability::Nullable => {
            ValuesChange.because(format!("inserts that omit {column} store a generated value"))
        }
        (Generation::AutoIncrement | Generation::AlwaysIdentity, Generation::OnUpdate | Generation::Supplied) => {
            WritesFail.because(format!("inserts that omit {column} fail"))
        }
        (Generation::OnUpdate, Generation::Supplied | Generation::AutoIncrement) => {
            ValuesChange.because(format!("updates that omit {column} no longer change it"))
        }
        (_, Generation::OnUpdate) => ValuesChange.because(format!("updates that omit {column} change it")),
        (_, Generation::Computed) => WritesFail.because(format!("every insert or update that sets {column} fails")),
        // A program sets what it declares, but for the key.
        (Generation::Supplied, Generation::AlwaysIdentity) if nullability == Nullability::NotNull => {
            WritesFail.because(format!("every insert that sets {column} fails"))
        }
        (_, Generation::AlwaysIdentity) => WritesMayFail.because(format!("inserts that set {column} fail")),
        (Generation::Computed, _) => {
            ValuesChange.because(format!("{column} is no longer computed: it holds what inserts store"))
        }
        (_, Generation::Supplied | Generation::AutoIncrement) => harmless(),
    }
}

fn referring_key(referrer: &Referrer, table: &TableName) -> Impact {
    let key = &referrer.key;
    let columns = key.target_columns.join(", ");
    if key.validity == Validity::Broken {
        return Consequence::WritesFail.because(format!(
            "every delete from {table} fails, and so does every update of {columns} and every insert of several rows"
        ));
    }
    let sets = |action| matches!(action, Action::SetNull | Action::SetDefault);
    let update = if sets(key.on_update) { format!(", or changing its {columns},") } else { String::new() };
    let what = if sets(key.on_delete) {
        format!("deleting a row of {table}{update}")
    } else {
        format!("changing {columns} of a row of {table}")
    };
    Consequence::WritesMayFail.because(format!("{what} fails while rows of {} refer to it", referrer.table))
}

/// Rows that should go stay and block the rows they refer to, or rows that should stay go or lose their reference.
fn foreign_key(sides: &Sides<ForeignKey>) -> Impact {
    let Sides { declared, live } = sides;
    let target = &declared.target.name;
    if live.validity == Validity::NotEnforced {
        return Consequence::ConstraintLost
            .because(format!("rows that refer to no row of {target} get in: the key is NOT ENFORCED"));
    }
    if live.validity == Validity::Disabled {
        return Consequence::ConstraintLost
            .because(format!("rows that refer to no row of {target} get in: the triggers of the key are disabled"));
    }
    if live.is_match_full {
        return Consequence::WritesMayFail.because(format!(
            "the database rejects rows in which some of {} are NULL, and others are not",
            live.columns.join(", ")
        ));
    }
    let actions = [(declared.on_delete, live.on_delete), (declared.on_update, live.on_update)];
    let differing = || actions.into_iter().filter(|(declared, live)| !declared.does_the_same_as(*live));
    if differing().any(|(_, live)| live.rejects()) {
        let reason = format!("deleting a row of {target}, or changing its key, fails while rows refer to it");
        Consequence::WritesMayFail.because(reason)
    } else if differing().next().is_some() {
        let reason = format!("deleting a row of {target}, or changing its key, changes referring rows differently");
        Consequence::ValuesChange.because(reason)
    } else {
        // New rows are checked.
        Consequence::Nothing.because("nothing breaks; rows older than the key may be orphaned")
    }
}

fn collation(sides: &Sides<Option<Collation>>, rejects: Rejects) -> Impact {
    let is_about_blanks = sides.live.as_ref().is_some_and(|live| live.name.eq_ignore_ascii_case("rtrim"));
    let alike = format!(
        "values that differ only in {}",
        if is_about_blanks { "blanks at their end" } else { "case or accents" }
    );
    match &sides.live {
        Some(Collation { coverage: CharsetCoverage::Limited, .. }) => {
            Consequence::WritesMayFail.because("writing characters outside this character set fails")
        }
        _ if rejects == Rejects::Duplicates => {
            Consequence::WritesMayFail.because(format!("the database rejects {alike}, and comparisons match both"))
        }
        Some(Collation { equality: Equality::AsDefault, .. }) if sides.declared.is_none() => {
            Consequence::Nothing.because("nothing breaks; the sort order may differ")
        }
        Some(Collation { equality: Equality::Looser, .. }) => {
            Consequence::ValuesChange.because(format!("comparisons also match {alike}"))
        }
        _ => Consequence::ValuesChange.because(format!("comparisons no longer match {alike}")),
    }
}

#[cfg(test)]
mod tests;
