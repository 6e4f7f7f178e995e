//! One run of a back-fill: batch after batch, each waited for, each from where the last one ended, whoever made that.

use std::{num::NonZeroU32, time::Instant};

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DbErr},
};

use super::{
    bookmark::{self, Bookmark},
    keys::Keys,
    pace::Pace,
};
use crate::{
    error::Error,
    history::is_missing_table,
    patience::Patience,
    server::{self, Wanted},
    watch::Run,
};

pub(super) struct Batches<'a> {
    manager: &'a SchemaManager<'a>,
    run: Run,
    /// Which back-fill of its migration it is.
    number: i32,
    keys: &'a Keys,
    /// So many rows at most.
    size: NonZeroU32,
    update: &'a UpdateStatement,
    /// `None` until it is known where to begin, and where others have come to the end.
    progress: Option<Progress>,
}

struct Progress {
    bookmark: Bookmark,
    pace: Pace,
}

impl<'a> Batches<'a> {
    pub(super) fn new(
        manager: &'a SchemaManager<'a>,
        run: Run,
        keys: &'a Keys,
        size: NonZeroU32,
        update: &'a UpdateStatement,
    ) -> Self {
        let number = run.number_of_backfill();
        Self { manager, run, number, keys, size, update, progress: None }
    }

    pub(super) async fn run(mut self) -> Result<(), DbErr> {
        let db = self.manager.get_connection();
        while let Some(rows) = self.next().await? {
            if let Some(Progress { bookmark, pace }) = &mut self.progress {
                pace.after_batch(db, bookmark, rows).await?;
            }
        }
        if let Some(Progress { bookmark, pace }) = self.progress {
            pace.end(&bookmark);
        }
        Ok(())
    }

    /// [`try_next`](Self::try_next) again and again until its rows can be had, or on SQLite the file.
    async fn next(&mut self) -> Result<Option<u64>, DbErr> {
        self.run.go_on()?;
        let mut patience = Patience::new();
        loop {
            let began = Instant::now();
            match self.try_next().await {
                Ok(rows) => return Ok(rows),
                Err(error) => {
                    let wanted = self.keys.table.to_string();
                    patience.after(self.manager.get_connection(), error, Wanted::Rows(&wanted), began).await?;
                }
            }
        }
    }

    /// How many rows were changed since the bookmark, by whomever, or `None` where nothing is left to do.
    async fn try_next(&mut self) -> Result<Option<u64>, DbErr> {
        let db = self.manager.get_connection();
        if self.progress.is_none() {
            let Some((least, greatest)) = self.keys.ends(db).await? else { return Ok(None) };
            let pace = Pace::new(self.run.clone(), least, greatest);
            self.progress = self.open().await?.map(|bookmark| Progress { bookmark, pace });
        }
        let Some(Progress { bookmark, .. }) = &self.progress else { return Ok(None) };
        let Some(last) = self.keys.end_of_batch(db, bookmark.key, self.size).await? else { return Ok(None) };
        let moved = match self.try_to_change(bookmark, last).await? {
            Some(moved) => Some(moved),
            None => bookmark.again(db).await?,
        };
        let rows = moved.as_ref().map(|moved| moved.rows - bookmark.rows);
        match (&mut self.progress, moved) {
            (Some(Progress { bookmark, .. }), Some(moved)) => *bookmark = moved,
            (progress, _) => *progress = None,
        }
        Ok(rows)
    }

    /// `None` where somebody else has changed these rows meanwhile.
    async fn try_to_change(&self, bookmark: &Bookmark, last: i64) -> Result<Option<Bookmark>, DbErr> {
        let batch = self.manager.begin().await?;
        let db = batch.get_connection();
        // A pool puts another session, without the lock, in the place of one that was lost, and says nothing.
        if !server::has_lock(db).await? {
            let (migration, undoing) = (self.run.migration.clone(), self.run.undoing);
            return Err(self.run.give_up(Error::LockLost { migration, undoing }));
        }
        if !bookmark.move_to(db, last).await? {
            return Ok(None);
        }
        let mut update = self.update.clone();
        let is_up_to_last = Expr::col(self.keys.column.clone()).lte(last);
        update.cond_where(self.keys.behind(bookmark.key)).and_where(is_up_to_last);
        let moved = bookmark.moved(last, db.execute(&update).await?.rows_affected());
        moved.count(db).await?;
        batch.commit().await?;
        Ok(Some(moved))
    }

    /// Where an earlier run left it, or before the first row; `None` where there is nothing left to do.
    async fn open(&self) -> Result<Option<Bookmark>, DbErr> {
        loop {
            bookmark::make_room(self.manager.get_connection()).await?;
            let opening = self.manager.begin().await?;
            match Bookmark::open(opening.get_connection(), &self.run, self.number).await {
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
}
