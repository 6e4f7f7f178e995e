//! How the two sides differ.

use crate::{
    change::{Change, DefaultEffect, PartitionGap, is_about_the_field},
    consequence::Consequence,
    difference::Difference,
    impact::quoted,
    model::{
        Action, CharsetCoverage, Check, Collation, Column, CounterKind, DefaultValue, ForeignKey, Generation, Index,
        IndexRestriction, LogicalType, NextValue, Nullability, Privilege, Published, ReadOnly, RuleEffect, Sides,
        Uniqueness, UnknownObjectKind, Validity,
    },
};

/// How the two sides differ, in one sentence without a full stop.
#[expect(clippy::too_many_lines, reason = "one exhaustive match: each change has one arm")]
pub(in crate::render) fn what_differs(difference: &Difference) -> String {
    let object = difference.object();
    match &difference.change {
        Change::TableMissing { other_schemas, rename_candidates }
            if other_schemas.is_empty() && !rename_candidates.is_empty() =>
        {
            format!(
                "the entity's table `{object}` does not exist; renamed? {} has all its columns, and no entity",
                names(rename_candidates, " or ")
            )
        }
        Change::TableMissing { other_schemas, .. } if other_schemas.is_empty() => {
            format!("the entity's table `{object}` does not exist")
        }
        Change::TableMissing { other_schemas, .. } => {
            let schemas = names(other_schemas, " and ");
            format!("the entity's table `{object}` does not exist here; there is one in the schema {schemas}")
        }
        Change::RelationKind { sides } => format!("`{object}` is {}, not {}", sides.live, sides.declared),
        Change::ColumnMissing { declared, rename_candidates } => format!(
            "`{object}` is declared {}, the database has no such column{}",
            described(declared),
            renamed(rename_candidates)
        ),
        Change::ColumnUnexpected { live, .. } => format!("`{object}` ({}) is not in the entity", described(live)),
        Change::Type { sides, .. } if is_about_the_field(&sides.declared, &sides.live) => {
            let field = if let LogicalType::Rust(name) = &sides.declared.field { name } else { "text" };
            format!("the field of `{object}` is {field}, its column is {}", sides.live)
        }
        Change::Type { sides, .. } => {
            format!("`{object}` is declared {}, the database has {}", sides.declared, sides.live)
        }
        Change::EnumLabels { missing, unexpected, .. } => {
            format!("the enum of `{object}` {}", label_words(missing, unexpected))
        }
        Change::Nullability { sides, .. } => {
            format!(
                "`{object}` is declared {}, the database {}",
                sides.declared,
                match sides.live {
                    Nullability::NotNull => "has NOT NULL",
                    Nullability::Nullable => "allows NULL",
                }
            )
        }
        Change::Spelling { sides, .. } => format!("`{object}` is named `{}` in the database", sides.live),
        Change::Default { sides, effect: DefaultEffect::Rejected, .. } => {
            format!("`{object}` has {} in the database, which does not fit", default_words(sides.live.as_ref()))
        }
        Change::Default { sides, effect: DefaultEffect::Missing, .. } => {
            let declared = sides.declared.as_ref().map_or_else(|| "NULL".to_owned(), ToString::to_string);
            format!("`{object}` is declared with the default {declared}, the database has none")
        }
        Change::Default { sides, .. } => format!(
            "`{object}` is declared with {}, the database has {}",
            default_words(sides.declared.as_ref()),
            default_words(sides.live.as_ref())
        ),
        Change::Generation { sides, .. } => format!(
            "`{object}` is declared as {}, the database has {}",
            generation_words(sides.declared),
            generation_words(sides.live)
        ),
        Change::PrimaryKey { sides, restrictions, .. } => format!(
            "the primary key of `{object}` is declared {}, the database has {}{}",
            key_words(&sides.declared),
            key_words(&sides.live),
            if restrictions.is_empty() {
                String::new()
            } else {
                format!(", which {}", restriction_words(restrictions))
            }
        ),
        Change::UniqueMissing { wider: Some(live), .. } => format!(
            "`{object}` is declared unique, the database's unique index `{}` covers ({})",
            live.name,
            live.columns.join(", ")
        ),
        Change::UniqueMissing { nearest, .. } => {
            format!("`{object}` is declared unique, {}", nearest_words(nearest.as_ref()))
        }
        Change::IndexMissing { nearest, .. } => {
            format!("`{object}` is declared indexed, {}", nearest_words(nearest.as_ref()))
        }
        Change::IndexUnexpected { live, counterpart: Some(_), .. } => {
            let unique = if live.uniqueness == Uniqueness::Unique { "unique " } else { "" };
            let restrictions = restriction_words(&live.restrictions);
            format!("the {unique}index `{}` on `{object}` {restrictions}, unlike the declared one", live.name)
        }
        Change::IndexUnexpected { live, counterpart: None, .. } => {
            let unique = if live.uniqueness == Uniqueness::Unique { "unique " } else { "" };
            let restrictions = if live.restrictions.is_empty() {
                String::new()
            } else {
                format!("; it {}", restriction_words(&live.restrictions))
            };
            format!("the {unique}index `{}` on `{object}` is not in the entity{restrictions}", live.name)
        }
        Change::Collation {
            sides: Sides { live: Some(Collation { name, coverage: CharsetCoverage::Limited, .. }), .. },
            ..
        } => {
            format!("`{object}` can only hold the characters of {name}")
        }
        Change::Collation { sides, .. } => format!(
            "`{object}` is declared {}, the database has {}",
            collation_words(sides.declared.as_ref()),
            collation_words(sides.live.as_ref())
        ),
        Change::SequenceBehind { sequence, .. } if matches!(sequence.state, NextValue::TakenAfter(_)) => {
            format!("the sequence `{}` comes to values that already exist in `{object}`", sequence.name)
        }
        Change::SequenceBehind { sequence, .. } => {
            let next = sequence.next.map(|next| format!(" ({next})")).unwrap_or_default();
            format!("the next value{next} of the sequence `{}` already exists in `{object}`", sequence.name)
        }
        Change::SequenceNarrower { sequence, .. } if difference.consequence() == Consequence::WritesFail => {
            format!("the sequence `{}` of `{object}` has no values left", sequence.name)
        }
        Change::SequenceNarrower { sequence, largest, .. } => {
            format!(
                "the sequence `{}` ends at {}, but `{object}` holds values up to {largest}",
                sequence.name, sequence.last
            )
        }
        Change::KeysRunOut { sequence, left, .. } => {
            let counter = match sequence.kind {
                CounterKind::Sequence => format!("the sequence `{}` of `{object}`", sequence.name),
                CounterKind::AutoIncrement | CounterKind::Rowid { .. } => {
                    format!("the {} of `{object}`", sequence.name)
                }
            };
            match (left, sequence.next) {
                (0, _) | (_, None) => format!("{counter} has no values left"),
                (left, Some(next)) => {
                    format!("{counter} is at {next}, with {left} values left: more than half are used")
                }
            }
        }
        Change::NullsRemain { .. } => {
            format!("the NOT NULL of `{object}` is NOT VALID: older rows may hold NULL")
        }
        Change::RewriteRule { rule } => format!(
            "`{object}`: a rule {} {}",
            match rule.effect {
                RuleEffect::ReturnsNothing => "replaces each",
                RuleEffect::Returning => "follows each",
                RuleEffect::Disabled => "is disabled, and still counts as one for",
            },
            rule.event
        ),
        Change::PartitionMissing { key, gap } => {
            let rows = match gap {
                PartitionGap::All => return format!("`{object}` is partitioned by {key} and has no partition"),
                PartitionGap::Now(time) => format!("rows of now ({time})"),
                PartitionGap::Tomorrow(time) => format!("rows of tomorrow ({time})"),
                PartitionGap::NextKey(next) => format!("the next key ({next})"),
                PartitionGap::Omitted(Some(value)) => format!("the default '{value}'"),
                PartitionGap::Omitted(None) => "NULL".to_owned(),
                PartitionGap::OtherValues => "other values than its partitions list".to_owned(),
            };
            format!("`{object}` is partitioned by {key}, and no partition takes {rows}")
        }
        Change::FunctionUnknown { name, kind, used_by } => {
            let (kind, lack) = match kind {
                UnknownObjectKind::Function => ("function", "the connection does not have"),
                UnknownObjectKind::Collation | UnknownObjectKind::CollationOfColumn => {
                    ("collation", "the connection does not have")
                }
                UnknownObjectKind::Denied => ("function", "the connected role may not execute"),
                UnknownObjectKind::Definer => ("account", "does not exist"),
            };
            format!("{used_by} of `{}` uses the {kind} `{name}`, which {lack}", difference.table)
        }
        Change::ReplicaIdentity { published } => {
            let events = match published {
                Published::Updates => "updates",
                Published::Deletes => "deletes",
            };
            format!("the {events} of `{object}` are published, and nothing identifies its rows")
        }
        Change::ReadOnly { why: ReadOnly::Server } => {
            format!("`{object}` is on a server that is read-only: a replica, or `read_only` is set")
        }
        Change::ReadOnly { why: ReadOnly::Setting } => {
            format!("`{object}` cannot be written: the sessions of the connected role are read-only by a setting")
        }
        Change::Encoding { live } => format!("the database of `{object}` has the encoding {live}"),
        Change::ForeignKeyMissing { declared, nearest } => match nearest {
            None => format!(
                "`{object}` is declared to reference {}, the database has no such foreign key",
                target(declared)
            ),
            Some(live) => {
                format!(
                    "`{object}` is declared to reference {}, the database references {}",
                    target(declared),
                    target(live)
                )
            }
        },
        Change::ForeignKey { sides } => format!(
            "the foreign key of `{object}` is declared {}, the database has {}",
            key_action_words(&sides.declared),
            key_action_words(&sides.live)
        ),
        Change::ForeignKeyUnexpected { live, .. } => {
            format!("the foreign key of `{object}` to {} is not in the entity", target(live))
        }
        Change::ReferringKey { referrer } => format!(
            "the foreign key of `{} ({})` to `{object}` {}",
            referrer.table,
            referrer.key.columns.join(", "),
            match referrer.key.validity {
                Validity::Broken => "refers to no primary key and to no unique index".to_owned(),
                Validity::Validated | Validity::NotValidated | Validity::NotEnforced | Validity::Disabled => format!(
                    "is{}, and {} NOT NULL",
                    actions(&referrer.key),
                    if referrer.not_null_columns.len() == 1 {
                        format!("{} is", referrer.not_null_columns[0])
                    } else {
                        format!("{} are", referrer.not_null_columns.join(", "))
                    }
                ),
            }
        ),
        Change::CheckMissing { declared } => {
            format!("`{object}` is declared with CHECK {}, the database has no such CHECK", declared.text)
        }
        Change::CheckUnexpected { live, .. } => format!("`{object}`: CHECK {} is not in the entity", check_text(live)),
        Change::PrivilegeMissing { privilege, .. } => {
            format!("the connected role has no {}", privilege_words(*privilege, &object.to_string()))
        }
        Change::RowsUnreadable { rows, .. } => format!("`{object}` has rows that its entity cannot read: {rows}"),
        Change::RowSecurityRefused => {
            format!("row security applies to `{object}`, and `row_security` is off for the connected role")
        }
        Change::RowSecurity { commands } => {
            let commands = commands.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
            format!("no row security policy lets the connected role {commands} any row of `{object}`")
        }
    }
}

