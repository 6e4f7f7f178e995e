//! Writes operations as the body of `up` in a SeaORM migration.

use super::{
    column::{DefaultExpr, Definition},
    operation::Operation,
};
use crate::model::{Action, ForeignKey, Generation, Index, Nullability, TableName, Uniqueness};

/// Writes each statement on a line of its own; `CREATE TABLE` has a line for each column.
pub(super) fn body(operations: &[Operation]) -> String {
    operations.iter().map(rust_statement).collect::<Vec<_>>().join("\n")
}

fn rust_statement(operation: &Operation) -> String {
    match operation {
        Operation::CreateTable { table, columns, primary_key, foreign_keys } => {
            let mut parts: Vec<String> =
                columns.iter().map(|column| format!("    .col({})", column_def(column))).collect();
            if !primary_key.is_empty() {
                parts.push(format!("    .primary_key(Index::create(){})", calls("col", primary_key)));
            }
            parts.extend(foreign_keys.iter().map(|key| format!("    .foreign_key({})", foreign_key(table, key))));
            let (table, parts) = (table_code(table), parts.join("\n"));
            format!("manager.create_table(Table::create().table({table})\n{parts}\n    .to_owned()).await?;")
        }
        Operation::AddColumns { table, columns } => alter(table, "add_column", columns),
        Operation::RenameColumn { table, from, to } => format!(
            "manager.alter_table(Table::alter().table({}).rename_column({from:?}, {to:?}).to_owned()).await?;",
            table_code(table)
        ),
        Operation::ModifyColumn { table, column } => alter(table, "modify_column", std::slice::from_ref(column)),
        Operation::CreateIndex { table, index } => {
            format!("manager.create_index({}.to_owned()).await?;", self::index(table, index))
        }
        Operation::AddForeignKey { table, key, .. } => {
            format!("manager.create_foreign_key({}.to_owned()).await?;", foreign_key(table, key))
        }
        Operation::Raw(sql) => {
            format!("manager.get_connection().execute_unprepared({}).await?;", string_literal(sql))
        }
    }
}

fn alter(table: &TableName, method: &str, columns: &[Definition]) -> String {
    let (table, is_one) = (table_code(table), columns.len() == 1);
    let calls = columns.iter().map(|column| {
        let call = format!(".{method}({})", column_def(column));
        if is_one { call } else { format!("\n    {call}") }
    });
    let calls: String = calls.collect();
    let end = if is_one { "" } else { "\n    " };
    format!("manager.alter_table(Table::alter().table({table}){calls}{end}.to_owned()).await?;")
}

fn column_def(column: &Definition) -> String {
    let mut code = format!("ColumnDef::new({:?})", column.name);
    let mut call = |method: &str| {
        code.push('.');
        code.push_str(method);
    };
    if let Some(ty) = &column.ty {
        call(&ty.method);
    }
    match column.nullability {
        Some(Nullability::NotNull) => call("not_null()"),
        Some(Nullability::Nullable) => call("null()"),
        None => {}
    }
    if let Some(default) = &column.default {
        call(&format!("default({})", default_code(default)));
    }
    if column.generation == Generation::AutoIncrement {
        call("auto_increment()");
    }
    if column.is_key {
        call("primary_key()");
    }
    if !column.extra.is_empty() {
        call(&format!("extra({:?})", column.extra.join(" ")));
    }
    code
}

pub(super) fn default_code(default: &DefaultExpr) -> String {
    match default {
        DefaultExpr::Integer(number) if i32::try_from(*number).is_ok() => number.to_string(),
        DefaultExpr::Integer(number) => format!("{number}_i64"),
        DefaultExpr::Float(number) => format!("{number:?}"),
        DefaultExpr::Boolean(boolean) => boolean.to_string(),
        DefaultExpr::Text(text) => format!("{text:?}"),
        DefaultExpr::Now => "Expr::current_timestamp()".to_owned(),
        DefaultExpr::Expression(text) => format!("Expr::cust({text:?})"),
    }
}

fn index(table: &TableName, index: &Index) -> String {
    let columns = calls("col", &index.columns);
    let unique = if index.uniqueness == Uniqueness::Unique { ".unique()" } else { "" };
    format!("Index::create().name({:?}).table({}){columns}{unique}", index.name, table_code(table))
}

fn foreign_key(table: &TableName, key: &ForeignKey) -> String {
    let action_call = |method: &str, action: Action| {
        let call = action.to_sea_query().map(|action| format!(".{method}(ForeignKeyAction::{action:?})"));
        call.unwrap_or_default()
    };
    format!(
        "ForeignKey::create().name({:?}).from_tbl({}){}.to_tbl({}){}{}{}",
        key.name,
        table_code(table),
        calls("from_col", &key.columns),
        table_code(&key.target),
        calls("to_col", &key.target_columns),
        action_call("on_delete", key.on_delete),
        action_call("on_update", key.on_update)
    )
}

/// One call of `method` for each column.
fn calls(method: &str, columns: &[String]) -> String {
    columns.iter().fold(String::new(), |code, column| format!("{code}.{method}({column:?})"))
}

/// A string literal, a raw one if the SQL has double quotes.
fn string_literal(sql: &str) -> String {
    let is_raw = sql.contains('"') && !sql.contains("\"#") && !sql.contains(['\r', '\n']);
    if is_raw { format!("r#\"{sql}\"#") } else { format!("{sql:?}") }
}

fn table_code(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("({schema:?}, {:?})", table.name),
        None => format!("{:?}", table.name),
    }
}
