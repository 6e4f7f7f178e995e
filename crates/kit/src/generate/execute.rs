//! Calls, executed on the scratch database through sea-query's builders.

use sea_orm_drift::model::{Action, ForeignKey as Key, Index as IndexModel, Nullability, TableName, Uniqueness};
use sea_orm_migration::{
    SchemaManager,
    sea_orm::{
        ConnectionTrait, DbBackend, DbErr,
        sea_query::{
            Alias, ColumnDef, Expr, ExprTrait, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index,
            IndexCreateStatement, Query, Table, TableCreateStatement, UpdateStatement, extension::postgres::Type,
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

pub(super) async fn execute(operations: &[Operation], manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for operation in operations {
        let calls = Calls::of(operation);
        let calls = match manager.get_database_backend() {
            DbBackend::Postgres => calls.postgres,
            DbBackend::MySql => calls.mysql,
            _ => calls.sqlite,
        };
        for call in &calls {
            one(call, manager).await?;
        }
    }
    Ok(())
}

async fn one(call: &Call, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    match call {
        Call::CreateType(it) => {
            let labels = it.labels.iter().map(|label| Alias::new(label.clone()));
            manager.create_type(Type::create().as_enum(Alias::new(it.name.clone())).values(labels).to_owned()).await
        }
        Call::DropType(name) => manager.drop_type(Type::drop().name(Alias::new(name.clone())).to_owned()).await,
        Call::CreateTable(table) => manager.create_table(create(table)).await,
        Call::DropTable(table) => manager.drop_table(Table::drop().table(reference(table)).take()).await,
        Call::RebuildTable(table) => sqlite::rebuild_table(manager, create(table)).await,
        Call::RenameTable { from, to } => {
            manager.rename_table(Table::rename().table(reference(from), reference(to)).take()).await
        }
        Call::RenameColumn { table, from, to } => {
            let (from, to) = (Alias::new(from.clone()), Alias::new(to.clone()));
            manager.alter_table(Table::alter().table(reference(table)).rename_column(from, to).take()).await
        }
        Call::AddColumn { table, column } => {
            let add = Table::alter().table(reference(table)).add_column(definition(column)).take();
            online::alter_table(manager, add).await
        }
        Call::DropColumn { table, column } => {
            let column = Alias::new(column.clone());
            manager.alter_table(Table::alter().table(reference(table)).drop_column(column).take()).await
        }
        Call::Modify { table, column } => {
            manager.alter_table(Table::alter().table(reference(table)).modify_column(modified(column)).take()).await
        }
        Call::AddForeignKey { table, key } => manager.create_foreign_key(foreign_key(table, key)).await,
        Call::DropForeignKey { table, name } => {
            manager.drop_foreign_key(ForeignKey::drop().name(name.clone()).table(reference(table)).to_owned()).await
        }
        Call::CreateIndex { table, index, pace } if is_online(table, *pace) => {
            online::create_index(manager, Alias::new(table.name.clone()), self::index(index)).await
        }
        Call::CreateIndex { table, index, .. } => {
            manager.create_index(self::index(index).table(reference(table)).take()).await
        }
        Call::DropIndex { table, index, pace } if is_online(table, *pace) => {
            online::drop_index(manager, Alias::new(table.name.clone()), &index.name).await
        }
        Call::DropIndex { table, index, .. } => {
            manager.drop_index(Index::drop().name(index.name.clone()).table(reference(table)).to_owned()).await
        }
        Call::Fill(fill) => db.execute(&update(fill)).await.map(drop),
        Call::Sql(sql) => db.execute_unprepared(sql).await.map(drop),
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
    if let Some(action) = action(key.on_delete) {
        create.on_delete(action);
    }
    if let Some(action) = action(key.on_update) {
        create.on_update(action);
    }
    create
}

fn action(action: Action) -> Option<ForeignKeyAction> {
    match action {
        Action::Refuse => None,
        Action::Cascade => Some(ForeignKeyAction::Cascade),
        Action::SetNull => Some(ForeignKeyAction::SetNull),
        Action::SetDefault => Some(ForeignKeyAction::SetDefault),
    }
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
