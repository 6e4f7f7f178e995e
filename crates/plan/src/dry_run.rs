//! Runs the pending migrations against the recorder, one by one, on a thread of their own.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{DatabaseConnection, DbBackend, DbErr, TransactionTrait},
};
use sea_orm_runner::planning::{self, Lifetime};

use crate::{
    analyser::Analyser,
    catalog::Catalog,
    lint::lint,
    plan::{PlannedMigration, TransactionScope},
    recorder::Recorder,
    server::Server,
};

const MAY_DIFFER: &str =
    "this migration reads data that earlier statements of the plan change, so its statements may differ when it runs";

/// The server, what the pending migrations would do to it, and notes about both.
pub(crate) fn dry_run<M: MigratorTrait>(
    catalog: &Catalog,
    pending: &[String],
) -> Result<(Server, Vec<PlannedMigration>, Vec<String>), DbErr> {
    planning::begin_dry_run();
    let server = Server::detect(catalog)?;
    catalog.end_transaction();
    let analyser = Arc::new(Mutex::new(Analyser::new(catalog.clone(), server.clone())));
    let mut planned: Vec<PlannedMigration> = Vec::new();
    for migration in M::migrations().iter().filter(|migration| pending.iter().any(|name| name == migration.name())) {
        let mut next = dry_run_one(&analyser, migration.as_ref(), &planned);
        lint(&mut next, &server, catalog);
        planned.push(next);
        catalog.end_transaction();
    }
    let mut notes = server.notes();
    notes.append(&mut analyser.lock().unwrap_or_else(PoisonError::into_inner).missing_privileges);
    Ok((server, planned, notes))
}

fn dry_run_one(
    analyser: &Arc<Mutex<Analyser>>,
    migration: &dyn MigrationTrait,
    earlier: &[PlannedMigration],
) -> PlannedMigration {
    let db = Recorder::connect(analyser);
    let transaction_scope = TransactionScope::of(db.get_database_backend(), migration.use_transaction());
    let outcome = catch_unwind(AssertUnwindSafe(|| block_on(run(&db, migration, transaction_scope))));
    let mut analyser = analyser.lock().unwrap_or_else(PoisonError::into_inner);
    let statements = std::mem::take(&mut analyser.statements);
    let statements_may_differ = std::mem::take(&mut analyser.statements_may_differ);
    let has_query_failed = std::mem::take(&mut analyser.has_query_failed);
    analyser.query_count = 0;
    let error = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(format!("it panicked: {}", panic_message(panic.as_ref()))),
    };
    if error.is_some() {
        // Its remaining statements are unknown.
        analyser.shadow.mark_unknown();
    }
    let incomplete_reason =
        error.map(|error| incomplete_reason(&error, has_query_failed, !statements.is_empty(), earlier));
    let notes = if statements_may_differ { vec![MAY_DIFFER.to_owned()] } else { Vec::new() };
    PlannedMigration {
        name: migration.name().to_owned(),
        transaction_scope,
        statements,
        notes,
        incomplete_reason,
        statements_may_differ,
    }
}

async fn run(db: &DatabaseConnection, migration: &dyn MigrationTrait, scope: TransactionScope) -> Result<(), DbErr> {
    if scope == TransactionScope::None {
        return migration.up(&SchemaManager::new(db)).await;
    }
    let transaction = db.begin().await?;
    migration.up(&SchemaManager::new(&transaction)).await?;
    transaction.commit().await
}

impl TransactionScope {
    fn of(backend: DbBackend, use_transaction: Option<bool>) -> Self {
        match (Lifetime::of(backend, use_transaction), use_transaction) {
            (Lifetime::Transaction, _) => Self::Migration,
            (Lifetime::Session, Some(true)) => Self::RowChanges,
            (Lifetime::Session | Lifetime::Statement, _) => Self::None,
        }
    }
}

/// Why the rest of a migration is unknown. It may have failed only because pending statements have not run yet.
fn incomplete_reason(
    error: &str,
    has_query_failed: bool,
    has_statements: bool,
    earlier: &[PlannedMigration],
) -> String {
    let is_changing =
        |migration: &&PlannedMigration| !migration.statements.is_empty() || migration.incomplete_reason.is_some();
    let changing: Vec<&PlannedMigration> = earlier.iter().filter(is_changing).collect();
    let applied = match changing.as_slice() {
        [] => None,
        [migration] => Some(format!("{} is applied", migration.name)),
        _ => Some(format!("the {} migrations above are applied", changing.len())),
    };
    let awaited = match (applied, has_statements) {
        (Some(applied), false) => Some(applied),
        (Some(applied), true) => Some(format!("{applied} and the statements above have run")),
        (None, true) => Some("the statements above have run".to_owned()),
        (None, false) => None,
    };
    match awaited {
        Some(awaited) => format!("its remaining statements are unknown until {awaited}: {error}"),
        None if has_query_failed => format!("its remaining statements are unknown: {error}"),
        None => format!("it fails here: {error}"),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// A migration may need a runtime, and this thread has none yet.
#[cfg(feature = "runtime-tokio")]
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system has threads and timers").block_on(work)
}

#[cfg(all(feature = "runtime-async-std", not(feature = "runtime-tokio")))]
fn block_on<T>(work: impl Future<Output = T>) -> T {
    async_std::task::block_on(work)
}
