//! What differs.

use super::{quoted, stored};
use crate::{
    change::Change,
    consequence::Consequence,
    difference::Difference,
    model::{
        Check, Collation, Column, DefaultValue, ForeignKey, Generation, Index, Limit, Nullability, Privilege,
        Repertoire, Sides, Validity,
    },
};

/// What differs.
pub(in crate::report) fn what(difference: &Difference) -> String {
    let object = difference.object();
    match &difference.change {
        Change::TableMissing { elsewhere } if elsewhere.is_empty() => {
            format!("the entity's table `{object}` does not exist")
        }
        Change::TableMissing { elsewhere } => {
            let schemas = elsewhere.iter().map(|schema| format!("`{schema}`")).collect::<Vec<_>>().join(" and ");
            format!("the entity's table `{object}` is not where it is looked for; there is one in the schema {schemas}")
        }
        Change::Relation { sides } => format!("`{object}` is {}, not {}", sides.live, sides.declared),
        Change::ColumnMissing { declared } => {
            format!("`{object}` is declared {}, the database has no such column", described(declared))
        }
        Change::ColumnUnexpected { live } => format!("`{object}` ({}) is not in the entity", described(live)),
        Change::Type { sides, .. } => {
            format!("`{object}` is declared {}, the database has {}", sides.declared, sides.live)
        }
        Change::EnumLabels { missing, unexpected, .. } => {
            format!("the enum of `{object}` {}", label_words(missing, unexpected))
        }
        Change::Nullability { sides, .. } => {
            format!("`{object}` is declared {}, the database has it {}", sides.declared, sides.live)
        }
        Change::Spelling { sides, .. } => format!("`{object}` is called `{}` in the database", sides.live),
        Change::Default { sides, .. } => format!(
            "`{object}` is declared {}, in the database it is {}",
            default_words(sides.declared.as_ref()),
            default_words(sides.live.as_ref())
        ),
        Change::Generation { sides, .. } => format!(
            "`{object}` is declared {}, in the database it is {}",
            generation_words(sides.declared),
            generation_words(sides.live)
        ),
        Change::PrimaryKey { sides, limits, .. } => format!(
            "the primary key of `{object}` is declared {}, the database has {}{}",
            key_words(&sides.declared),
            key_words(&sides.live),
            if limits.is_empty() { String::new() } else { format!(", which {}", limit_words(limits)) }
        ),
        Change::UniqueMissing { nearest, .. } => {
            format!("`{object}` is declared unique, {}", nearest_words(nearest.as_ref()))
        }
        Change::IndexMissing { nearest, .. } => {
            format!("`{object}` is declared indexed, {}", nearest_words(nearest.as_ref()))
        }
        Change::IndexUnexpected { live, .. } => format!("the index `{}` on `{object}` is not in the entity", live.name),
        Change::Collation {
            sides: Sides { live: Some(Collation { name, repertoire: Repertoire::Limited, .. }), .. },
            ..
        } => {
            format!("`{object}` holds the characters of {name} only")
        }
        Change::Collation { sides, .. } => format!(
            "`{object}` is declared {}, the database has {}",
            collation_words(sides.declared.as_ref()),
            collation_words(sides.live.as_ref())
        ),
        Change::SequenceBehind { sequence, .. } => {
            let next = sequence.next.map(|next| format!(" ({next})")).unwrap_or_default();
            format!("the value{next} that the sequence `{}` gives `{object}` next is taken", sequence.name)
        }
        Change::SequenceNarrower { sequence, .. } if difference.consequence == Consequence::WritesFail => {
            format!("the sequence `{}` has no value left that fits `{object}`", sequence.name)
        }
        Change::SequenceNarrower { sequence, largest, .. } => {
            format!("the sequence `{}` ends at {}, `{object}` at {largest}", sequence.name, sequence.last)
        }
        Change::ForeignKeyMissing { declared, nearest } => match nearest {
            None => format!("`{object}` is declared to refer to {}, the database has no such key", target(declared)),
            Some(live) => {
                format!("`{object}` is declared to refer to {}, in the database to {}", target(declared), target(live))
            }
        },
        Change::ForeignKey { sides } => format!(
            "the foreign key `{object}` is declared {}, the database has it {}",
            key_action_words(&sides.declared),
            key_action_words(&sides.live)
        ),
        Change::ForeignKeyUnexpected { live, .. } => {
            format!("the foreign key `{object}` to {} is not in the entity", target(live))
        }
        Change::CheckMissing { declared } => {
            format!("`{object}` is declared with CHECK {}, the database has none", declared.text)
        }
        Change::CheckUnexpected { live, .. } => format!("`{object}`: CHECK {} is not in the entity", check_text(live)),
        Change::PrivilegeMissing { privilege, .. } => {
            format!("the connected role may not {} `{object}`", privilege_words(*privilege))
        }
        Change::RowSecurity { commands } => {
            let commands = commands.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
            format!("no policy of row security lets the connected role {commands} any row of `{object}`")
        }
    }
}

