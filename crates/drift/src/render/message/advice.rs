//! What to do about a difference.

use super::settle::{Settlement, settlement};
use crate::{
    change::Change,
    commands::Commands,
    consequence::Consequence,
    difference::{Cause, Difference},
    model::Part,
};

/// What to do; `None` if nothing needs to be done.
pub(in crate::render) fn advice(difference: &Difference, commands: &Commands) -> Option<String> {
    advice_about(difference, &difference.object().to_string(), "it", commands)
}

/// What to do about several columns of one table.
pub(in crate::render) fn advice_about_columns(first: &Difference, commands: &Commands) -> Option<String> {
    advice_about(first, &format!("{}.columns", first.table), "them", commands)
}

fn advice_about(difference: &Difference, object: &str, it: &str, commands: &Commands) -> Option<String> {
    let Commands { up, generate, generate_empty, explain: _ } = commands;
    let object = snake_case(object);
    let is_harmless = difference.consequence() == Consequence::Nothing;
    let is_missing = difference.change.rule().is_missing();
    if let Change::TableMissing { other_schemas, .. } = &difference.change
        && let Some(schema) = other_schemas.first()
    {
        return Some(format!(
            "connect with a search_path that has the schema {schema} first: a migration would create a second, empty table"
        ));
    }
    if let Change::UniqueMissing { wider: Some(_), .. } = &difference.change {
        return Some(
            "if the live unique key is right, remove `unique_key` from these columns of the entity".to_owned(),
        );
    }
    let rename_candidates = if let Change::ColumnMissing { rename_candidates, .. } = &difference.change {
        rename_candidates.first().map(|column| &column.name)
    } else if let Change::TableMissing { rename_candidates, .. } = &difference.change {
        rename_candidates.first()
    } else {
        None
    };
    if let Some(name) = rename_candidates {
        match difference.cause.as_ref()? {
            Cause::PendingMigration(migration) => {
                return Some(format!(
                    "migration {migration} is pending and adds an empty one. If `{name}` is the old name, rename it first; \
                     if not, run {up}"
                ));
            }
            Cause::NoMigration => {
                return Some(format!(
                    "no migration renames or creates {it}: write one with {generate} rename_{object}, or change the entity"
                ));
            }
            Cause::AppliedMigration(_) | Cause::Preexisting(_) | Cause::OtherVersion(_) => {}
        }
    }
    let settlement = settlement(&difference.change).filter(|_| !is_harmless);
    let or_declare = || settlement.as_ref().map(|Settlement { field, .. }| format!(", or {field}")).unwrap_or_default();
    match difference.cause.as_ref() {
        // The migrations are not known.
        None => settlement.map(|Settlement { field, column }| match column {
            Some(column) => format!("{field}, or {column}"),
            None => field,
        }),
        Some(Cause::AppliedMigration(_) | Cause::Preexisting(_) | Cause::OtherVersion(_)) if is_harmless => None,
        Some(Cause::PendingMigration(name)) => {
            let fixes = if is_missing { "adds" } else { "fixes" };
            Some(format!("migration {name} {fixes} {it} and is pending: {up}"))
        }
        Some(Cause::AppliedMigration(name)) => Some(format!(
            "migration {name} is applied, but this table predates it or was edited by hand; write a new migration: \
             {generate_empty} repair_{object}{}",
            or_declare()
        )),
        Some(Cause::Preexisting(name)) => {
            let existing = if matches!(difference.change.part(), Part::Column(_)) { "column" } else { "table" };
            Some(format!(
                "migration {name} will not change your existing {existing}; write a new migration: \
                 {generate_empty} repair_{object}{}",
                or_declare()
            ))
        }
        Some(Cause::OtherVersion(names)) => Some(format!(
            "{it} may come from {}, which another version or another program applied: run the one that has it",
            names.join(", ")
        )),
        Some(Cause::NoMigration) => {
            let (creates, verb, otherwise) = if is_missing {
                ("creates", "add", format!("remove {it} from the entity"))
            } else {
                let declare = settlement.map(|Settlement { field, .. }| field);
                ("changes", "change", declare.unwrap_or_else(|| "declare it as the database has it".to_owned()))
            };
            Some(format!("no migration {creates} {it}: write one with {generate} {verb}_{object}, or {otherwise}"))
        }
    }
}

/// The object in `snake_case`, for the name of a migration.
fn snake_case(object: &str) -> String {
    let words = object.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_named_after_words() {
        for (object, name) in [
            ("call_log.duration", "call_log_duration"),
            ("_companytocontact", "companytocontact"),
            ("audit.\"Log\".__entry", "audit_log_entry"),
        ] {
            assert_eq!(snake_case(object), name);
        }
    }
}
