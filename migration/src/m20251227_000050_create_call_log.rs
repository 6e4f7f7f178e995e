//! `call_log` as it was before its entity declared `recording_mode` and the columns of costs. A table that exists is adopted as it is.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::adoption;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let adopted = if table_exists(manager).await? { vec![CallLog::Table.to_string()] } else { Vec::new() };
        adoption::remember(manager, self.name(), &adopted).await?;
        if adopted.is_empty() {
            create(manager, adoption::creation_comment(manager, self.name())).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = CallLog::Table.to_string();
        if !adoption::created_by(manager, self.name(), &table, vec![table.clone()]).await?.is_empty() {
            manager.drop_table(Table::drop().table(CallLog::Table).if_exists().take()).await?;
        }
        adoption::forget(manager, self.name()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// `has_table` compares letter case, and SQLite does not.
async fn table_exists(manager: &SchemaManager<'_>) -> Result<bool, DbErr> {
    if manager.get_database_backend() != DbBackend::Sqlite {
        return manager.has_table(CallLog::Table.to_string()).await;
    }
    let query = Query::select()
        .column("name")
        .from("sqlite_master")
        .and_where(Func::lower(Expr::col("name")).eq(CallLog::Table.to_string()))
        .take();
    Ok(manager.get_connection().query_one(&query).await?.is_some())
}

async fn create(manager: &SchemaManager<'_>, comment: Option<String>) -> Result<(), DbErr> {
    if let Some(comment) = comment {
        // On MySQL and MariaDB, DDL is not transactional: one statement creates the table with its indexes, or nothing.
        let mut table = table();
        table.comment(comment);
        table.character_set("utf8mb4"); // whatever the server's default: transcripts are Hebrew
        for mut index in indexes() {
            table.index(&mut index);
        }
        return manager.create_table(table).await;
    }
    manager.create_table(table()).await?;
    for index in indexes() {
        manager.create_index(index).await?;
    }
    Ok(())
}

fn table() -> TableCreateStatement {
    Table::create()
        .table(CallLog::Table)
        .if_not_exists()
        .col(pk_auto(CallLog::Id))
        .col(integer(CallLog::BusinessId))
        .col(integer_null(CallLog::CustomerId))
        .col(integer_null(CallLog::LeadId))
        .col(string_len_null(CallLog::CallSid, 64))
        .col(string_len_null(CallLog::ParentCallSid, 64))
        .col(string_len_null(CallLog::FromNumber, 64))
        .col(string_len_null(CallLog::ToNumber, 64))
        .col(string_len_null(CallLog::Direction, 16).default("inbound"))
        .col(string_len_null(CallLog::TwilioDirection, 32))
        .col(integer_null(CallLog::Duration).default(0))
        .col(string_len_null(CallLog::Status, 32).default("received"))
        .col(string_len_null(CallLog::RecordingUrl, 512))
        .col(string_len_null(CallLog::RecordingSid, 64))
        .col(text_null(CallLog::Transcription))
        .col(text_null(CallLog::Summary))
        .col(text_null(CallLog::FinalTranscript))
        .col(string_len_null(CallLog::ExtractedService, 255))
        .col(string_len_null(CallLog::ExtractedCity, 255))
        .col(double_null(CallLog::ExtractionConfidence))
        .col(integer_null(CallLog::AudioBytesLen))
        .col(double_null(CallLog::AudioDurationSec))
        .col(string_len_null(CallLog::TranscriptSource, 32))
        .col(date_time_null(CallLog::CreatedAt))
        .col(date_time_null(CallLog::UpdatedAt))
        .take()
}

/// Names as in the application's own databases, so that adopted and created ones are alike.
fn indexes() -> [IndexCreateStatement; 6] {
    let index_on = |name: &str, columns: &[CallLog]| {
        let mut index = Index::create().table(CallLog::Table).name(name).take();
        for column in columns {
            index.col(*column);
        }
        index
    };
    [
        index_on("ix_call_log_call_sid", &[CallLog::CallSid]).unique().take(),
        index_on("ix_call_log_business_id", &[CallLog::BusinessId]),
        index_on("ix_call_log_lead_id", &[CallLog::LeadId]),
        index_on("ix_call_log_from_number", &[CallLog::FromNumber]),
        index_on("ix_call_log_parent_call_sid", &[CallLog::ParentCallSid]),
        index_on("idx_call_log_recent_outbound", &[CallLog::BusinessId, CallLog::Direction, CallLog::CreatedAt]),
    ]
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    Id,
    BusinessId,
    CustomerId,
    LeadId,
    CallSid,
    ParentCallSid,
    FromNumber,
    ToNumber,
    Direction,
    TwilioDirection,
    Duration,
    Status,
    RecordingUrl,
    RecordingSid,
    Transcription,
    Summary,
    FinalTranscript,
    ExtractedService,
    ExtractedCity,
    ExtractionConfidence,
    AudioBytesLen,
    AudioDurationSec,
    TranscriptSource,
    CreatedAt,
    UpdatedAt,
}
