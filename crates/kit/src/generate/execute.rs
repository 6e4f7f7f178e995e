//! Calls, executed on the scratch database through sea-query's builders.

use sea_orm_drift::model::{ForeignKey as Key, Index as IndexModel, Nullability, TableName, Uniqueness};
use sea_orm_migration::{
    SchemaManager,
    sea_orm::{
        ConnectionTrait, DbBackend, DbErr, StatementBuilder,
        sea_query::{
            Alias, ColumnDef, Expr, ExprTrait, ForeignKey, ForeignKeyCreateStatement, Index, IndexCreateStatement,
            Query, Table, TableCreateStatement, UpdateStatement, extension::postgres::Type,
        },
    },
};
use sea_orm_runner::{online, sqlite};

use super::{
    call::{Call, Calls, Modified, bare, check_names},
    definition::{definition, reference, spelt},
    operation::{Fill, Operation, Pace, Value},
    spec::TableSpec,
};

/// Statement by statement, as the written migration does it.
pub(super) async fn execute(operations: &[Operation], manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    run(operations, Statements { manager, waiting: None }).await
}

/// The same with fewer round trips: only where nothing has to be outside a transaction.
pub(super) async fn execute_together(operations: &[Operation], manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    run(operations, Statements { manager, waiting: Some(Vec::new()) }).await
}

async fn run(operations: &[Operation], mut statements: Statements<'_>) -> Result<(), DbErr> {
    let backend = statements.manager.get_database_backend();
    for operation in operations {
        let calls = Calls::of(operation);
        let calls = match backend {
            DbBackend::Postgres => calls.postgres,
            DbBackend::MySql => calls.mysql,
            _ => calls.sqlite,
        };
        for call in &calls {
            one(call, &mut statements).await?;
        }
    }
    statements.send().await
}

/// Statements on their way to the scratch database.
struct Statements<'a> {
    manager: &'a SchemaManager<'a>,
    /// Those that wait for others, where they are sent together.
    waiting: Option<Vec<String>>,
}

/// Far below the size of a packet that any server takes.
const MOST_TOGETHER: usize = 100;

impl Statements<'_> {
    async fn add(&mut self, statement: &impl StatementBuilder) -> Result<(), DbErr> {
        if self.waiting.is_none() {
            return self.manager.get_connection().execute(statement).await.map(drop);
        }
        let sql = self.manager.get_database_backend().build(statement).to_string();
        self.add_sql(sql).await
    }

    async fn add_sql(&mut self, sql: String) -> Result<(), DbErr> {
        match &mut self.waiting {
            None => self.manager.get_connection().execute_unprepared(&sql).await.map(drop),
            Some(waiting) => {
                waiting.push(sql);
                if waiting.len() < MOST_TOGETHER { Ok(()) } else { self.send().await }
            }
        }
    }

    async fn send(&mut self) -> Result<(), DbErr> {
        let waiting = self.waiting.as_mut().map(std::mem::take).unwrap_or_default();
        if waiting.is_empty() {
            return Ok(());
        }
        self.manager.get_connection().execute_unprepared(&waiting.join(";\n")).await.map(drop)
    }

    /// For what sends its statements itself.
    async fn manager(&mut self) -> Result<&SchemaManager<'_>, DbErr> {
        self.send().await?;
        Ok(self.manager)
    }
}

