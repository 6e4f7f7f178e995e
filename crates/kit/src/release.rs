//! A release that may still run while this tree is deployed, and how to change in steps what it needs.

use sea_orm_drift::{Change, Difference, Record};

/// A release that may still run.
#[derive(Clone, Debug)]
pub struct Release {
    /// `release 1.2`: as its record names it, or else its file.
    pub name: String,
    /// What it declares.
    pub record: Record,
}

/// How to make the change in steps (expand, deploy, contract), so that the release of this name never meets it.
pub(crate) fn step(name: &str, found: &Difference) -> String {
    let object = found.object();
    match &found.change {
        Change::ColumnMissing { declared, rename_candidates } => match rename_candidates.as_slice() {
            [added] => format!(
                "expand: a migration that adds `{}` beside `{object}` and copies its values; deploy a program that \
                 writes both; contract: drop `{}` when {name} has stopped everywhere",
                added.name, declared.name
            ),
            _ => format!(
                "keep `{object}` in this release; contract: drop it in a later migration, when {name} has stopped everywhere"
            ),
        },
        Change::TableMissing { .. } => {
            format!("keep the table `{object}` in this release; contract: drop it when {name} has stopped everywhere")
        }
        Change::ColumnUnexpected { .. } => format!(
            "expand: add `{object}` as nullable or with a default; deploy; back-fill its rows; contract: set NOT NULL when \
             {name} has stopped everywhere"
        ),
        Change::Nullability { .. } => format!(
            "deploy the program that always sets `{object}`; back-fill its rows; contract: set NOT NULL when {name} has \
             stopped everywhere"
        ),
        Change::Type { .. } => format!(
            "expand: a migration that adds a column of the new type beside `{object}` and copies its values; deploy a \
             program that writes both; contract: drop `{object}` when {name} has stopped everywhere"
        ),
        _ => format!(
            "keep `{object}` as {name} needs it; contract: change it in a later migration, when {name} has stopped everywhere"
        ),
    }
}
