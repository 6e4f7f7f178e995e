//! Changing many rows without standing in anybody's way: in key order, a bounded number in each transaction, going on
//! where it stopped.

mod bookmark;
mod pace;

use std::num::NonZeroU32;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, DynIden},
};

use crate::{error::Error, obstacle::Obstacle, server, terms::Terms, waiting::Waiting, watch::Run};
use bookmark::Bookmark;
use pace::Pace;

pub(crate) use bookmark::forget;

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
    table: DynIden,
    key: DynIden,
    batch: NonZeroU32,
}

const USUAL_BATCH: NonZeroU32 = NonZeroU32::new(1_000).expect("more than none");

impl Backfill {
    /// Of all rows of `table`, in the order of `key`: an integer column with a unique index, usually the primary key.
    pub fn new(table: impl IntoIden, key: impl IntoIden) -> Self {
        Self { table: table.into_iden(), key: key.into_iden(), batch: USUAL_BATCH }
    }

    /// So many rows in a transaction, instead of a thousand. They are locked until it ends.
    #[must_use]
    pub fn in_batches_of(self, rows: NonZeroU32) -> Self {
        Self { batch: rows, ..self }
    }

    /// Runs `update`, which needs no condition about the key, on all rows behind the last batch of an earlier run.
    ///
    /// # Errors
    /// What SeaORM says; where somebody wants to stop; where the migration runs in a transaction, which would hold the
    /// locks of all batches until its end.
    pub async fn run(&self, manager: &SchemaManager<'_>, update: &UpdateStatement) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if !matches!(db, DatabaseExecutor::Connection(_)) && db.get_database_backend() != DbBackend::Sqlite {
            let advice = "a back-fill commits each batch: let `use_transaction` return `Some(false)`";
            return Err(DbErr::Migration(advice.to_owned()));
        }
        let run = Run::current().unwrap_or_else(|| Run::new(Terms::default(), String::new()));
        let Some((least, greatest)) = self.ends(db).await? else { return Ok(()) };
        let mut bookmark = Bookmark::open(db, &run.migration, run.number_of_backfill(), least).await?;
        let mut pace = Pace::new(run.clone(), least, greatest);
        while let Some(last) = self.end_of_batch(db, bookmark.key).await? {
            let rows = bookmark.rows;
            bookmark = self.change(manager, &run, update, &bookmark, last).await?;
            pace.after_batch(db, &bookmark, bookmark.rows - rows).await?;
        }
        pace.end(&bookmark);
        Ok(())
    }

    /// One batch, again and again until its rows can be had.
    async fn change(
        &self,
        manager: &SchemaManager<'_>,
        run: &Run,
        update: &UpdateStatement,
        bookmark: &Bookmark,
        last: i64,
    ) -> Result<Bookmark, DbErr> {
        let key = || Expr::col(self.key.clone());
        let mut update = update.clone();
        update.and_where(key().gt(bookmark.key)).and_where(key().lte(last));
        let mut waiting = Waiting::new();
        loop {
            run.go_on()?;
            let change = async {
                let batch = manager.begin().await?;
                let rows = batch.get_connection().execute(&update).await?.rows_affected();
                let moved = bookmark.moved(last, rows);
                moved.save(batch.get_connection()).await?;
                batch.commit().await?;
                Ok::<Bookmark, DbErr>(moved)
            };
            match change.await {
                Err(error) if Obstacle::of(&error) == Obstacle::Lock => {
                    let table = self.table.to_string();
                    let settings = &run.terms.settings;
                    let blockers = server::blockers(manager.get_connection(), Some(&table), settings).await;
                    let waited = waiting.for_table(&run.terms, &run.migration, blockers).await;
                    waited.map_err(|error: Error| run.give_up(error))?;
                }
                changed => return changed,
            }
        }
    }

    /// The least and the greatest key, or `None` of no rows.
    async fn ends(&self, db: &impl ConnectionTrait) -> Result<Option<(i64, i64)>, DbErr> {
        let end = |order| self.keys(db.get_database_backend()).order_by(self.key.clone(), order).limit(1).take();
        let (least, greatest) = (integer(db, &end(Order::Asc)).await?, integer(db, &end(Order::Desc)).await?);
        Ok(least.zip(greatest))
    }

    /// The key of the last row of the batch behind `key`, or `None` where no row is behind it.
    async fn end_of_batch(&self, db: &impl ConnectionTrait, key: i64) -> Result<Option<i64>, DbErr> {
        let behind = self.keys(db.get_database_backend()).and_where(Expr::col(self.key.clone()).gt(key)).take();
        let last = u64::from(self.batch.get()) - 1;
        let full = behind.clone().order_by(self.key.clone(), Order::Asc).limit(1).offset(last).take();
        match integer(db, &full).await? {
            Some(last) => Ok(Some(last)),
            None => integer(db, &behind.clone().order_by(self.key.clone(), Order::Desc).limit(1).take()).await,
        }
    }

    /// Keys as one kind of integer, whatever kind they are. Under another name than the column's, or PostgreSQL would sort by
    /// what was cast, for which there is no index.
    fn keys(&self, backend: DbBackend) -> SelectStatement {
        let integer = if backend == DbBackend::MySql { "signed" } else { "bigint" };
        let key = Expr::col(self.key.clone()).cast_as(integer);
        Query::select().expr_as(key, "key_as_integer").from(self.table.clone()).take()
    }
}

async fn integer(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Option<i64>, DbErr> {
    db.query_one(select).await?.map(|row| row.try_get_by_index(0)).transpose()
}
