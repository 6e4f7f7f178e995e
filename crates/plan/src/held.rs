//! A lock that is short by itself, and is held while something long is done behind it.

use super::{
    mode::Mode,
    model::{PlannedMigration, PlannedStatement, Transaction, Work},
    server::{Product, Server},
};

/// What is worth noting about the locks of a migration that keeps them until its end (PostgreSQL).
pub(crate) fn note(migration: &PlannedMigration, server: &Server) -> Option<String> {
    if migration.transaction != Transaction::Whole || server.product != Product::PostgreSQL {
        return None;
    }
    let (at, table, mode) = migration.statements.iter().enumerate().find_map(|(at, statement)| {
        let strict = statement.locks.iter().flatten().find(|lock| !lock.is_new && lock.mode >= Mode::Share);
        strict.and_then(|lock| lock.table.as_ref().map(|table| (at, table, lock.mode)))
    })?;
    let longer = migration.statements.iter().skip(at + 1).find(|statement| is_long(statement))?;
    let other = longer.locks.iter().flatten().find_map(|lock| lock.table.as_deref()).unwrap_or("a table");
    Some(format!(
        "{table} stays locked ({mode}) until the end, also while a later statement goes through {other}: a migration of \
         its own for that one keeps the wait short"
    ))
}

fn is_long(statement: &PlannedStatement) -> bool {
    let is_on_old_rows = statement.locks.iter().flatten().any(|lock| !lock.is_new);
    is_on_old_rows && matches!(statement.work, Work::ReadsTable | Work::RewritesTable | Work::ChangesRows)
}
