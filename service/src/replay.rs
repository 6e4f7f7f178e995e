//! Runs the history of the schema on an empty in-memory SQLite, to see what each migration settles.

use std::sync::OnceLock;

use migration::{DbErr, Migrator, MigratorTrait, connection};
use sea_orm_drift::{MigrationState, Replayed, Report};

use crate::schema::entities;

/// The entities against a throw-away database after each migration, oldest first.
///
/// It is the same for every database, so it is run once.
pub(crate) async fn replay(state: impl Fn(&str) -> MigrationState) -> Result<Vec<Replayed>, DbErr> {
    static REPORTS: OnceLock<Vec<(String, Report)>> = OnceLock::new();
    let reports = if let Some(reports) = REPORTS.get() {
        reports
    } else {
        let reports = run().await?;
        REPORTS.get_or_init(|| reports)
    };
    let replayed = reports.iter().map(|(migration, report)| Replayed {
        migration: migration.clone(),
        state: state(migration),
        report: report.clone(),
    });
    Ok(replayed.collect())
}

async fn run() -> Result<Vec<(String, Report)>, DbErr> {
    let db = connection::in_memory().await?;
    let mut reports = Vec::new();
    for migration in Migrator::migrations() {
        Migrator::up(&db, Some(1)).await?;
        let report = entities().check(&db).await.map_err(|error| DbErr::Custom(error.to_string()))?;
        reports.push((migration.name().to_owned(), report));
    }
    Ok(reports)
}
