//! Changing many rows without standing in anybody's way: in key order, a bounded number in each transaction, going on
//! where it stopped.

mod bookmark;
mod pace;

use std::{num::NonZeroU32, time::Instant};

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, DynIden},
};

use crate::{
    error::Error,
    history::is_missing_table,
    patience::Patience,
    server::{self, Wanted},
    watch::Run,
};
use bookmark::Bookmark;
use pace::Pace;

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
    table: DynIden,
    key: DynIden,
    batch: NonZeroU32,
}

/// How far a back-fill has come.
struct Progress {
    bookmark: Bookmark,
    pace: Pace,
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
    /// What SeaORM says; where somebody wants to stop; where the migration is not run by a [`Runner`](crate::Runner), which
    /// keeps others from doing the same, or runs in a transaction, which would hold the locks of all batches until its end.
    pub async fn run(&self, manager: &SchemaManager<'_>, update: &UpdateStatement) -> Result<(), DbErr> {
        let db = manager.get_connection();
        #[cfg(feature = "plan")]
        if crate::rehearsed::is_rehearsed() {
            return self.rehearse(db, update).await;
        }
        let Some(run) = Run::current() else {
            return Err(refused("a back-fill is a part of a migration that a `Runner` runs"));
        };
        if !matches!(db, DatabaseExecutor::Connection(_)) {
            return Err(refused("a back-fill commits each batch: let `use_transaction` return `Some(false)`"));
        }
        let number = run.number_of_backfill();
        let mut progress = None;
        while let Some(rows) = self.next_batch(manager, &run, number, update, &mut progress).await? {
            if let Some(Progress { bookmark, pace }) = &mut progress {
                pace.after_batch(db, bookmark, rows).await?;
            }
        }
        if let Some(Progress { bookmark, pace }) = progress {
            pace.end(&bookmark);
        }
        Ok(())
    }

    /// The update as it stands for all batches, where there are rows.
    #[cfg(feature = "plan")]
    async fn rehearse(&self, db: &impl ConnectionTrait, update: &UpdateStatement) -> Result<(), DbErr> {
        use crate::rehearsed::{self, Batches};

        if self.ends(db).await?.is_none() {
            return Ok(());
        }
        rehearsed::set(Some(Batches { rows: self.batch.get(), key: self.key.to_string() }));
        let updated = db.execute(update).await;
        rehearsed::set(None);
        updated.map(drop)
    }

    /// [`try_next_batch`](Self::try_next_batch) again and again until its rows can be had, or on SQLite the file.
    async fn next_batch(
        &self,
        manager: &SchemaManager<'_>,
        run: &Run,
        number: i32,
        update: &UpdateStatement,
        progress: &mut Option<Progress>,
    ) -> Result<Option<u64>, DbErr> {
        run.go_on()?;
        let mut patience = Patience::new();
        loop {
            let began = Instant::now();
            match self.try_next_batch(manager, run, number, update, progress).await {
                Ok(rows) => return Ok(rows),
                Err(error) => {
                    let wanted = self.table.to_string();
                    patience.after(manager.get_connection(), error, Wanted::Rows(&wanted), began).await?;
                }
            }
        }
    }

    /// How many rows were changed behind `progress`, or `None` where nothing is left to do, and no `progress` where others
    /// have come to the end.
    async fn try_next_batch(
        &self,
        manager: &SchemaManager<'_>,
        run: &Run,
        number: i32,
        update: &UpdateStatement,
        progress: &mut Option<Progress>,
    ) -> Result<Option<u64>, DbErr> {
        let db = manager.get_connection();
        if progress.is_none() {
            let Some((least, greatest)) = self.ends(db).await? else { return Ok(None) };
            let pace = Pace::new(run.clone(), least, greatest);
            *progress = open(manager, run, number).await?.map(|bookmark| Progress { bookmark, pace });
        }
        let Some(Progress { bookmark, .. }) = progress else { return Ok(None) };
        let Some(last) = self.end_of_batch(db, bookmark.key).await? else { return Ok(None) };
        let moved = match self.try_to_change(manager, run, update, bookmark, last).await? {
            Some(moved) => Some(moved),
            None => bookmark.again(db).await?,
        };
        let rows = moved.as_ref().map(|moved| moved.rows - bookmark.rows);
        match moved {
            Some(moved) => *bookmark = moved,
            None => *progress = None,
        }
        Ok(rows)
    }

