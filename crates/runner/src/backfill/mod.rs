//! Changing many rows without standing in anybody's way: in key order, a bounded number in each transaction, going on
//! where it stopped.

mod batches;
mod bookmark;
mod keys;
mod pace;

use std::num::NonZeroU32;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{DatabaseExecutor, DbErr},
};

use crate::{planning, watch::Run};
use batches::Batches;
use keys::Keys;

pub(crate) use bookmark::{drop_if_empty, forget};

/// A change to all rows of a table, for the `up` of a migration that runs outside a transaction:
///
/// ```
/// use sea_orm_migration::prelude::*;
/// use sea_orm_runner::Backfill;
///
/// #[derive(DeriveMigrationName)]
/// struct Migration;
///
/// #[async_trait::async_trait]
/// impl MigrationTrait for Migration {
///     async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
///         let update = Query::update().table("call").value("minutes", Expr::col("seconds").div(60)).take();
///         Backfill::new("call", "id").run(manager, &update).await
///     }
///
///     fn use_transaction(&self) -> Option<bool> {
///         Some(false)
///     }
/// }
/// # fn main() {}
/// ```
///
/// Each batch is a transaction of its own, which also notes how far it has come. A run that is stopped, killed, or cut off
/// goes on behind the last batch. Between batches it pauses as the [`Settings`](crate::Settings) of the run say. Rows that
/// are inserted meanwhile are changed, too, as long as their keys are greater.
#[derive(Clone, Debug)]
pub struct Backfill {
    keys: Keys,
    batch: NonZeroU32,
}

const USUAL_BATCH: NonZeroU32 = NonZeroU32::new(1_000).expect("more than none");

impl Backfill {
    /// Of all rows of `table`, in the order of `key`: an integer column with a unique index, usually the primary key.
    pub fn new(table: impl IntoIden, key: impl IntoIden) -> Self {
        Self { keys: Keys { table: table.into_iden(), column: key.into_iden() }, batch: USUAL_BATCH }
    }

    /// So many rows in a transaction, instead of a thousand. They are locked until it ends.
    #[must_use]
    pub fn in_batches_of(self, rows: NonZeroU32) -> Self {
        Self { batch: rows, ..self }
    }

    /// Runs `update`, which needs no condition about the key, on all rows behind the last batch of an earlier run.
    ///
    /// # Errors
    /// What SeaORM says; where somebody wants to stop; where the migration is not run by a [`Runner`](crate::Runner), which
    /// keeps others from doing the same, or runs in a transaction, which would hold the locks of all batches until its end.
    pub async fn run(&self, manager: &SchemaManager<'_>, update: &UpdateStatement) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if planning::is_rehearsed() {
            return self.rehearse(db, update).await;
        }
        let Some(run) = Run::current() else {
            return Err(refused("a back-fill is a part of a migration that a `Runner` runs"));
        };
        if !matches!(db, DatabaseExecutor::Connection(_)) {
            return Err(refused("a back-fill commits each batch: let `use_transaction` return `Some(false)`"));
        }
        Batches::new(manager, run, &self.keys, self.batch, update).run().await
    }

    /// The update as it stands for all batches, where there are rows.
    async fn rehearse(&self, db: &DatabaseExecutor<'_>, update: &UpdateStatement) -> Result<(), DbErr> {
        if self.keys.ends(db).await?.is_none() {
            return Ok(());
        }
        planning::set(Some(planning::Batches { rows: self.batch.get(), key: self.keys.column.to_string() }));
        let updated = db.execute(update).await;
        planning::set(None);
        updated.map(drop)
    }
}

fn refused(why: &str) -> DbErr {
    DbErr::Migration(why.to_owned())
}
