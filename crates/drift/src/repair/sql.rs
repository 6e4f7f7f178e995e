//! Steps in the SQL of a backend, written by sea-query's own builders, so that names and values are quoted as there.

use sea_orm::sea_query::{
    ColumnDef, DynIden, Expr, ForeignKey as SeaQueryKey, ForeignKeyAction, ForeignKeyCreateStatement,
    Index as SeaQueryIndex, IndexCreateStatement, MysqlQueryBuilder, PostgresQueryBuilder, Query, QuotedBuilder,
    SchemaStatementBuilder, SqliteQueryBuilder, Table, TableRef,
};

use super::{
    column::{Definition, Given},
    step::{Step, Validation},
};
use crate::model::{Action, Dialect, ForeignKey, Generation, Index, Nullability, TableName, Uniqueness};

pub(super) fn statements(step: &Step, dialect: Dialect) -> Vec<String> {
    match step {
        Step::CreateTable { table, columns, primary_key, foreign_keys } => {
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
        Step::AddColumn { table, column } => {
            let add = Table::alter().table(table_ref(table)).add_column(column_def(column)).to_owned();
            vec![built(&add, dialect)]
        }
        Step::ModifyColumn { table, column } => {
            let modify = Table::alter().table(table_ref(table)).modify_column(column_def(column)).to_owned();
            vec![built(&modify, dialect)]
        }
        Step::CreateIndex { table, index } => vec![built(&self::index(table, index), dialect)],
        Step::AddForeignKey { table, key, validation } => {
            let add = built(&foreign_key(table, key), dialect);
            match validation {
                Validation::AtOnce => vec![add],
                Validation::Apart => {
                    let (table, name) = (quoted_table(table, dialect), quoted(&key.name, dialect));
                    vec![format!("{add} NOT VALID"), format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")]
                }
            }
        }
        Step::Raw(sql) => vec![sql.clone()],
    }
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

fn value(default: &Given) -> Expr {
    match default {
        Given::Integer(number) => Expr::val(*number),
        Given::Float(number) => Expr::val(*number),
        Given::Boolean(truth) => Expr::val(*truth),
        Given::Text(text) => Expr::val(text.clone()),
        Given::Now => Expr::current_timestamp(),
        Given::Expression(text) => Expr::cust(text.clone()),
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
    if let Some(action) = action(key.on_delete) {
        create.on_delete(action);
    }
    if let Some(action) = action(key.on_update) {
        create.on_update(action);
    }
    create
}

/// `None` for what is done where nothing is said.
fn action(action: Action) -> Option<ForeignKeyAction> {
    match action {
        Action::Refuse => None,
        Action::Cascade => Some(ForeignKeyAction::Cascade),
        Action::SetNull => Some(ForeignKeyAction::SetNull),
        Action::SetDefault => Some(ForeignKeyAction::SetDefault),
    }
}

fn table_ref(table: &TableName) -> TableRef {
    match &table.schema {
        Some(schema) => (schema.clone(), table.name.clone()).into(),
        None => table.name.clone().into(),
    }
}

/// A default behind `SET DEFAULT`; MySQL takes an expression in parentheses only.
pub(super) fn written(default: &Given, dialect: Dialect) -> String {
    let text = expression(value(default), dialect);
    match default {
        Given::Now | Given::Expression(_) => format!("({text})"),
        Given::Integer(_) | Given::Float(_) | Given::Boolean(_) | Given::Text(_) => text,
    }
}

/// A text constant.
pub(super) fn literal(text: &str, dialect: Dialect) -> String {
    expression(Expr::val(text), dialect)
}

fn expression(expression: Expr, dialect: Dialect) -> String {
    let select = Query::select().expr(expression).take();
    let text = match dialect {
        Dialect::Postgres => select.to_string(PostgresQueryBuilder),
        Dialect::MySql | Dialect::MariaDb => select.to_string(MysqlQueryBuilder),
        Dialect::Sqlite => select.to_string(SqliteQueryBuilder),
    };
    text.strip_prefix("SELECT ").unwrap_or(&text).to_owned()
}

/// A name in the quotes of the dialect.
pub(super) fn quoted(name: &str, dialect: Dialect) -> String {
    let name = DynIden::from(name.to_owned());
    let mut sql = String::new();
    match dialect {
        Dialect::Postgres => PostgresQueryBuilder.prepare_iden(&name, &mut sql),
        Dialect::MySql | Dialect::MariaDb => MysqlQueryBuilder.prepare_iden(&name, &mut sql),
        Dialect::Sqlite => SqliteQueryBuilder.prepare_iden(&name, &mut sql),
    }
    sql
}

pub(super) fn quoted_table(table: &TableName, dialect: Dialect) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("{}.", quoted(schema, dialect))).unwrap_or_default();
    format!("{schema}{}", quoted(&table.name, dialect))
}
