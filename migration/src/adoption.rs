//! What was there before a migration came, so that its `down` removes only what its `up` added.
//!
//! PostgreSQL and SQLite keep it in a table of its own, made when the first object is adopted and dropped with the last, in
//! the transaction of the migration. MySQL and MariaDB commit each statement by itself, so there it is what was *added* that
//! says so, in its comment: a run that is killed at any point leaves no doubt.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

/// The comment of what a migration adds on MySQL and MariaDB.
pub(crate) fn creation_comment(manager: &SchemaManager<'_>, migration: &str) -> Option<String> {
    (manager.get_database_backend() == DbBackend::MySql).then(|| format!("added by {migration}"))
}

/// Of a table and its columns, those that `migration` added. A table is named, too.
pub(crate) async fn created_by(
    manager: &SchemaManager<'_>,
    migration: &str,
    table: &str,
    present: Vec<String>,
) -> Result<Vec<String>, DbErr> {
    let is_created: Box<dyn Fn(&String) -> bool + Send> = if let Some(comment) = creation_comment(manager, migration) {
        let created = with_comment(manager, table, &comment).await?;
        Box::new(move |object| created.contains(object))
    } else {
        let adopted = recall(manager, migration).await?;
        Box::new(move |object| !adopted.contains(object))
    };
    Ok(present.into_iter().filter(is_created).collect())
}

/// The table and the columns that have that comment.
async fn with_comment(manager: &SchemaManager<'_>, table: &str, comment: &str) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES \
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND TABLE_COMMENT = ? \
               UNION ALL SELECT CAST(COLUMN_NAME AS CHAR) FROM information_schema.COLUMNS \
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_COMMENT = ?";
    let values = [table.into(), comment.into(), table.into(), comment.into()];
    let query = Statement::from_sql_and_values(DbBackend::MySql, sql, values);
    let rows = manager.get_connection().query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Writes down that `objects` were there before `migration`.
pub(crate) async fn remember(manager: &SchemaManager<'_>, migration: &str, objects: &[String]) -> Result<(), DbErr> {
    if objects.is_empty() || creation_comment(manager, migration).is_some() {
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

/// Ends the `down` of a migration: what it adopted is on record no longer. The table goes with its last row.
pub(crate) async fn forget(manager: &SchemaManager<'_>, migration: &str) -> Result<(), DbErr> {
    if !manager.has_table(Adopted::Table.to_string()).await? {
        return Ok(());
    }
    let its = Expr::col(Adopted::Migration).eq(migration);
    manager.get_connection().execute(&Query::delete().from_table(Adopted::Table).and_where(its).take()).await?;
    let anything = Query::select().column(Adopted::Object).from(Adopted::Table).limit(1).take();
    if manager.get_connection().query_one(&anything).await?.is_none() {
        manager.drop_table(Table::drop().table(Adopted::Table).take()).await?;
    }
    Ok(())
}

/// The objects that were there before `migration`.
async fn recall(manager: &SchemaManager<'_>, migration: &str) -> Result<Vec<String>, DbErr> {
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
