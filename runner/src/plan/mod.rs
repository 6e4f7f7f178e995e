//! What pending migrations would do: their statements, whom these hold up, and how much of a table they go through.
//! Nothing is written, and no lock is taken that anybody could wait for.
//!
//! The migrations really run, on a stand-in that only says what the database says (`recorder`). Each statement is
//! judged by the version of the server and by what its catalogue says (`judgement`). What cannot be judged is said to be
//! unknown.

mod changes;
mod effect;
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

use crate::{
    error::Error,
    history::{self, State},
    obstacle::Obstacle,
    runner::Runner,
};

pub use mode::Mode;
pub use model::{Lock, Plan, PlannedMigration, PlannedStatement, Transaction, Warning, Work};
pub use server::{Product, Server, Version};

pub use crate::rehearsed::Batches;

impl Runner {
    /// What [`up`](Self::up) would do now. It is enough if the role may read; a replica knows it, too.
    ///
    /// The `up` of each pending migration runs, and what it would change is kept instead. What else it does, such as
    /// writing files, it does.
    ///
    /// # Errors
    /// Where the history cannot be read, or the connection breaks. What cannot be known of a migration is in the plan.
    pub async fn plan<M: MigratorTrait + 'static>(&self, db: &DatabaseConnection) -> Result<Plan, Error> {
        let steps = self.history::<M>(&DatabaseExecutor::Connection(db)).await?;
        let pending = history::named(&steps, State::Pending);
        let unknown = history::named(&steps, State::Unknown);
        let (live, answers) = live::open(db, &self.terms.settings).await.map_err(unreadable)?;
        let rehearsal = thread::Builder::new().name("plan".to_owned());
        let rehearsal = rehearsal.spawn(move || rehearsal::rehearse::<M>(&live, &pending));
        let rehearsal = rehearsal.map_err(|error| unreadable(DbErr::Custom(error.to_string())))?;
        answers.serve().await.map_err(unreadable)?;
        // It asks no more, so that it has ended.
        let rehearsed = rehearsal.join().map_err(|_| unreadable(DbErr::Custom("the rehearsal panicked".to_owned())))?;
        let (server, migrations) = rehearsed.map_err(unreadable)?;
        Ok(Plan { notes: server.notes(), server, migrations, unknown })
    }
}

fn unreadable(source: DbErr) -> Error {
    match Obstacle::of(&source) {
        Obstacle::Connection => Error::Lost { migration: None, undoing: false, source },
        Obstacle::Lock | Obstacle::ReadOnly | Obstacle::Statement => Error::NotPlanned { source },
    }
}
