//! The nine columns that the model had and the table had not. All nullable or with a constant default, so
//! that adding them changes metadata only; a MySQL or MariaDB that would copy the table refuses.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};
use sea_orm_runner::online;

use crate::adoption;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (present, missing) = split_by_presence(manager).await?;
        let present: Vec<String> = present.iter().map(ColumnDef::get_column_name).collect();
        adoption::remember(manager, self.name(), &present).await?;
        let mark = adoption::mark(manager, self.name());
        alter(manager, missing, |alter, mut column| {
            if let Some(mark) = &mark {
                column.comment(mark);
            }
            alter.add_column(&mut column);
        })
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (present, _) = split_by_presence(manager).await?;
        let present = present.iter().map(ColumnDef::get_column_name).collect();
        let added = adoption::added(manager, self.name(), &CallLog::Table.to_string(), present).await?;
        alter(manager, added, |alter, column| {
            alter.drop_column(column);
        })
        .await?;
        adoption::forget(manager, self.name()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![
        string_len_null(CallLog::RecordingMode, 32),
        date_time_null(CallLog::StreamStartedAt),
        date_time_null(CallLog::StreamEndedAt),
        double_null(CallLog::StreamDurationSec),
        integer_null(CallLog::StreamConnectCount).default(0).take(),
        integer_null(CallLog::Webhook11205Count).default(0).take(),
        integer_null(CallLog::WebhookRetryCount).default(0).take(),
        integer_null(CallLog::RecordingCount).default(0).take(),
        string_len_null(CallLog::EstimatedCostBucket, 16),
    ]
}

/// The columns that the table has, and those it has not.
async fn split_by_presence(manager: &SchemaManager<'_>) -> Result<(Vec<ColumnDef>, Vec<ColumnDef>), DbErr> {
    let (mut present, mut missing) = (Vec::new(), Vec::new());
    for column in columns() {
        let is_present = manager.has_column(CallLog::Table.to_string(), column.get_column_name()).await?;
        let side = if is_present { &mut present } else { &mut missing };
        side.push(column);
    }
    Ok((present, missing))
}

/// All columns in one `ALTER TABLE`, hence under one lock; SQLite takes one column per statement.
async fn alter<C: Clone>(
    manager: &SchemaManager<'_>,
    columns: Vec<C>,
    change: impl Fn(&mut TableAlterStatement, C),
) -> Result<(), DbErr> {
    let at_once = match manager.get_database_backend() {
        DbBackend::Sqlite => 1,
        _ => columns.len().max(1),
    };
    for columns in columns.chunks(at_once) {
        let mut statement = Table::alter().table(CallLog::Table).take();
        columns.iter().cloned().for_each(|column| change(&mut statement, column));
        online::alter_table(manager, statement).await?;
    }
    Ok(())
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    RecordingMode,
    StreamStartedAt,
    StreamEndedAt,
    StreamDurationSec,
    StreamConnectCount,
    #[sea_orm(iden = "webhook_11205_count")]
    Webhook11205Count,
    WebhookRetryCount,
    RecordingCount,
    EstimatedCostBucket,
}
