//! What the service keeps of its own in each row: which deliveries are counted, and when to finalise. All nullable or with
//! a constant default, so that adding them changes metadata only; a MySQL or MariaDB that would copy the table refuses.

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
        text_null(CallLog::Deliveries),
        integer_null(CallLog::FinaliseAttempts).default(0).take(),
        date_time_null(CallLog::FinaliseAfter),
    ]
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    Deliveries,
    FinaliseAttempts,
    FinaliseAfter,
}
