//! Runs the migrations on an empty in-memory SQLite, to see what each of them settles.

use sea_orm_connect::in_memory;
use sea_orm_drift::{Entities, MigrationState, Replayed, Report};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseExecutor, DbErr},
};
use sea_orm_runner::Runner;

/// The entities against the scratch database after one more migration.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) migration: String,
    pub(crate) report: Report,
}

impl Snapshot {
    /// The same, where the live database has that migration, or lacks it.
    pub(crate) fn replayed(&self, state: MigrationState) -> Replayed {
        Replayed { migration: self.migration.clone(), state, report: self.report.clone() }
    }
}

/// A snapshot after each migration, oldest first.
pub(crate) async fn replay<M: MigratorTrait>(entities: &Entities) -> Result<Vec<Snapshot>, DbErr> {
    let db = in_memory().await?;
    // Nobody waits for the scratch database, and its migrations are not news.
    let runner = Runner::new().with_listener(|_| {});
    let mut snapshots = Vec::new();
    for migration in M::migrations() {
        runner.up::<M>(&DatabaseExecutor::Connection(&db), Some(1)).await?;
        let report = entities.check(&db).await.map_err(|error| DbErr::Custom(error.to_string()))?;
        snapshots.push(Snapshot { migration: migration.name().to_owned(), report });
    }
    Ok(snapshots)
}
