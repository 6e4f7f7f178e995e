//! Runs the history of the schema on an empty in-memory SQLite, to see what each migration settles.

use migration::{DbErr, Migrator, MigratorTrait, connection};
use sea_orm_drift::{Entities, Replayed};

/// The entities against a throw-away database after each migration, oldest first.
pub(crate) async fn replay(entities: &Entities, is_applied: impl Fn(&str) -> bool) -> Result<Vec<Replayed>, DbErr> {
    let db = connection::in_memory().await?;
    let mut history = Vec::new();
    for migration in Migrator::migrations() {
        Migrator::up(&db, Some(1)).await?;
        let report = entities.check(&db).await.map_err(|error| DbErr::Custom(error.to_string()))?;
        let migration = migration.name().to_owned();
        history.push(Replayed { is_applied: is_applied(&migration), migration, report });
    }
    Ok(history)
}
