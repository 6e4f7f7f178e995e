//! What a migration does, in a line for each operation: the first lines of its file.

use super::operation::{Operation, Step};

pub(super) fn of(operations: &[Operation]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in operations.iter().flat_map(lines_of) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    // One paragraph for rustdoc would run them together.
    if lines.len() == 1 {
        lines.remove(0)
    } else {
        lines.iter().map(|line| format!("- {line}\n")).collect::<Vec<_>>().concat()
    }
}

fn lines_of(operation: &Operation) -> Vec<String> {
    match operation {
        Operation::CreateEnum(it) => vec![format!("Creates the enum `{}`.", it.name)],
        Operation::DropEnum(it) => vec![format!("Drops the enum `{}`.", it.name)],
        Operation::ChangeEnum { name, to, .. } => {
            vec![format!("Gives the enum `{name}` the labels {}.", to.join(", "))]
        }
        Operation::CreateTable(table) => vec![format!("Creates the table `{}`.", table.name)],
        Operation::DropTable(table) => vec![format!("Drops the table `{}`, with its rows.", table.name)],
        Operation::RenameTable { from, to } => vec![format!("Renames the table `{from}` to `{to}`.")],
        Operation::RenameColumn { table, from, to } => vec![format!("Renames `{table}.{from}` to `{to}`.")],
        Operation::AlterTable { before, steps, .. } => {
            let table = &before.name;
            steps.iter().map(|step| line_of(&table.to_string(), step)).collect()
        }
        Operation::CreateIndex { table, index, .. } => {
            vec![format!("Creates the index `{}` of `{table}`.", index.name)]
        }
        Operation::DropIndex { table, index, .. } => vec![format!("Drops the index `{}` of `{table}`.", index.name)],
        // A part of another type.
        Operation::ReleaseKeys(_) | Operation::RestoreKeys(_) => Vec::new(),
        Operation::Fill(fill) => {
            vec![format!("Gives the rows of `{}` a value in `{}` that have none.", fill.table, fill.column)]
        }
    }
}

fn line_of(table: &str, step: &Step) -> String {
    match step {
        Step::AddColumn(column) => format!("Adds `{table}.{}`.", column.name),
        Step::DropColumn(column) => format!("Drops `{table}.{}`, with its values.", column.name),
        Step::ModifyColumn { from, to } if from.ty != to.ty => {
            format!("Changes the type of `{table}.{}`, which may rewrite the table while nobody can use it.", to.name)
        }
        Step::ModifyColumn { from, to } if from.nullability != to.nullability => {
            format!("Makes `{table}.{}` {}.", to.name, to.nullability)
        }
        Step::ModifyColumn { from, to } if from.is_generated != to.is_generated => {
            let counts = if to.is_generated { "Lets" } else { "No longer lets" };
            format!("{counts} the database count `{table}.{}`.", to.name)
        }
        Step::ModifyColumn { to, .. } => format!("Changes the default of `{table}.{}`.", to.name),
        Step::AddPrimaryKey(key) => format!("Makes ({}) the primary key of `{table}`.", key.columns.join(", ")),
        Step::DropPrimaryKey(key) => format!("Drops the primary key ({}) of `{table}`.", key.columns.join(", ")),
        Step::AddForeignKey(key) => format!("Adds the foreign key `{}` of `{table}`.", key.name),
        Step::DropForeignKey(key) => format!("Drops the foreign key `{}` of `{table}`.", key.name),
        Step::AddUnique(unique) => format!("Makes `{table}` unique by {}.", unique.columns.join(", ")),
        Step::DropUnique(unique) => format!("Lets `{table}` repeat {}.", unique.columns.join(", ")),
        Step::AddCheck(check) => format!("Adds the CHECK {} of `{table}`.", check.text),
        Step::DropCheck(check) => format!("Drops the CHECK {} of `{table}`.", check.text),
    }
}
