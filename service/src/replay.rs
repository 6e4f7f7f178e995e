//! Runs the history of the schema on an empty in-memory SQLite, to see what each migration settles.

use migration::{DbErr, Migrator, MigratorTrait, connection};
use sea_orm_drift::{Entities, MigrationState, Replayed};

/// The entities against a throw-away database after each migration, oldest first.
pub(crate) async fn replay(
    entities: &Entities,
    state: impl Fn(&str) -> MigrationState,
) -> Result<Vec<Replayed>, DbErr> {
    let db = connection::in_memory().await?;
    let mut history = Vec::new();
    for migration in Migrator::migrations() {
        Migrator::up(&db, Some(1)).await?;
        let report = entities.check(&db).await.map_err(|error| DbErr::Custom(error.to_string()))?;
        let migration = migration.name().to_owned();
        history.push(Replayed { state: state(&migration), migration, report });
    }
    Ok(history)
}
