//! Compares the database's schema with the entities of this workspace.

use std::sync::LazyLock;

use migration::{Migrator, cost_totals};
use sea_orm::{DbConn, sea_query::ColumnType};
use sea_orm_drift::{Entities, Report};
use sea_orm_kit::{Project, entities};
pub use sea_orm_kit::{SchemaError, verdict};

static PROJECT: LazyLock<Project<Migrator>> =
    LazyLock::new(|| Project::new(entities()).with_migrations_in("migration"));

/// The entities and the migrations of this workspace.
pub fn project() -> &'static Project<Migrator> {
    &PROJECT
}

/// All entities of this workspace.
pub fn entities() -> Entities {
    entities![entity::call_log].with_triggers(cost_totals::TRIGGERS).reading("id", [ColumnType::Integer])
}

/// Checks the schema at the start of a program; see [`Project::validate`].
///
/// # Errors
/// [`SchemaError::Breaks`] says what is missing and which command to run; [`SchemaError::NotCompared`] if the catalogue cannot
/// be read.
pub async fn validate(db: &DbConn) -> Result<Report, SchemaError> {
    PROJECT.validate(db).await
}

/// Compares the entities with a live database, and names the migration that fixes each difference.
///
/// # Errors
/// If the schema cannot be read.
pub async fn check(db: &DbConn) -> Result<Report, SchemaError> {
    PROJECT.check(db).await
}
