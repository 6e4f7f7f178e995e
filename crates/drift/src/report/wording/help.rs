//! What to do.

use crate::{
    consequence::Consequence,
    difference::{Cause, Difference},
};

/// What to do; `None` where there is nothing to be done.
pub(in crate::report) fn help(difference: &Difference) -> Option<String> {
    let object = difference.object();
    let is_harmless = difference.consequence == Consequence::Nothing;
    match difference.cause.as_ref()? {
        Cause::AppliedMigration(_) | Cause::WasThere(_) | Cause::OtherVersion(_) if is_harmless => None,
        Cause::PendingMigration(name) => {
            let settles = if difference.change.rule().ends_with("-missing") { "adds it" } else { "settles it" };
            Some(format!("migration {name} {settles} and is pending: sea-orm-cli migrate up"))
        }
        Cause::AppliedMigration(name) => Some(format!(
            "migration {name} is applied, and makes it as declared on an empty database: here it was changed by hand, or \
             was there before; a new migration has to repair it: sea-orm-cli migrate generate repair_{}",
            identifier(&object)
        )),
        Cause::WasThere(name) => Some(format!(
            "migration {name} makes it so only where it adds the table or column; this one was there before and stays as it is, a new \
             migration has to repair it: sea-orm-cli migrate generate repair_{}",
            identifier(&object)
        )),
        Cause::OtherVersion(names) => Some(format!(
            "it may come from {}, applied by another version and unknown here: run the version that knows it",
            names.join(", ")
        )),
        Cause::NoMigration => {
            let is_missing = difference.change.rule().ends_with("-missing");
            let (verb, otherwise) =
                if is_missing { ("add", "take it out of the entity") } else { ("change", "declare it as it is") };
            Some(format!(
                "no migration makes it so: write one with sea-orm-cli migrate generate {verb}_{}, or {otherwise}",
                identifier(&object)
            ))
        }
    }
}

fn identifier(object: &str) -> String {
    let spaced: String = object.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join("_").to_lowercase()
}
