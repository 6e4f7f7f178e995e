#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` or `runtime-async-std`");

mod analyser;
mod catalog;
mod dry_run;
mod error;
mod impact;
mod introspection;
mod lint;
mod lock_mode;
#[cfg(test)]
mod message_tests;
mod noop;
mod plan;
mod recorder;
mod rules;
mod server;
mod shadow_schema;
mod sql;
mod text;

use std::thread;

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseConnection, DatabaseExecutor, DbErr},
};
use sea_orm_runner::{
    Runner, Settings,
    history::{self, State},
};

pub use error::Error;
pub use lock_mode::LockMode;
pub use plan::{Lock, Plan, PlannedMigration, PlannedStatement, TransactionScope, Warning, Work};
pub use sea_orm_runner::planning::Batches;
pub use server::{Product, Server, Version};

/// What [`Runner::up`] would do now. A role that may only read is enough, and so is a replica.
///
/// The `up` of each pending migration runs against a recorder: its queries reach the database, its changes do not. Side
/// effects outside the database, such as writing a file, do happen.
///
/// # Errors
/// If the migration history cannot be read, or the connection is lost. What cannot be predicted is in the plan, not an
/// error.
pub async fn plan<M: MigratorTrait + 'static>(db: &DatabaseConnection, settings: &Settings) -> Result<Plan, Error> {
    let runner = Runner::new().with_settings(settings.clone());
    let steps = runner.history::<M>(&DatabaseExecutor::Connection(db)).await?;
    let pending = history::named(&steps, State::Pending);
    let unknown_migrations = history::named(&steps, State::Unknown);
    let (catalog, responder) = catalog::open(db, settings).await?;
    let thread = thread::Builder::new().name("plan".to_owned());
    let thread = thread.spawn(move || dry_run::dry_run::<M>(&catalog, &pending));
    let thread = thread.map_err(|error| DbErr::Custom(error.to_string()))?;
    // Returns when the thread drops its end.
    responder.serve().await?;
    let outcome = thread.join().map_err(|_| DbErr::Custom("the dry run panicked".to_owned()))?;
    let (server, migrations, notes) = outcome?;
    Ok(Plan { server, migrations, notes, unknown_migrations })
}
