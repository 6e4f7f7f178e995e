//! The order of the lists, newest first, for one business and for all, and of each cost bucket: what has none waits to be
//! finalised. Built while the table is written; therefore outside a transaction, on PostgreSQL in a session of its own.
//!
//! The names are this migration's own: an index of that name on this table is taken for built, and `down` drops it.

use sea_orm_migration::prelude::*;
use sea_orm_runner::online;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in INDEXES {
            if has_all(manager, columns).await? {
                online::create_index(manager, CallLog::Table, index(name, columns)).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            online::drop_index(manager, CallLog::Table, name).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

const INDEXES: [(&str, &[CallLog]); 3] = [
    ("ix_call_log_business_id_created_at_id", &[CallLog::BusinessId, CallLog::CreatedAt, CallLog::Id]),
    ("ix_call_log_created_at_id", &[CallLog::CreatedAt, CallLog::Id]),
    ("ix_call_log_bucket_created_at", &[CallLog::EstimatedCostBucket, CallLog::CreatedAt]),
];

/// An adopted table may lack a column that no migration adds. It goes without the index: the check says what it lacks.
async fn has_all(manager: &SchemaManager<'_>, columns: &[CallLog]) -> Result<bool, DbErr> {
    for column in columns {
        if !manager.has_column(CallLog::Table.to_string(), column.to_string()).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn index(name: &str, columns: &[CallLog]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).take();
    for column in columns {
        index.col(*column);
    }
    index
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    Id,
    BusinessId,
    CreatedAt,
    EstimatedCostBucket,
}
