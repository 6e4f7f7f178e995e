//! SQLite: each statement locks the whole file; some read or rewrite all rows.
//!
//! <https://www.sqlite.org/lang_altertable.html>: SQLite reads a table's rows to check a new column, and
//! rewrites them to drop one.

mod foreign_keys;

use sqlparser::ast::{AlterTable, AlterTableOperation, ColumnDef, ColumnOption, CreateTable, ObjectType, Statement};

pub(crate) use foreign_keys::ForeignKeys;

use crate::{impact::Impact, plan::Work};

pub(crate) fn analyse(statement: &Statement) -> Impact {
    match statement {
        Statement::CreateTable(CreateTable { query: None, .. })
        | Statement::CreateView(_)
        | Statement::CreateTrigger(_)
        | Statement::DropTrigger(_)
        | Statement::CreateVirtualTable { .. } => Impact::on_file(Work::Metadata),
        Statement::CreateTable(_) => Impact::on_file(Work::ReadsTable),
        Statement::CreateIndex(_) => Impact::on_file(Work::ReadsTable).with_reason("SQLite builds the index"),
        Statement::Drop { object_type: ObjectType::Table | ObjectType::Index | ObjectType::View, .. } => {
            Impact::on_file(Work::Metadata)
        }
        Statement::AlterTable(alter) => alter_table(alter),
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => Impact::on_file(Work::ChangesRows),
        Statement::Pragma { name, value: Some(value), .. } if foreign_keys::is_foreign_keys(name) => {
            let state = if foreign_keys::is_on(value) { "on" } else { "off" };
            Impact::lock_free(Work::Metadata).with_reason(format!("switches foreign keys {state}"))
        }
        Statement::Pragma { .. } => Impact::unknown("the effect of a pragma is unknown"),
        _ => Impact::unknown("no rule for this kind of statement"),
    }
}

fn alter_table(alter: &AlterTable) -> Impact {
    let impacts = alter.operations.iter().map(|operation| match operation {
        AlterTableOperation::AddColumn { column_def, .. } => add(column_def),
        AlterTableOperation::DropColumn { .. } => {
            Impact::on_file(Work::RewritesTable).with_reason("SQLite rewrites each row without the column")
        }
        AlterTableOperation::RenameColumn { .. } | AlterTableOperation::RenameTable { .. } => {
            Impact::on_file(Work::Metadata)
        }
        _ => Impact::unknown("no rule for this kind of ALTER TABLE"),
    });
    impacts.reduce(Impact::and).unwrap_or_else(|| Impact::unknown("the statement has no operation"))
}

fn add(column: &ColumnDef) -> Impact {
    let has = |is_it: fn(&ColumnOption) -> bool| column.options.iter().any(|option| is_it(&option.option));
    let is_generated = has(|option| matches!(option, ColumnOption::Generated { .. }));
    let is_checked = has(|option| matches!(option, ColumnOption::Check(_)))
        || (is_generated && has(|option| matches!(option, ColumnOption::NotNull)));
    if is_checked {
        Impact::on_file(Work::ReadsTable).with_reason("SQLite checks each row")
    } else {
        Impact::on_file(Work::Metadata)
    }
}
