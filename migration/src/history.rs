//! What the database says has been applied, beside what this binary knows. Reads only: no table is made.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbConn, DbErr, EntityTrait, RuntimeErr, SqlxError, SqlxMySqlError},
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
    // Asked outright, and not whether the table is there: a catalogue hides what the role may not read, and a hidden
    // history is not an empty one.
    let applied: Vec<String> = match seaql_migrations::Entity::find().all(db).await {
        Ok(rows) => rows.into_iter().map(|row| row.version).collect(),
        Err(error) if is_missing_table(&error) => Vec::new(),
        Err(error) => return Err(error),
    };
    let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let mut unknown: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    unknown.sort();

    let known = known.into_iter().map(|name| {
        let state = if applied.contains(&name) { State::Applied } else { State::Pending };
        Step { name, state }
    });
    let unknown = unknown.into_iter().map(|name| Step { name, state: State::Unknown });
    Ok(known.chain(unknown).collect())
}

fn is_missing_table(error: &DbErr) -> bool {
    let DbErr::Query(RuntimeErr::SqlxError(cause)) = error else { return false };
    let SqlxError::Database(cause) = cause.as_ref() else { return false };
    let mysql = cause.try_downcast_ref::<SqlxMySqlError>().map(SqlxMySqlError::number);
    // PostgreSQL undefined_table; MySQL ER_NO_SUCH_TABLE; SQLite has only one code for all mistakes in a statement.
    cause.code().as_deref() == Some("42P01") || mysql == Some(1146) || cause.message().starts_with("no such table")
}
