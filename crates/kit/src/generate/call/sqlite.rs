//! SQLite, whose `ALTER TABLE` can do little.

use sea_orm_drift::DefaultExpr;
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::{sqlite_values::converted, statement::Call};
use crate::generate::{
    operation::Step,
    spec::{ColumnSpec, TableSpec},
};

/// SQLite adds plain columns and drops those that nothing else names; for all else the table is made anew.
pub(super) fn on_sqlite(before: &TableSpec, after: &TableSpec, steps: &[Step]) -> Vec<Call> {
    let table = || before.name.clone();
    let is_rebuilt = is_rebuilt(before, steps);
    let native = steps.iter().filter_map(|step| match step {
        // A column with a default is added first, so that the rows to copy have a value in it.
        Step::AddColumn(column) if is_native(step, before) && (!is_rebuilt || column.default.is_some()) => {
            Some(Call::AddColumn { table: table(), column: column.clone() })
        }
        Step::DropColumn(column) if !is_rebuilt => {
            Some(Call::DropColumn { table: table(), column: column.name.clone() })
        }
        _ => None,
    });
    let mut calls: Vec<Call> = native.collect();
    if is_rebuilt {
        let mut after = after.clone();
        // SQLite generates values only for a primary key of one column.
        for column in &mut after.columns {
            column.is_generated &= after.primary_key == [column.name.clone()];
            if column.is_generated && column.is_rowid {
                *column = ColumnSpec { ty: ColumnType::Integer, is_generated: false, ..column.clone() };
            }
        }
        let values = steps.iter().filter_map(|step| {
            let Step::ModifyColumn { from, to } = step else { return None };
            Some((to.name.clone(), converted(from, to)?))
        });
        calls.push(Call::RebuildTable(after, values.collect()));
    }
    calls
}

/// Whether SQLite makes the table anew.
pub(in crate::generate) fn is_rebuilt(before: &TableSpec, steps: &[Step]) -> bool {
    !steps.iter().all(|step| is_native(step, before))
}

fn is_native(step: &Step, before: &TableSpec) -> bool {
    match step {
        Step::AddColumn(column) => {
            let is_constant = !matches!(column.default, Some(DefaultExpr::Now | DefaultExpr::Expression(_)));
            !column.is_required() && is_constant && !column.is_generated && column.extra.is_none()
        }
        Step::DropColumn(column) => {
            let names = |columns: &[String]| columns.contains(&column.name);
            !names(&before.primary_key)
                && !before.foreign_keys.iter().any(|key| names(&key.columns))
                && !before.uniques.iter().any(|unique| names(&unique.columns))
                && !before.checks.iter().any(|check| names(&check.columns))
        }
        Step::ModifyColumn { .. }
        | Step::AddPrimaryKey(_)
        | Step::DropPrimaryKey(_)
        | Step::AddForeignKey(_)
        | Step::DropForeignKey(_)
        | Step::AddUnique(_)
        | Step::DropUnique(_)
        | Step::AddCheck(_)
        | Step::DropCheck(_) => false,
    }
}
