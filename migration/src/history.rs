//! What the database says has been applied, beside what this binary knows. Reads only: no table is made.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbConn, EntityTrait},
    seaql_migrations,
};

use crate::Migrator;

/// Where one migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Recorded as applied.
    Applied,
    /// Known to this binary, not yet applied.
    Pending,
    /// Recorded as applied by a newer or another version of this workspace; unknown here.
    Unknown,
}

/// One migration and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The migration's name, as in `seaql_migrations.version`.
    pub name: String,
    /// Where it stands.
    pub state: State,
}

/// The migrations of this binary in their order, then those that only the database knows, by name.
pub async fn read(db: &DbConn) -> Result<Vec<Step>, DbErr> {
    let manager = SchemaManager::new(db);
    let applied: Vec<String> = if manager.has_table(seaql_migrations::Entity.to_string()).await? {
        let rows = seaql_migrations::Entity::find().all(db).await?;
        rows.into_iter().map(|row| row.version).collect()
    } else {
        Vec::new()
    };
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let mut unknown: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    unknown.sort();

    let known = known.into_iter().map(|name| {
        let state = if applied.contains(&name) {
            State::Applied
        } else {
            State::Pending
        };
        Step { name, state }
    });
    let unknown = unknown.into_iter().map(|name| Step {
        name,
        state: State::Unknown,
    });
    Ok(known.chain(unknown).collect())
}