/// A missing column in a list of them.
pub(in crate::render) fn missing_column(difference: &Difference) -> String {
    if let Change::ColumnMissing { declared, rename_candidates } = &difference.change {
        format!("{} {}{}", declared.name, described(declared), renamed(rename_candidates))
    } else {
        what_differs(difference)
    }
}

/// The columns that a missing one may be called now.
fn renamed(rename_candidates: &[Column]) -> String {
    let candidates =
        rename_candidates.iter().take(3).map(|column| format!("`{}` ({})", column.name, described(column)));
    let candidates = candidates.collect::<Vec<_>>().join(" or ");
    if candidates.is_empty() { candidates } else { format!("; renamed? {candidates} is not in the entity") }
}

fn names(names: &[String], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

fn target(key: &ForeignKey) -> String {
    let full = if key.is_match_full { " MATCH FULL" } else { "" };
    format!("{} ({}){full}{}", key.target, key.target_columns.join(", "), actions(key))
}

/// Those that do more than refuse.
fn actions(key: &ForeignKey) -> String {
    let action = |event: &str, action: Action| {
        if action == Action::NoAction { String::new() } else { format!(" ON {event} {action}") }
    };
    format!("{}{}", action("DELETE", key.on_delete), action("UPDATE", key.on_update))
}

fn key_action_words(key: &ForeignKey) -> String {
    let validity = match key.validity {
        Validity::Validated => "",
        Validity::NotValidated => " NOT VALID",
        Validity::Broken => ", and no such key to refer to",
        Validity::NotEnforced => " NOT ENFORCED",
        Validity::Disabled => ", with its triggers disabled",
    };
    let full = if key.is_match_full { "MATCH FULL " } else { "" };
    format!("{full}ON DELETE {} ON UPDATE {}{validity}", key.on_delete, key.on_update)
}

fn check_text(check: &Check) -> String {
    if check.text.starts_with('(') { check.text.clone() } else { format!("({})", check.text) }
}

fn collation_words(collation: Option<&Collation>) -> String {
    collation.map_or_else(|| "with the default collation".to_owned(), |it| format!("COLLATE {}", it.name))
}

fn privilege_words(privilege: Privilege, object: &str) -> String {
    match privilege {
        Privilege::Select | Privilege::Insert | Privilege::Update => format!("{privilege} privilege on `{object}`"),
        Privilege::Usage => format!("USAGE privilege on the sequence of `{object}`"),
    }
}

fn label_words(missing: &[String], unexpected: &[String]) -> String {
    let lacks = format!("lacks {}, which the entity declares", quoted(missing));
    let has = format!("has {}, which the entity lacks", quoted(unexpected));
    match (missing, unexpected) {
        ([], _) => has,
        (_, []) => lacks,
        _ => format!("{lacks}, and {has}"),
    }
}

fn described(column: &Column) -> String {
    let not_null = if column.nullability == Nullability::NotNull { " NOT NULL" } else { "" };
    let default = column.default.as_ref().map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
    format!("{}{not_null}{default}", column.ty)
}

fn default_words(default: Option<&DefaultValue>) -> String {
    match default {
        Some(default) => format!("the default {default}"),
        None => "no default".to_owned(),
    }
}

fn generation_words(generation: Generation) -> &'static str {
    match generation {
        Generation::Supplied => "a plain column",
        Generation::AutoIncrement => "auto-increment",
        Generation::AlwaysIdentity => "GENERATED ALWAYS AS IDENTITY",
        Generation::Computed => "a generated column",
        Generation::OnUpdate => "ON UPDATE CURRENT_TIMESTAMP",
    }
}

fn key_words(columns: &[String]) -> String {
    if columns.is_empty() { "none".to_owned() } else { format!("({})", columns.join(", ")) }
}

fn nearest_words(nearest: Option<&Index>) -> String {
    match nearest {
        None => "the database has no such index".to_owned(),
        Some(index) if index.restrictions.is_empty() => format!("the index `{}` allows duplicates", index.name),
        Some(index) => format!("the index `{}` {}", index.name, restriction_words(&index.restrictions)),
    }
}

fn restriction_words(restrictions: &[IndexRestriction]) -> String {
    restrictions.iter().map(IndexRestriction::to_string).collect::<Vec<_>>().join(" and ")
}
