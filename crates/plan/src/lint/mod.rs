//! Warnings and notes about the statements of one migration, once all of them are known.

mod lock_duration;
mod squawk;
mod unchecked_rows;

use crate::{catalog::Catalog, plan::PlannedMigration, server::Server};

/// Adds the warnings to the statements of `migration`, and the notes to the migration itself.
pub(crate) fn lint(migration: &mut PlannedMigration, server: &Server, catalog: &Catalog) {
    squawk::add_warnings(migration, server);
    unchecked_rows::add_warnings(migration, server, catalog);
    migration.notes.extend(lock_duration::note(migration, server));
}
