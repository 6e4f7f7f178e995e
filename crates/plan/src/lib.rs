#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` or `runtime-async-std`");

mod changes;
mod effect;
mod error;
mod foreseen;
mod held;
mod idle;
mod judgement;
mod live;
mod mode;
mod model;
mod mysql;
mod postgres;
mod question;
mod recorder;
mod rehearsal;
mod rows;
mod server;
mod sql;
mod sqlite;
mod text;
mod warnings;

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
pub use mode::Mode;
pub use model::{Lock, Plan, PlannedMigration, PlannedStatement, Transaction, Warning, Work};
pub use sea_orm_runner::planning::Batches;
pub use server::{Product, Server, Version};

/// What [`Runner::up`] would do now. It is enough if the role may read; a replica knows it, too.
///
/// The `up` of each pending migration runs, and what it would change is kept instead. What else it does, such as
/// writing files, it does.
///
/// # Errors
/// Where the history cannot be read, or the connection breaks. What cannot be known of a migration is in the plan.
pub async fn plan<M: MigratorTrait + 'static>(db: &DatabaseConnection, settings: &Settings) -> Result<Plan, Error> {
    let runner = Runner::new().with_settings(settings.clone());
    let steps = runner.history::<M>(&DatabaseExecutor::Connection(db)).await?;
    let pending = history::named(&steps, State::Pending);
    let unknown = history::named(&steps, State::Unknown);
    let (live, answers) = live::open(db, settings).await?;
    let rehearsal = thread::Builder::new().name("plan".to_owned());
    let rehearsal = rehearsal.spawn(move || rehearsal::rehearse::<M>(&live, &pending));
    let rehearsal = rehearsal.map_err(|error| DbErr::Custom(error.to_string()))?;
    answers.serve().await?;
    // It asks no more, so that it has ended.
    let rehearsed = rehearsal.join().map_err(|_| DbErr::Custom("the rehearsal panicked".to_owned()))?;
    let (server, migrations) = rehearsed?;
    Ok(Plan { notes: server.notes(), server, migrations, unknown })
}