    /// `None` where somebody else has changed these rows meanwhile.
    async fn try_to_change(
        &self,
        manager: &SchemaManager<'_>,
        run: &Run,
        update: &UpdateStatement,
        bookmark: &Bookmark,
        last: i64,
    ) -> Result<Option<Bookmark>, DbErr> {
        let batch = manager.begin().await?;
        let db = batch.get_connection();
        // A pool puts another session, without the lock, in the place of one that was lost, and says nothing.
        if !server::has_lock(db, &run.history).await? {
            let (migration, undoing) = (run.migration.clone(), run.undoing);
            return Err(run.give_up(Error::LockLost { migration, undoing }));
        }
        if !bookmark.move_to(db, last).await? {
            return Ok(None);
        }
        let mut update = update.clone();
        update.cond_where(behind(&self.key, bookmark.key)).and_where(Expr::col(self.key.clone()).lte(last));
        let moved = bookmark.moved(last, db.execute(&update).await?.rows_affected());
        moved.count(db).await?;
        batch.commit().await?;
        Ok(Some(moved))
    }

    /// The least and the greatest key, or `None` of no rows.
    async fn ends(&self, db: &impl ConnectionTrait) -> Result<Option<(i64, i64)>, DbErr> {
        let end = |order| self.keys(db.get_database_backend()).order_by(self.key.clone(), order).limit(1).take();
        let (least, greatest) = (integer(db, &end(Order::Asc)).await?, integer(db, &end(Order::Desc)).await?);
        Ok(least.zip(greatest))
    }

    /// The key of the last row of the batch behind `key`, or `None` where no row is behind it.
    async fn end_of_batch(&self, db: &impl ConnectionTrait, key: Option<i64>) -> Result<Option<i64>, DbErr> {
        let rows = self.keys(db.get_database_backend()).cond_where(behind(&self.key, key)).take();
        let last = u64::from(self.batch.get()) - 1;
        let full = rows.clone().order_by(self.key.clone(), Order::Asc).limit(1).offset(last).take();
        let last = match integer(db, &full).await? {
            Some(last) => Some(last),
            None => integer(db, &rows.clone().order_by(self.key.clone(), Order::Desc).limit(1).take()).await?,
        };
        if last.zip(key).is_some_and(|(last, key)| last <= key) {
            let advice = format!("`{}.{}` is no integer of 64 bits, which a back-fill needs", self.table, self.key);
            return Err(refused(&advice));
        }
        Ok(last)
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

/// Where an earlier run left it, or before the first row; `None` where there is nothing left to do.
async fn open(manager: &SchemaManager<'_>, run: &Run, number: i32) -> Result<Option<Bookmark>, DbErr> {
    loop {
        bookmark::make_room(manager.get_connection()).await?;
        let opening = manager.begin().await?;
        match Bookmark::open(opening.get_connection(), run, number).await {
            // On SQLite, whoever came to the end has taken the table away again.
            Err(error) if is_missing_table(&error) => {}
            Ok(bookmark) => {
                if bookmark.is_some() {
                    opening.commit().await?;
                }
                return Ok(bookmark);
            }
            Err(error) => return Err(error),
        }
    }
}

fn behind(column: &DynIden, key: Option<i64>) -> Condition {
    let behind = key.map(|key| Expr::col(column.clone()).gt(key));
    behind.into_iter().fold(Condition::all(), Condition::add)
}

fn refused(why: &str) -> DbErr {
    DbErr::Migration(why.to_owned())
}
