//! Constraints that a migration drops by their names: those that the existing migrations gave them, or that the database chose. An
//! older tool may have named them otherwise in production.

use super::{
    call::check_name,
    length::of_postgres,
    migration::NewMigration,
    operation::{Operation, Step},
};

/// What to know before the migrations are applied; `None` if they drop nothing by name.
pub(super) fn remark(migrations: &[NewMigration]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for operation in migrations.iter().flat_map(|migration| &migration.up) {
        let Operation::AlterTable { before, steps, .. } = operation else { continue };
        let table = &before.name;
        for step in steps {
            let name = match step {
                Step::DropForeignKey(key) => key.name.clone(),
                Step::DropPrimaryKey(key) => key.name.clone(),
                Step::DropUnique(unique) => {
                    unique.name.clone().unwrap_or_else(|| of_postgres(table, &unique.columns, "key"))
                }
                Step::DropCheck(check) => check_name(table, check),
                Step::AddColumn(_)
                | Step::DropColumn(_)
                | Step::ModifyColumn { .. }
                | Step::AddPrimaryKey(_)
                | Step::AddForeignKey(_)
                | Step::AddUnique(_)
                | Step::AddCheck(_) => continue,
            };
            names.push(format!("{name} of {table}"));
        }
    }
    (!names.is_empty()).then(|| {
        format!(
            "it drops constraints by the names that they have after all migrations: {}; in a database where an older tool named them \
             otherwise, rename them first",
            names.join(", ")
        )
    })
}
