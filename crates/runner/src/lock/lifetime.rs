//! How long a lock lasts.

use sea_orm_migration::sea_orm::DbBackend;

/// The lifetime of the migration lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// That of the transaction that the migration runs in.
    Transaction,
    /// That of the session that the migration runs in.
    Session,
    /// That of a single statement.
    Statement,
}

impl Lifetime {
    /// The lifetime for a migration with this `use_transaction`.
    pub fn of(backend: DbBackend, use_transaction: Option<bool>) -> Self {
        match (backend, use_transaction) {
            (DbBackend::Postgres | DbBackend::Sqlite, None | Some(true)) => Self::Transaction,
            (DbBackend::Postgres | DbBackend::MySql, _) => Self::Session,
            _ => Self::Statement,
        }
    }
}
