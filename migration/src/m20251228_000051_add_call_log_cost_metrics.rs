//! The nine columns that the entity already had, and the table did not. All are nullable, and the counters have a constant default, so
//! that adding them changes metadata only. A MySQL or MariaDB that would copy the table refuses (see `columns::add`).

use sea_orm_migration::{prelude::*, schema::*};

use crate::columns;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::add(manager, self.name(), CallLog::Table, added()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::drop(manager, self.name(), CallLog::Table, added()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn added() -> Vec<ColumnDef> {
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
