//! Changes many rows without blocking others: in key order, in batches, each in its own transaction. A new run continues where
//! the last one stopped.

mod batches;
mod checkpoint;
mod keys;
mod pace;

use std::num::NonZeroU32;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{DatabaseExecutor, DbErr},
};

use crate::{monitor::Run, planning};
use batches::Batches;
use keys::Keys;

pub(crate) use checkpoint::{delete_checkpoints, drop_if_empty};
pub(crate) use pace::{Extent, Pace};

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
/// Each batch is a transaction of its own, which also saves the progress. After a stop, a kill or a lost connection the next
/// run continues after the last batch. Between batches it pauses as the [`Settings`](crate::Settings) require. It also changes
/// rows that are inserted meanwhile with greater keys.
#[derive(Clone, Debug)]
pub struct Backfill {
    keys: Keys,
    batch: NonZeroU32,
}

const DEFAULT_BATCH: NonZeroU32 = NonZeroU32::new(1_000).expect("1000 is not 0");

impl Backfill {
    /// For all rows of `table`, in the order of `key`: an integer column with a unique index, usually the primary key.
    pub fn new(table: impl IntoIden, key: impl IntoIden) -> Self {
        Self { keys: Keys { table: table.into_iden(), column: key.into_iden() }, batch: DEFAULT_BATCH }
    }

    /// The number of rows in a transaction instead of 1000. They stay locked until it commits.
    #[must_use]
    pub fn in_batches_of(self, rows: NonZeroU32) -> Self {
        Self { batch: rows, ..self }
    }

    /// Runs `update` on all rows after the last batch of an earlier run. It needs no condition on the key.
    ///
    /// # Errors
    /// Those of SeaORM; if the run is asked to stop; if no [`Runner`](crate::Runner) runs the migration, which keeps other runs
    /// away; or if it runs in a transaction, which would hold the locks of all batches until it commits.
    pub async fn run(&self, manager: &SchemaManager<'_>, update: &UpdateStatement) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if planning::is_dry_run() {
            return self.dry_run(db, update).await;
        }
        let Some(run) = Run::current() else {
            return Err(refused("a back-fill needs a migration that a `Runner` runs"));
        };
        if !matches!(db, DatabaseExecutor::Connection(_)) {
            return Err(refused("a back-fill commits each batch: let `use_transaction` return `Some(false)`"));
        }
        Batches::new(manager, run, &self.keys, self.batch, update).run().await
    }

    /// Executes the update once for all batches, if there are rows.
    async fn dry_run(&self, db: &DatabaseExecutor<'_>, update: &UpdateStatement) -> Result<(), DbErr> {
        if self.keys.ends(db).await?.is_none() {
            return Ok(());
        }
        planning::set_batches(Some(planning::Batches { rows: self.batch.get(), key: self.keys.column.to_string() }));
        let updated = db.execute(update).await;
        planning::set_batches(None);
        updated.map(drop)
    }
}

fn refused(why: &str) -> DbErr {
    DbErr::Migration(why.to_owned())
}
