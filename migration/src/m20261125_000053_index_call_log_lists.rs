//! The order of the lists, newest first, for one business and for all, and of what waits to be finalised. Built while the
//! table is written; therefore outside a transaction.

use sea_orm_migration::prelude::*;
use sea_orm_runner::online;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in indexes() {
            online::create_index(manager, CallLog::Table, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in indexes() {
            let name = index.get_index_spec().get_name().unwrap_or_default().to_owned();
            online::drop_index(manager, CallLog::Table, &name).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

fn indexes() -> [IndexCreateStatement; 3] {
    let on = |name: &str, columns: &[CallLog]| {
        let mut index = Index::create().name(name).take();
        for column in columns {
            index.col(*column);
        }
        index
    };
    [
        on("ix_call_log_business_id_created_at_id", &[CallLog::BusinessId, CallLog::CreatedAt, CallLog::Id]),
        on("ix_call_log_created_at_id", &[CallLog::CreatedAt, CallLog::Id]),
        on("ix_call_log_bucket_created_at", &[CallLog::EstimatedCostBucket, CallLog::CreatedAt]),
    ]
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    Id,
    BusinessId,
    CreatedAt,
    EstimatedCostBucket,
}
