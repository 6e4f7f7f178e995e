//! Warnings and notes about the statements of one migration, once all of them are known.

mod lock_duration;
mod squawk;

use crate::{model::PlannedMigration, server::Server};

/// Adds the warnings to the statements of `migration`, and the notes to the migration itself.
pub(crate) fn lint(migration: &mut PlannedMigration, server: &Server) {
    squawk::add_warnings(migration, server);
    migration.notes.extend(lock_duration::note(migration, server));
}
