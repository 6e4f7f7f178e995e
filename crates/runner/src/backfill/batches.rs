//! One run of a back-fill: batch after batch, each after the last one, whichever run made that.

use std::{num::NonZeroU32, time::Instant};

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbErr},
};

use super::{
    checkpoint::{self, Checkpoint},
    keys::Keys,
    pace::{self, Extent, Pace},
};
use crate::{
    error::Error,
    history::is_missing_table,
    lock::{self, AwaitedLock},
    monitor::Run,
    retry::StatementRetry,
};

pub(super) struct Batches<'a> {
    manager: &'a SchemaManager<'a>,
    run: Run,
    /// The number of the back-fill within its migration.
    number: i32,
    keys: &'a Keys,
    /// The maximum number of rows in a batch.
    size: NonZeroU32,
    update: &'a UpdateStatement,
    /// `None` before the first batch, and once another run has finished.
    progress: Option<Progress>,
}

struct Progress {
    checkpoint: Checkpoint,
    pace: Pace,
    /// The least and the greatest key.
    ends: (i64, i64),
}

impl Progress {
    fn extent(&self) -> Extent {
        let (least, greatest) = self.ends;
        let from_least = |key: i64| u128::from(key.abs_diff(least)) + 1;
        let done = self.checkpoint.key.map_or(0, from_least);
        Extent { rows: self.checkpoint.rows, percent: pace::percent(done, from_least(greatest)) }
    }
}

impl<'a> Batches<'a> {
    pub(super) fn new(
        manager: &'a SchemaManager<'a>,
        run: Run,
        keys: &'a Keys,
        size: NonZeroU32,
        update: &'a UpdateStatement,
    ) -> Self {
        let number = run.next_backfill_number();
        Self { manager, run, number, keys, size, update, progress: None }
    }

    pub(super) async fn run(mut self) -> Result<(), DbErr> {
        let db = self.manager.get_connection();
        while let Some(rows) = self.run_batch().await? {
            if let Some(progress) = &mut self.progress {
                let extent = progress.extent();
                progress.pace.after_batch(db, extent, rows).await?;
            }
        }
        if let Some(Progress { checkpoint, pace, .. }) = self.progress {
            pace.end(checkpoint.rows);
        }
        Ok(())
    }

    /// Retries [`try_batch`](Self::try_batch) until it gets the row locks, or on SQLite the file.
    async fn run_batch(&mut self) -> Result<Option<u64>, DbErr> {
        self.run.check_stop()?;
        let mut retry = StatementRetry::new();
        loop {
            let began = Instant::now();
            match self.try_batch().await {
                Ok(rows) => return Ok(rows),
                Err(error) => {
                    let wanted = self.keys.table.to_string();
                    retry.wait_after(self.manager.get_connection(), error, AwaitedLock::Rows(&wanted), began).await?;
                }
            }
        }
    }

    /// Changes the next rows. Returns how many were changed since the checkpoint, by any run; `None` if nothing is left to do.
    async fn try_batch(&mut self) -> Result<Option<u64>, DbErr> {
        let db = self.manager.get_connection();
        if self.progress.is_none() {
            let Some(ends) = self.keys.ends(db).await? else { return Ok(None) };
            let pace = Pace::new(self.run.context.clone(), self.run.migration.clone());
            self.progress = self.open().await?.map(|checkpoint| Progress { checkpoint, pace, ends });
        }
        let Some(Progress { checkpoint, .. }) = &self.progress else { return Ok(None) };
        let Some(last) = self.keys.end_of_batch(db, checkpoint.key, self.size).await? else { return Ok(None) };
        let moved = match self.try_to_change(checkpoint, last).await? {
            Some(moved) => Some(moved),
            None => checkpoint.reload(db).await?,
        };
        let rows = moved.as_ref().map(|moved| moved.rows - checkpoint.rows);
        match (&mut self.progress, moved) {
            (Some(Progress { checkpoint, .. }), Some(moved)) => *checkpoint = moved,
            (progress, _) => *progress = None,
        }
        Ok(rows)
    }

    /// `None` if another run has changed these rows meanwhile.
    async fn try_to_change(&self, checkpoint: &Checkpoint, last: i64) -> Result<Option<Checkpoint>, DbErr> {
        let batch = self.manager.begin().await?;
        let db = batch.get_connection();
        // A pool silently replaces a lost session with another one, which does not hold the lock.
        if !lock::has_lock(db).await? {
            let (migration, undoing) = (self.run.migration.clone(), self.run.undoing);
            return Err(self.run.keep_error(Error::LockLost { migration, undoing }));
        }
        if !checkpoint.move_to(db, last).await? {
            return Ok(None);
        }
        let mut update = self.update.clone();
        let is_up_to_last = Expr::col(self.keys.column.clone()).lte(last);
        update.cond_where(self.keys.after(checkpoint.key)).and_where(is_up_to_last);
        let moved = checkpoint.moved(last, db.execute(&update).await?.rows_affected());
        moved.save_row_count(db).await?;
        batch.commit().await?;
        Ok(Some(moved))
    }

    /// The checkpoint of an earlier run, or a new one; `None` if nothing is left to do.
    async fn open(&self) -> Result<Option<Checkpoint>, DbErr> {
        loop {
            checkpoint::create_table(self.manager.get_connection()).await?;
            let opening = self.manager.begin().await?;
            match Checkpoint::open(opening.get_connection(), &self.run, self.number).await {
                // On SQLite another run that finished may have dropped the table.
                Err(error) if is_missing_table(&error) => {}
                Ok(checkpoint) => {
                    if checkpoint.is_some() {
                        opening.commit().await?;
                    }
                    return Ok(checkpoint);
                }
                Err(error) => return Err(error),
            }
        }
    }
}
