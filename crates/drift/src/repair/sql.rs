//! Operations as SQL, by sea-query's builders, so that names and values are quoted as the database expects.

use sea_orm::sea_query::{
    ColumnDef, Expr, ForeignKey as SeaQueryKey, ForeignKeyCreateStatement, Index as SeaQueryIndex,
    IndexCreateStatement, MysqlQueryBuilder, PostgresQueryBuilder, SchemaStatementBuilder, SqliteQueryBuilder, Table,
    TableAlterStatement, TableRef,
};

use super::{
    column::{DefaultExpr, Definition},
    operation::{Operation, Validation},
    quote::{expression, quoted, quoted_table},
};
use crate::model::{Dialect, ForeignKey, Generation, Index, Nullability, TableName, Uniqueness};

pub(super) fn statements(operation: &Operation, dialect: Dialect) -> Vec<String> {
    match operation {
        Operation::CreateTable { table, columns, primary_key, foreign_keys } => {
            let mut create = Table::create().table(table_ref(table)).to_owned();
            for column in columns {
                create.col(column_def(column));
            }
            if !primary_key.is_empty() {
                let mut key = SeaQueryIndex::create();
                for column in primary_key {
                    key.col(column.clone());
                }
                create.primary_key(&mut key);
            }
            for key in foreign_keys {
                create.foreign_key(&mut foreign_key(table, key));
            }
            vec![built(&create, dialect)]
        }
        // SQLite adds one column a statement.
        Operation::AddColumns { table, columns } => {
            let at_once = if dialect == Dialect::Sqlite { 1 } else { columns.len().max(1) };
            columns.chunks(at_once).map(|columns| built(&add_columns(table, columns), dialect)).collect()
        }
        Operation::RenameColumn { table, from, to } => {
            vec![built(Table::alter().table(table_ref(table)).rename_column(from.clone(), to.clone()), dialect)]
        }
        Operation::ModifyColumn { table, column } => {
            let modify = Table::alter().table(table_ref(table)).modify_column(column_def(column)).to_owned();
            vec![built(&modify, dialect)]
        }
        Operation::CreateIndex { table, index } => vec![built(&self::index(table, index), dialect)],
        Operation::AddForeignKey { table, key, validation } => {
            let add = built(&foreign_key(table, key), dialect);
            match validation {
                Validation::AtOnce => vec![add],
                Validation::Apart => {
                    let (table, name) = (quoted_table(table, dialect), quoted(&key.name, dialect));
                    vec![format!("{add} NOT VALID"), format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")]
                }
            }
        }
        Operation::Raw(sql) => vec![sql.clone()],
    }
}

fn add_columns(table: &TableName, columns: &[Definition]) -> TableAlterStatement {
    let mut alter = Table::alter().table(table_ref(table)).to_owned();
    for column in columns {
        alter.add_column(column_def(column));
    }
    alter
}

fn built(statement: &impl SchemaStatementBuilder, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => statement.to_string(PostgresQueryBuilder),
        Dialect::MySql | Dialect::MariaDb => statement.to_string(MysqlQueryBuilder),
        Dialect::Sqlite => statement.to_string(SqliteQueryBuilder),
    }
}

fn column_def(column: &Definition) -> ColumnDef {
    let mut definition = match &column.ty {
        Some(ty) => ColumnDef::new_with_type(column.name.clone(), ty.statement.clone()),
        None => ColumnDef::new(column.name.clone()),
    };
    match column.nullability {
        Some(Nullability::NotNull) => {
            definition.not_null();
        }
        Some(Nullability::Nullable) => {
            definition.null();
        }
        None => {}
    }
    if let Some(default) = &column.default {
        definition.default(value(default));
    }
    if column.generation == Generation::AutoIncrement {
        definition.auto_increment();
    }
    if column.is_key {
        definition.primary_key();
    }
    if !column.extra.is_empty() {
        definition.extra(column.extra.join(" "));
    }
    definition
}

pub(super) fn value(default: &DefaultExpr) -> Expr {
    match default {
        DefaultExpr::Integer(number) => Expr::val(*number),
        DefaultExpr::Float(number) => Expr::val(*number),
        DefaultExpr::Boolean(truth) => Expr::val(*truth),
        DefaultExpr::Text(text) => Expr::val(text.clone()),
        DefaultExpr::Now => Expr::current_timestamp(),
        DefaultExpr::Expression(text) => Expr::cust(text.clone()),
    }
}

fn index(table: &TableName, index: &Index) -> IndexCreateStatement {
    let mut create = SeaQueryIndex::create().name(index.name.clone()).table(table_ref(table)).to_owned();
    for column in &index.columns {
        create.col(column.clone());
    }
    if index.uniqueness == Uniqueness::Unique {
        create.unique();
    }
    create
}

fn foreign_key(table: &TableName, key: &ForeignKey) -> ForeignKeyCreateStatement {
    let mut create = SeaQueryKey::create().name(key.name.clone()).from_tbl(table_ref(table)).to_owned();
    create.to_tbl(table_ref(&key.target));
    for column in &key.columns {
        create.from_col(column.clone());
    }
    for column in &key.target_columns {
        create.to_col(column.clone());
    }
    if let Some(action) = key.on_delete.to_sea_query() {
        create.on_delete(action);
    }
    if let Some(action) = key.on_update.to_sea_query() {
        create.on_update(action);
    }
    create
}

fn table_ref(table: &TableName) -> TableRef {
    match &table.schema {
        Some(schema) => (schema.clone(), table.name.clone()).into(),
        None => table.name.clone().into(),
    }
}

/// A default after `SET DEFAULT`; MySQL takes an expression in parentheses only.
pub(super) fn written(default: &DefaultExpr, dialect: Dialect) -> String {
    let text = expression(value(default), dialect);
    match default {
        DefaultExpr::Now | DefaultExpr::Expression(_) => format!("({text})"),
        DefaultExpr::Integer(_) | DefaultExpr::Float(_) | DefaultExpr::Boolean(_) | DefaultExpr::Text(_) => text,
    }
}
