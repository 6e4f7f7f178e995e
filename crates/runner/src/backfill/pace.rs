//! The pace of work on many rows: limits its rate, and waits for replicas that lag.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TryGetableMany};

use crate::{context::Context, event::Event, retry::pause};

/// The interval between progress events.
const REPORT_INTERVAL: Duration = Duration::from_millis(200);

/// The interval between checks of a lagging replica.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

pub(crate) struct Pace {
    context: Context,
    /// The migration, or the job.
    name: String,
    began: Instant,
    /// The rows changed by this run.
    rows: u64,
    reported: Option<Instant>,
    /// The positions in the server's log, and when they were written.
    log: VecDeque<(Instant, i64)>,
}

/// How far the work is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The rows changed by all runs.
    pub(crate) rows: u64,
    /// The progress through all rows.
    pub(crate) percent: u8,
}

/// How much of all that is, at most 100.
pub(super) fn percent(done: u128, all: u128) -> u8 {
    u8::try_from(done * 100 / all).map_or(100, |percent| percent.min(100))
}

impl Pace {
    pub(crate) fn new(context: Context, name: String) -> Self {
        Self { context, name, began: Instant::now(), rows: 0, reported: None, log: VecDeque::new() }
    }

    /// After a batch that changed so many rows.
    pub(crate) async fn after_batch(
        &mut self,
        db: &impl ConnectionTrait,
        extent: Extent,
        rows: u64,
    ) -> Result<(), DbErr> {
        self.rows += rows;
        if self.reported.is_none_or(|reported| reported.elapsed() >= REPORT_INTERVAL) {
            self.report_progress(Extent { percent: extent.percent.min(99), ..extent });
        }
        if let Some(most) = self.context.settings.max_rate {
            let due = Duration::from_secs(self.rows) / most.get();
            pause(due.saturating_sub(self.began.elapsed()), &self.context.stop).await;
        }
        if let Some(most) = self.context.settings.max_lag {
            self.wait_for_replicas(db, most).await?;
        }
        Ok(())
    }

    /// Reports the end.
    pub(crate) fn end(mut self, rows: u64) {
        self.report_progress(Extent { rows, percent: 100 });
    }

    fn report_progress(&mut self, Extent { rows, percent }: Extent) {
        self.reported = Some(Instant::now());
        let milliseconds = self.began.elapsed().as_millis().max(1);
        let per_second = u64::try_from(u128::from(self.rows) * 1_000 / milliseconds).unwrap_or(u64::MAX);
        let migration = self.name.clone();
        self.context.listener.notify(&Event::Rows { migration, rows, percent, per_second });
    }

    /// The lag of a replica is the age of the oldest batch that it has not replayed.
    async fn wait_for_replicas(&mut self, db: &impl ConnectionTrait, most: Duration) -> Result<(), DbErr> {
        let (end, _) = positions(db).await?;
        self.log.push_back((Instant::now(), end));
        let mut is_reported = false;
        while self.context.stop.signal().is_none() {
            let (_, replayed) = positions(db).await?;
            let replayed = replayed.unwrap_or(i64::MAX);
            while self.log.front().is_some_and(|(_, position)| *position <= replayed) {
                self.log.pop_front();
            }
            let lag = self.log.front().map(|(written, _)| written.elapsed()).unwrap_or_default();
            if lag <= most {
                break;
            }
            if !is_reported {
                is_reported = true;
                let migration = self.name.clone();
                self.context.listener.notify(&Event::WaitingForReplica { migration, lag });
            }
            pause(POLL_INTERVAL, &self.context.stop).await;
        }
        Ok(())
    }
}

/// The end of the server's log, and how far the last replica has replayed it, in bytes.
async fn positions(db: &impl ConnectionTrait) -> Result<(i64, Option<i64>), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        let reason = "only PostgreSQL reports the lag of replicas: leave out `--max-lag`";
        return Err(DbErr::Migration(reason.to_owned()));
    }
    let ask = Statement::from_string(DbBackend::Postgres, include_str!("replicas.sql"));
    let row = db.query_one_raw(ask).await?.ok_or_else(|| DbErr::RecordNotFound("an aggregate has a row".to_owned()))?;
    let (end, replayed, hidden) = <(i64, Option<i64>, i64)>::try_get_many_by_index(&row)?;
    if hidden > 0 {
        let reason = "this role may not see the lag of replicas: GRANT pg_monitor to it, or leave out `--max-lag`";
        return Err(DbErr::Migration(reason.to_owned()));
    }
    Ok((end, replayed))
}
