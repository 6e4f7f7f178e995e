//! A new column with a `CHECK` that existing rows violate (MariaDB). The server adds the column without checking them, and
//! then rejects each update of such a row.

use sea_orm_migration::sea_orm::{DbBackend, Statement as Query};
use sqlparser::ast::{AlterTableOperation, ColumnDef, ColumnOption, DataType, Expr, Statement};

use crate::{
    catalog::Catalog,
    plan::{PlannedMigration, Warning, Work},
    server::{Product, Server},
    sql,
};

/// Adds a warning to each statement that adds such a column to an existing table.
pub(super) fn add_warnings(migration: &mut PlannedMigration, server: &Server, catalog: &Catalog) {
    if server.product != Product::MariaDB {
        return;
    }
    for statement in &mut migration.statements {
        let is_on_new_table = statement.locks.iter().flatten().all(|lock| lock.is_new_table);
        if statement.work != Work::Metadata || is_on_new_table {
            continue;
        }
        let Ok(parsed) = sql::parse(DbBackend::MySql, &statement.sql) else { continue };
        let columns = parsed.iter().flat_map(added_columns);
        statement.warnings.extend(columns.filter_map(|column| warning(column, catalog)));
    }
}

fn added_columns(statement: &Statement) -> Vec<&ColumnDef> {
    let Statement::AlterTable(alter) = statement else { return Vec::new() };
    let added = alter.operations.iter().filter_map(|operation| match operation {
        AlterTableOperation::AddColumn { column_def, .. } => Some(column_def),
        _ => None,
    });
    added.collect()
}

fn warning(column: &ColumnDef, catalog: &Catalog) -> Option<Warning> {
    let check = column.options.iter().find_map(|option| match &option.option {
        ColumnOption::Check(check) => Some(check.expr.as_ref()),
        _ => None,
    })?;
    let value = value_of_existing_rows(column)?;
    if satisfies(&value, column, check, catalog) == Some(true) {
        return None;
    }
    Some(Warning {
        rule: "unchecked-rows".to_owned(),
        message: format!(
            "MariaDB does not check existing rows: they get {} = {value}, and where that violates CHECK ({check}) every \
             UPDATE of the row fails with error 4025",
            column.name
        ),
        help: Some("choose a default that satisfies the CHECK, or add the CHECK in a statement of its own".to_owned()),
    })
}

/// The value that existing rows get, as an expression; `None` for NULL, which violates no `CHECK`.
fn value_of_existing_rows(column: &ColumnDef) -> Option<String> {
    let default = column.options.iter().find_map(|option| match &option.option {
        ColumnOption::Default(default) => Some(default.to_string()),
        _ => None,
    });
    let is_required = column.options.iter().any(|option| matches!(option.option, ColumnOption::NotNull));
    match default {
        Some(default) => (!default.eq_ignore_ascii_case("null")).then_some(default),
        None => is_required.then(|| zero_value(&column.data_type).to_owned()),
    }
}

/// The implicit default of `NOT NULL`. <https://mariadb.com/kb/en/data-types-numeric-data-types/>
fn zero_value(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Date | DataType::Datetime(_) | DataType::Timestamp(..) => "'0000-00-00 00:00:00'",
        DataType::Time(..) => "'00:00:00'",
        DataType::Char(_)
        | DataType::Varchar(_)
        | DataType::TinyText
        | DataType::Text
        | DataType::MediumText
        | DataType::LongText
        | DataType::Binary(_)
        | DataType::Varbinary(_)
        | DataType::Blob(_) => "''",
        _ => "0",
    }
}

/// Whether the value satisfies the `CHECK`, as the server evaluates it; `None` if other columns decide.
fn satisfies(value: &str, column: &ColumnDef, check: &Expr, catalog: &Catalog) -> Option<bool> {
    let name = &column.name;
    let query =
        format!("SELECT CAST(COALESCE(({check}), 1) <> 0 AS CHAR) FROM (SELECT {value} AS {name}) AS existing_row");
    let answer = catalog.query_text(Query::from_string(DbBackend::MySql, query)).ok()?;
    Some(answer == "1")
}
