//! Columns that store less than their field holds, as MySQL and MariaDB create them.

use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::{
    operation::{Operation, Step},
    spec::ColumnSpec,
};

/// What to know of the columns that get a type in these operations on MySQL or MariaDB.
pub(super) fn remarks(operations: &[Operation]) -> Vec<String> {
    let rounds = |column: &&ColumnSpec| matches!(column.ty, ColumnType::Decimal(None) | ColumnType::Money(None));
    let of_operation = |operation: &Operation| {
        let (table, columns): (_, Vec<&ColumnSpec>) = match operation {
            Operation::CreateTable(table) => (&table.name, table.columns.iter().collect()),
            Operation::AlterTable { before, steps, .. } => (&before.name, steps.iter().filter_map(retyped).collect()),
            _ => return Vec::new(),
        };
        columns.into_iter().filter(rounds).map(|column| format!("{table}.{}", column.name)).collect()
    };
    let remark = |object: String| {
        format!(
            "{object} says no digits, so that MySQL and MariaDB store whole numbers, `decimal(10, 0)`, and round others: declare \
             `column_type = \"Decimal(Some((10, 2)))\"`"
        )
    };
    operations.iter().flat_map(of_operation).map(remark).collect()
}

fn retyped(step: &Step) -> Option<&ColumnSpec> {
    match step {
        Step::AddColumn(column) => Some(column),
        Step::ModifyColumn { from, to } if from.ty != to.ty => Some(to),
        _ => None,
    }
}