fn target(key: &ForeignKey) -> String {
    format!("{} ({})", key.target, key.target_columns.join(", "))
}

fn key_action_words(key: &ForeignKey) -> String {
    let validity = if key.validity == Validity::NotValidated { " NOT VALID" } else { "" };
    format!("ON DELETE {} ON UPDATE {}{validity}", key.on_delete, key.on_update)
}

fn check_text(check: &Check) -> String {
    if check.text.starts_with('(') { check.text.clone() } else { format!("({})", check.text) }
}

fn collation_words(collation: Option<&Collation>) -> String {
    collation.map_or_else(|| "with the database's own collation".to_owned(), |it| format!("COLLATE {}", it.name))
}

fn privilege_words(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Select => "read (SELECT)",
        Privilege::Insert => "insert into (INSERT)",
        Privilege::Update => "update (UPDATE)",
        Privilege::Usage => "draw from the sequence (USAGE) of",
    }
}

fn label_words(missing: &[String], unexpected: &[String]) -> String {
    let lacks = format!("lacks {}, which the entity has", quoted(missing));
    let has = format!("has {}, which the entity does not know", quoted(unexpected));
    match (missing, unexpected) {
        ([], _) => has,
        (_, []) => lacks,
        _ => format!("{lacks}, and {has}"),
    }
}

fn described(column: &Column) -> String {
    let not_null = if column.nullability == Nullability::NotNull { " NOT NULL" } else { "" };
    let default =
        column.default.as_ref().map(|default| format!(" DEFAULT {}", stored(Some(default)))).unwrap_or_default();
    format!("{}{not_null}{default}", column.ty)
}

fn default_words(default: Option<&DefaultValue>) -> String {
    match default {
        Some(default) => format!("with the default {default}"),
        None => "without a default".to_owned(),
    }
}

fn generation_words(generation: Generation) -> &'static str {
    match generation {
        Generation::Given => "given by the program",
        Generation::AutoIncrement => "auto-increment",
        Generation::AlwaysIdentity => "GENERATED ALWAYS AS IDENTITY",
        Generation::Computed => "computed from other columns",
        Generation::Touched => "changed by every update that leaves it out",
    }
}

fn key_words(columns: &[String]) -> String {
    if columns.is_empty() { "none".to_owned() } else { format!("({})", columns.join(", ")) }
}

fn nearest_words(nearest: Option<&Index>) -> String {
    match nearest {
        None => "the database has no index on it".to_owned(),
        Some(index) if index.limits.is_empty() => format!("the index `{}` lets duplicates in", index.name),
        Some(index) => format!("the index `{}` {}", index.name, limit_words(&index.limits)),
    }
}

fn limit_words(limits: &[Limit]) -> String {
    limits.iter().map(Limit::to_string).collect::<Vec<_>>().join(" and ")
}
