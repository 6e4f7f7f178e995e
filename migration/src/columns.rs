//! Columns that a migration adds to a table that may have some of them already, and its `down` drops again.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};
use sea_orm_runner::online;

use crate::adoption;

/// Adds those that are missing; the others are adopted.
pub(crate) async fn add(
    manager: &SchemaManager<'_>,
    migration: &str,
    table: impl IntoIden,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    let table = table.into_iden();
    let (present, missing) = split_by_presence(manager, &table, columns).await?;
    adoption::remember(manager, migration, &present).await?;
    let comment = adoption::creation_comment(manager, migration);
    alter(manager, &table, missing, |alter, mut column| {
        if let Some(comment) = &comment {
            column.comment(comment);
        }
        alter.add_column(&mut column);
    })
    .await
}

/// Drops those that [`add`] added.
pub(crate) async fn drop(
    manager: &SchemaManager<'_>,
    migration: &str,
    table: impl IntoIden,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    let table = table.into_iden();
    let (present, _) = split_by_presence(manager, &table, columns).await?;
    let added = adoption::created_by(manager, migration, &table.to_string(), present).await?;
    alter(manager, &table, added, |alter, column| {
        alter.drop_column(column);
    })
    .await?;
    adoption::forget(manager, migration).await
}

/// The names of the columns that the table has, and those it has not.
async fn split_by_presence(
    manager: &SchemaManager<'_>,
    table: &DynIden,
    columns: Vec<ColumnDef>,
) -> Result<(Vec<String>, Vec<ColumnDef>), DbErr> {
    let (mut present, mut missing) = (Vec::new(), Vec::new());
    for column in columns {
        if manager.has_column(table.to_string(), column.get_column_name()).await? {
            present.push(column.get_column_name());
        } else {
            missing.push(column);
        }
    }
    Ok((present, missing))
}

/// All columns in one `ALTER TABLE`, hence under one lock; SQLite takes one column per statement.
async fn alter<C: Clone>(
    manager: &SchemaManager<'_>,
    table: &DynIden,
    columns: Vec<C>,
    change: impl Fn(&mut TableAlterStatement, C),
) -> Result<(), DbErr> {
    let at_once = match manager.get_database_backend() {
        DbBackend::Sqlite => 1,
        _ => columns.len().max(1),
    };
    for columns in columns.chunks(at_once) {
        let mut statement = Table::alter().table(table.clone()).take();
        columns.iter().cloned().for_each(|column| change(&mut statement, column));
        online::alter_table(manager, statement).await?;
    }
    Ok(())
}
