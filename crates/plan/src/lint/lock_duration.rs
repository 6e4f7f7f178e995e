//! A lock that a short statement takes, and the transaction holds while a later statement runs for long.

use crate::{
    lock_mode::LockMode,
    plan::{PlannedMigration, PlannedStatement, TransactionScope, Work},
    server::{Product, Server},
};

/// A note about a lock that is held during long work (PostgreSQL).
pub(super) fn note(migration: &PlannedMigration, server: &Server) -> Option<String> {
    if migration.transaction_scope != TransactionScope::Migration || server.product != Product::PostgreSQL {
        return None;
    }
    let (at, table, mode) = migration.statements.iter().enumerate().find_map(|(at, statement)| {
        let strict = statement.locks.iter().flatten().find(|lock| !lock.is_new_table && lock.mode >= LockMode::Share);
        strict.and_then(|lock| lock.table.as_ref().map(|table| (at, table, lock.mode)))
    })?;
    let longer = migration.statements.iter().skip(at + 1).find(|statement| is_long(statement))?;
    let other = longer.locks.iter().flatten().find_map(|lock| lock.table.as_deref()).unwrap_or("a table");
    Some(format!(
        "the transaction holds {mode} on {table} while a later statement works through {other}: move that statement into \
         a migration of its own"
    ))
}

fn is_long(statement: &PlannedStatement) -> bool {
    let is_on_old_rows = statement.locks.iter().flatten().any(|lock| !lock.is_new_table);
    is_on_old_rows && matches!(statement.work, Work::ReadsTable | Work::RewritesTable | Work::ChangesRows)
}
