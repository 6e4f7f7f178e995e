//! What was there before a migration came, so that its `down` removes only what its `up` added.
//!
//! Kept in a table of its own, made when the first object is adopted and dropped with the last. On MySQL and MariaDB it
//! also says of each migration that it has looked, as long as that is applied.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

/// Stands for "this migration has looked": what a run that was killed finds is then its own work.
const LOOKED: &str = "";

/// Writes down that `objects` were there before `migration`, the first time that it runs.
pub(crate) async fn remember(manager: &SchemaManager<'_>, migration: &str, objects: &[String]) -> Result<(), DbErr> {
    if is_transactional(manager) {
        return write(manager, migration, objects).await;
    }
    if recall(manager, migration).await?.contains(&LOOKED.to_owned()) {
        return Ok(());
    }
    write(manager, migration, objects).await?;
    write(manager, migration, &[LOOKED.to_owned()]).await
}

/// Whether DDL that is killed half-way has never been.
fn is_transactional(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() != DbBackend::MySql
}

async fn write(manager: &SchemaManager<'_>, migration: &str, objects: &[String]) -> Result<(), DbErr> {
    if objects.is_empty() {
        return Ok(());
    }
    let table = Table::create()
        .table(Adopted::Table)
        .if_not_exists()
        .col(string_len(Adopted::Migration, 128))
        .col(string_len(Adopted::Object, 128))
        .primary_key(Index::create().col(Adopted::Migration).col(Adopted::Object))
        .take();
    manager.create_table(table).await?;
    let known = recall(manager, migration).await?;
    for object in objects.iter().filter(|object| !known.contains(object)) {
        let insert = Query::insert()
            .into_table(Adopted::Table)
            .columns([Adopted::Migration, Adopted::Object])
            .values_panic([migration.into(), object.into()])
            .take();
        manager.get_connection().execute(&insert).await?;
    }
    Ok(())
}

/// Ends the `down` of a migration: what it adopted is on record no longer.
///
/// Where a run that is killed here leaves what it has done, the migration itself goes off the record in the same statement:
/// a `down` that ran again without knowing what was adopted would drop it.
pub(crate) async fn forget(manager: &SchemaManager<'_>, migration: &str) -> Result<(), DbErr> {
    if !is_transactional(manager) && manager.has_table(Adopted::Table.to_string()).await? {
        let sql = "DELETE applied, adopted FROM seaql_migrations AS applied \
                   LEFT JOIN call_log_adopted AS adopted ON adopted.migration = applied.version WHERE applied.version = ?";
        let both = Statement::from_sql_and_values(DbBackend::MySql, sql, [migration.into()]);
        manager.get_connection().execute_raw(both).await?;
    }
    erase(manager, Expr::col(Adopted::Migration).eq(migration)).await
}

/// The table goes with its last row.
async fn erase(manager: &SchemaManager<'_>, rows: Expr) -> Result<(), DbErr> {
    if !manager.has_table(Adopted::Table.to_string()).await? {
        return Ok(());
    }
    let delete = Query::delete().from_table(Adopted::Table).and_where(rows).take();
    manager.get_connection().execute(&delete).await?;
    let anything = Query::select().column(Adopted::Object).from(Adopted::Table).limit(1).take();
    if manager.get_connection().query_one(&anything).await?.is_none() {
        manager.drop_table(Table::drop().table(Adopted::Table).take()).await?;
    }
    Ok(())
}

/// The objects that were there before `migration`.
pub(crate) async fn recall(manager: &SchemaManager<'_>, migration: &str) -> Result<Vec<String>, DbErr> {
    if !manager.has_table(Adopted::Table.to_string()).await? {
        return Ok(Vec::new());
    }
    let select = Query::select()
        .column(Adopted::Object)
        .from(Adopted::Table)
        .and_where(Expr::col(Adopted::Migration).eq(migration))
        .order_by(Adopted::Object, Order::Asc)
        .take();
    let rows = manager.get_connection().query_all(&select).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

#[derive(DeriveIden)]
enum Adopted {
    #[sea_orm(iden = "call_log_adopted")]
    Table,
    Migration,
    Object,
}
