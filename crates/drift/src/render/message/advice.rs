//! What to do about a difference.

use crate::{
    change::Change,
    difference::{Cause, Difference},
    impact::Consequence,
    model::Part,
};

/// What to do; `None` where nothing needs to be done.
pub(in crate::render) fn advice(difference: &Difference) -> Option<String> {
    advice_about(difference, &difference.object().to_string(), "it")
}

/// The same, about several columns of a table.
pub(in crate::render) fn advice_about_columns(first: &Difference) -> Option<String> {
    advice_about(first, &format!("{}.columns", first.table), "them")
}

fn advice_about(difference: &Difference, object: &str, it: &str) -> Option<String> {
    let object = identifier(object);
    let is_harmless = difference.consequence() == Consequence::Nothing;
    let is_missing = difference.change.rule().is_missing();
    if let Change::TableMissing { elsewhere, .. } = &difference.change
        && let Some(schema) = elsewhere.first()
    {
        return Some(format!(
            "connect with a search_path that has the schema {schema} first: a migration would create a second, empty table"
        ));
    }
    let similar = if let Change::ColumnMissing { similar, .. } = &difference.change {
        similar.first().map(|column| &column.name)
    } else if let Change::TableMissing { similar, .. } = &difference.change {
        similar.first()
    } else {
        None
    };
    if let Some(name) = similar {
        match difference.cause.as_ref()? {
            Cause::PendingMigration(migration) => {
                return Some(format!(
                    "migration {migration} is pending and adds an empty one: if `{name}` is the same, rename it first; \
                     otherwise: sea-orm-cli migrate up"
                ));
            }
            Cause::NoMigration => {
                return Some(format!(
                    "no migration renames or creates {it}: write one with sea-orm-cli migrate generate rename_{object}, \
                     or change the entity"
                ));
            }
            Cause::AppliedMigration(_) | Cause::Preexisting(_) | Cause::OtherVersion(_) => {}
        }
    }
    match difference.cause.as_ref()? {
        Cause::AppliedMigration(_) | Cause::Preexisting(_) | Cause::OtherVersion(_) if is_harmless => None,
        Cause::PendingMigration(name) => {
            let fixes = if is_missing { "adds" } else { "fixes" };
            Some(format!("migration {name} {fixes} {it} and is pending: sea-orm-cli migrate up"))
        }
        Cause::AppliedMigration(name) => Some(format!(
            "migration {name} is applied, but this table predates it or was edited by hand; write a new migration: \
             sea-orm-cli migrate generate repair_{object}"
        )),
        Cause::Preexisting(name) => {
            let existing = if matches!(difference.change.part(), Part::Column(_)) { "column" } else { "table" };
            Some(format!(
                "migration {name} will not change your existing {existing}; write a new migration: \
                 sea-orm-cli migrate generate repair_{object}"
            ))
        }
        Cause::OtherVersion(names) => Some(format!(
            "{it} may come from {}, which another version of this program applied: run the version that has it",
            names.join(", ")
        )),
        Cause::NoMigration => {
            let (creates, verb, otherwise) = if is_missing {
                ("creates", "add", format!("remove {it} from the entity"))
            } else {
                ("changes", "change", "declare it as the database has it".to_owned())
            };
            Some(format!(
                "no migration {creates} {it}: write one with sea-orm-cli migrate generate {verb}_{object}, or {otherwise}"
            ))
        }
    }
}

fn identifier(object: &str) -> String {
    let spaced: String = object.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join("_").to_lowercase()
}
