//! Runs the pending migrations on the stand-in, one by one, on a thread of their own.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{DatabaseConnection, DbBackend, DbErr, TransactionTrait},
};

use super::{
    held,
    judgement::Stage,
    live::Live,
    model::{PlannedMigration, Transaction},
    recorder::Recorder,
    server::Server,
    warnings,
};
use sea_orm_runner::planning::{self, Lifetime};

/// What these migrations would do, and the server on which.
pub(crate) fn rehearse<M: MigratorTrait>(
    live: &Live,
    pending: &[String],
) -> Result<(Server, Vec<PlannedMigration>), DbErr> {
    planning::begin();
    let server = Server::ask(live)?;
    live.pause();
    let stage = Arc::new(Mutex::new(Stage::new(live.clone(), server.clone())));
    let mut planned: Vec<PlannedMigration> = Vec::new();
    for migration in M::migrations().iter().filter(|migration| pending.iter().any(|name| name == migration.name())) {
        let mut next = rehearse_one(&stage, migration.as_ref(), &planned);
        warnings::add(&mut next, &server);
        next.notes.extend(held::note(&next, &server));
        planned.push(next);
        live.pause();
    }
    Ok((server, planned))
}

fn rehearse_one(
    stage: &Arc<Mutex<Stage>>,
    migration: &dyn MigrationTrait,
    earlier: &[PlannedMigration],
) -> PlannedMigration {
    let db = Recorder::connect(stage);
    let transaction = Transaction::of(db.get_database_backend(), migration.use_transaction());
    let outcome = catch_unwind(AssertUnwindSafe(|| block_on(run(&db, migration, transaction))));
    let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
    let statements = std::mem::take(&mut stage.statements);
    let notes = std::mem::take(&mut stage.notes);
    let has_stumbled = std::mem::take(&mut stage.has_stumbled);
    stage.questions = 0;
    let error = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(format!("it panics: {}", words(panic.as_ref()))),
    };
    if error.is_some() {
        // What it does behind that is not foreseen.
        stage.foreseen.go_blind();
    }
    let name = migration.name().to_owned();
    let cut_short = error.map(|error| cut_short(&error, has_stumbled, !statements.is_empty(), earlier));
    PlannedMigration { name, transaction, statements, notes, cut_short }
}

async fn run(db: &DatabaseConnection, migration: &dyn MigrationTrait, kind: Transaction) -> Result<(), DbErr> {
    if kind == Transaction::None {
        return migration.up(&SchemaManager::new(db)).await;
    }
    let transaction = db.begin().await?;
    migration.up(&SchemaManager::new(&transaction)).await?;
    transaction.commit().await
}

impl Transaction {
    fn of(backend: DbBackend, wish: Option<bool>) -> Self {
        match (Lifetime::of(backend, wish), wish) {
            (Lifetime::Transaction, _) => Self::Whole,
            (Lifetime::Session, Some(true)) => Self::Rows,
            (Lifetime::Session | Lifetime::Statement, _) => Self::None,
        }
    }
}

/// Why no more is known, in one sentence.
fn cut_short(error: &str, has_stumbled: bool, has_statements: bool, earlier: &[PlannedMigration]) -> String {
    let changing = earlier.iter().filter(|migration| !migration.statements.is_empty() || migration.cut_short.is_some());
    let names: Vec<&str> = changing.map(|migration| migration.name.as_str()).collect();
    let applied = match names.as_slice() {
        [] => None,
        [name] => Some(format!("{name} is applied")),
        [names @ .., last] => Some(format!("{} and {last} are applied", names.join(", "))),
    };
    let awaited = match (applied, has_statements) {
        (Some(applied), false) => Some(applied),
        (Some(applied), true) => Some(format!("{applied} and what stands above has run")),
        (None, true) => Some("what stands above has run".to_owned()),
        (None, false) => None,
    };
    match awaited {
        Some(awaited) => format!("what it does from here on cannot be known before {awaited}: {error}"),
        None if has_stumbled => format!("what it does from here on cannot be known: {error}"),
        None => format!("it fails here: {error}"),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

/// Migrations may want a runtime, and this thread has none yet.
#[cfg(feature = "runtime-tokio")]
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system has threads and timers").block_on(work)
}

#[cfg(all(feature = "runtime-async-std", not(feature = "runtime-tokio")))]
fn block_on<T>(work: impl Future<Output = T>) -> T {
    async_std::task::block_on(work)
}
