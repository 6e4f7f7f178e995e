//! SQLite: one lock for the whole file; and which statement goes through all rows.
//!
//! <https://www.sqlite.org/lang_altertable.html>: a table's rows are read where a new column is checked, and written
//! anew where one is dropped.

use sqlparser::ast::{AlterTable, AlterTableOperation, ColumnDef, ColumnOption, CreateTable, ObjectType, Statement};

use super::{effect::Effect, model::Work};

pub(crate) fn judge(statement: &Statement) -> Effect {
    match statement {
        Statement::CreateTable(CreateTable { query: None, .. })
        | Statement::CreateView(_)
        | Statement::CreateTrigger(_)
        | Statement::DropTrigger(_)
        | Statement::CreateVirtualTable { .. } => Effect::on_file(Work::Metadata),
        Statement::CreateTable(_) => Effect::on_file(Work::ReadsTable),
        Statement::CreateIndex(_) => Effect::on_file(Work::ReadsTable).because("the index is built"),
        Statement::Drop { object_type: ObjectType::Table | ObjectType::Index | ObjectType::View, .. } => {
            Effect::on_file(Work::Metadata)
        }
        Statement::AlterTable(alter) => alter_table(alter),
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => Effect::on_file(Work::ChangesRows),
        Statement::Pragma { .. } => Effect::unknown("what a pragma does is not in the statement"),
        _ => Effect::unknown("this kind of statement is not among those that are judged"),
    }
}

fn alter_table(alter: &AlterTable) -> Effect {
    let effects = alter.operations.iter().map(|operation| match operation {
        AlterTableOperation::AddColumn { column_def, .. } => add(column_def),
        AlterTableOperation::DropColumn { .. } => {
            Effect::on_file(Work::RewritesTable).because("each row is written without the column")
        }
        AlterTableOperation::RenameColumn { .. } | AlterTableOperation::RenameTable { .. } => {
            Effect::on_file(Work::Metadata)
        }
        _ => Effect::unknown("SQLite has no such ALTER TABLE, or a newer one than is judged"),
    });
    effects.reduce(Effect::and).unwrap_or_else(|| Effect::unknown("it changes nothing that is known"))
}

fn add(column: &ColumnDef) -> Effect {
    let has = |is_it: fn(&ColumnOption) -> bool| column.options.iter().any(|option| is_it(&option.option));
    let is_generated = has(|option| matches!(option, ColumnOption::Generated { .. }));
    let is_checked = has(|option| matches!(option, ColumnOption::Check(_)))
        || (is_generated && has(|option| matches!(option, ColumnOption::NotNull)));
    if is_checked {
        Effect::on_file(Work::ReadsTable).because("each row is checked")
    } else {
        Effect::on_file(Work::Metadata)
    }
}