async fn one(call: &Call, statements: &mut Statements<'_>) -> Result<(), DbErr> {
    match call {
        Call::CreateType(it) => {
            let labels = it.labels.iter().map(|label| Alias::new(label.clone()));
            statements.add(Type::create().as_enum(Alias::new(it.name.clone())).values(labels)).await
        }
        Call::DropType(name) => statements.add(Type::drop().name(Alias::new(name.clone()))).await,
        Call::CreateTable(table) => statements.add(&create(table)).await,
        Call::DropTable(table) => statements.add(Table::drop().table(reference(table))).await,
        Call::RebuildTable(table, values) => {
            let values = values.iter().map(|(column, value)| (Alias::new(column.clone()), Expr::cust(value.clone())));
            sqlite::rebuild_table_with(statements.manager().await?, create(table), values).await
        }
        Call::RenameTable { from, to } => statements.add(Table::rename().table(reference(from), reference(to))).await,
        Call::RenameColumn { table, from, to } => {
            let (from, to) = (Alias::new(from.clone()), Alias::new(to.clone()));
            statements.add(Table::alter().table(reference(table)).rename_column(from, to)).await
        }
        Call::AddColumn { table, column } => {
            let add = Table::alter().table(reference(table)).add_column(definition(column)).take();
            online::alter_table(statements.manager().await?, add).await
        }
        Call::DropColumn { table, column } => {
            let column = Alias::new(column.clone());
            statements.add(Table::alter().table(reference(table)).drop_column(column)).await
        }
        Call::Modify { table, column } => {
            statements.add(Table::alter().table(reference(table)).modify_column(modified(column))).await
        }
        Call::AddForeignKey { table, key } => statements.add(&foreign_key(table, key)).await,
        Call::DropForeignKey { table, name } => {
            statements.add(ForeignKey::drop().name(name.clone()).table(reference(table))).await
        }
        Call::CreateIndex { table, index, pace } if is_online(table, *pace) => {
            let manager = statements.manager().await?;
            online::create_index(manager, Alias::new(table.name.clone()), self::index(index)).await
        }
        Call::CreateIndex { table, index, .. } => statements.add(self::index(index).table(reference(table))).await,
        Call::DropIndex { table, index, pace } if is_online(table, *pace) => {
            let manager = statements.manager().await?;
            online::drop_index(manager, Alias::new(table.name.clone()), &index.name).await
        }
        Call::DropIndex { table, index, .. } => {
            statements.add(Index::drop().name(index.name.clone()).table(reference(table))).await
        }
        Call::Fill(fill) => statements.manager().await?.get_connection().execute(&update(fill)).await.map(drop),
        Call::Sql(sql) => statements.add_sql(sql.clone()).await,
    }
}

/// What is built while others write knows no schemas.
pub(super) fn is_online(table: &TableName, pace: Pace) -> bool {
    pace == Pace::Online && table.schema.is_none()
}

fn create(table: &TableSpec) -> TableCreateStatement {
    let mut create = Table::create().table(reference(&table.name)).take();
    for column in &table.columns {
        let mut definition = definition(column);
        if table.primary_key == [column.name.clone()] {
            definition.primary_key();
        }
        if table.uniques.iter().any(|unique| unique.columns == [column.name.clone()]) {
            definition.unique_key();
        }
        create.col(definition);
    }
    if table.primary_key.len() > 1 {
        create.primary_key(&mut columns_of(&table.primary_key));
    }
    for unique in table.uniques.iter().filter(|unique| unique.columns.len() > 1) {
        create.index(columns_of(&unique.columns).unique());
    }
    for key in &table.foreign_keys {
        create.foreign_key(&mut foreign_key(&table.name, key));
    }
    for (check, name) in table.checks.iter().zip(check_names(table)) {
        create.check((Alias::new(name), Expr::cust(bare(&check.text).to_owned())));
    }
    create
}

fn columns_of(columns: &[String]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(Alias::new(column.clone()));
    }
    key
}

fn modified(column: &Modified) -> ColumnDef {
    let name = Alias::new(column.name.clone());
    let mut definition = match &column.ty {
        Some(ty) => ColumnDef::new_with_type(name, spelt(ty)),
        None => ColumnDef::new(name),
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
        definition.default(Expr::from(default));
    }
    if column.is_generated {
        definition.auto_increment();
    }
    if let Some(using) = &column.using {
        definition.using(Expr::cust(using.clone()));
    }
    if let Some(extra) = &column.extra {
        definition.extra(extra.clone());
    }
    definition
}

fn index(index: &IndexModel) -> IndexCreateStatement {
    let mut create = columns_of(&index.columns);
    create.name(index.name.clone());
    if index.uniqueness == Uniqueness::Unique {
        create.unique();
    }
    create
}

fn foreign_key(table: &TableName, key: &Key) -> ForeignKeyCreateStatement {
    let mut create = ForeignKey::create().name(key.name.clone()).from_tbl(reference(table)).take();
    create.to_tbl(reference(&key.target));
    for column in &key.columns {
        create.from_col(Alias::new(column.clone()));
    }
    for column in &key.target_columns {
        create.to_col(Alias::new(column.clone()));
    }
    if let Some(action) = key.on_delete.to_sea_query() {
        create.on_delete(action);
    }
    if let Some(action) = key.on_update.to_sea_query() {
        create.on_update(action);
    }
    create
}

/// All rows at once: the scratch database has none.
fn update(fill: &Fill) -> UpdateStatement {
    let value = match &fill.value {
        Value::Sql(sql) => Expr::cust(sql.clone()),
        Value::Constant(value) => Expr::from(value),
    };
    let column = Alias::new(fill.column.clone());
    Query::update()
        .table(reference(&fill.table))
        .value(column.clone(), value)
        .and_where(Expr::col(column).is_null())
        .take()
}
