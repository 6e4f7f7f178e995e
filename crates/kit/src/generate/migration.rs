//! One new migration: executed on the scratch database, and as code.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{DatabaseConnection, DatabaseExecutor, DbBackend, DbErr, TransactionTrait},
};

use super::{
    code,
    execute::{execute, execute_together},
    operation::Operation,
    summary,
};

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

    /// Does on a scratch database what its `up` does, statement by statement.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn up(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        self.run(&self.up, db, Sending::Alone).await
    }

    /// Does on a scratch database what its `down` does, statement by statement.
    ///
    /// # Errors
    /// Those of SeaORM.
    pub async fn down(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        self.run(&self.down, db, Sending::Alone).await
    }

    /// What its `up` does after these operations, in fewer round trips.
    pub(super) async fn prove_up(&self, done: usize, db: &DatabaseConnection) -> Result<(), DbErr> {
        self.run(&self.up[done..], db, Sending::Together).await
    }

    /// What its `down` does, in fewer round trips.
    pub(super) async fn prove_down(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        self.run(&self.down, db, Sending::Together).await
    }

    /// In a transaction where the written migration has one on PostgreSQL: not everything can be done in it.
    async fn run(&self, operations: &[Operation], db: &DatabaseConnection, sending: Sending) -> Result<(), DbErr> {
        let connection = SchemaManager::new(DatabaseExecutor::Connection(db));
        if self.is_online {
            return execute(operations, &connection).await;
        }
        if db.get_database_backend() != DbBackend::Postgres {
            return sending.execute(operations, &connection).await;
        }
        let transaction = db.begin().await?;
        sending.execute(operations, &SchemaManager::new(DatabaseExecutor::Transaction(&transaction))).await?;
        transaction.commit().await
    }
}

/// How statements are sent.
#[derive(Clone, Copy)]
enum Sending {
    Alone,
    Together,
}

impl Sending {
    async fn execute(self, operations: &[Operation], manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        match self {
            Self::Alone => execute(operations, manager).await,
            Self::Together => execute_together(operations, manager).await,
        }
    }
}
