//! One new migration: executed on the scratch database, and as code.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, TransactionTrait},
};

use super::{code, execute::execute, operation::Operation, summary};

/// A migration that is not written yet.
#[derive(Debug)]
pub struct NewMigration {
    /// What its name ends with, where one edit needs several migrations.
    pub suffix: Option<&'static str>,
    pub(super) up: Vec<Operation>,
    down: Vec<Operation>,
    is_online: bool,
}

impl NewMigration {
    pub(super) fn new(suffix: Option<&'static str>, up: Vec<Operation>, is_online: bool) -> Option<Self> {
        let down = up.iter().rev().filter_map(Operation::undo).collect();
        (!up.is_empty()).then_some(Self { suffix, up, down, is_online })
    }

    /// What it does, in a line.
    pub fn summary(&self) -> String {
        let lines = summary::of(&self.up);
        lines.lines().map(|line| line.trim_start_matches("- ").replace('`', "")).collect::<Vec<_>>().join(" ")
    }

    /// The file, without formatting. `runner` is the path by which the crate of the migrations knows sea-orm-runner.
    pub fn code(&self, runner: &str) -> String {
        code::file(&summary::of(&self.up), &self.up, &self.down, self.is_online, runner)
    }

    /// Does on a scratch database what its `up` does.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn up(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        self.execute(&self.up, db).await
    }

    /// Does on a scratch database what its `down` does.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn down(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        self.execute(&self.down, db).await
    }

    /// In a transaction where the written migration has one on PostgreSQL: not everything can be done in it.
    pub(super) async fn execute(&self, operations: &[Operation], db: &DatabaseConnection) -> Result<(), DbErr> {
        if self.is_online || db.get_database_backend() != DbBackend::Postgres {
            return execute(operations, &SchemaManager::new(DatabaseExecutor::Connection(db))).await;
        }
        let transaction = db.begin().await?;
        execute(operations, &SchemaManager::new(DatabaseExecutor::Transaction(&transaction))).await?;
        transaction.commit().await
    }
}
