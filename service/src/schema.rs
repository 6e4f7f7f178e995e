//! Whether the schema fits the entities of this workspace, and if not, what to do about it.

use std::sync::LazyLock;

use migration::Migrator;
use sea_orm::DbConn;
use sea_orm_drift::{Entities, Report};
use sea_orm_kit::{Project, entities};
pub use sea_orm_kit::{SchemaError, verdict};

static PROJECT: LazyLock<Project<Migrator>> =
    LazyLock::new(|| Project::new(entities()).with_up_command("sea-orm-cli migrate up, or call-log migrate up"));

/// The entities and the migrations of this workspace.
pub fn project() -> &'static Project<Migrator> {
    &PROJECT
}

/// Every entity of this workspace.
pub fn entities() -> Entities {
    entities![entity::call_log]
}

/// For the start of a program: see [`Project::validate`].
///
/// # Errors
/// [`SchemaError::Breaks`], whose message says what is missing and what to type; [`SchemaError::NotCompared`], where the
/// catalogue cannot be read.
pub async fn validate(db: &DbConn) -> Result<Report, SchemaError> {
    PROJECT.validate(db).await
}

/// Compares the entities with a live database and says which migration settles which difference.
///
/// # Errors
/// Where nothing can be compared.
pub async fn check(db: &DbConn) -> Result<Report, SchemaError> {
    PROJECT.check(db).await
}
