//! The pace of a back-fill: limits its rate, and waits for replicas that lag.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TryGetableMany};

use super::checkpoint::Checkpoint;
use crate::{event::Event, monitor::Run, retry::pause};

/// The interval between progress events.
const REPORT_INTERVAL: Duration = Duration::from_millis(200);

/// The interval between checks of a lagging replica.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

pub(super) struct Pace {
    run: Run,
    least: i64,
    greatest: i64,
    began: Instant,
    /// The rows changed by this run.
    rows: u64,
    reported: Option<Instant>,
    /// The positions in the server's log, and when they were written.
    log: VecDeque<(Instant, i64)>,
}

impl Pace {
    pub(super) fn new(run: Run, least: i64, greatest: i64) -> Self {
        Self { run, least, greatest, began: Instant::now(), rows: 0, reported: None, log: VecDeque::new() }
    }

    pub(super) async fn after_batch(
        &mut self,
        db: &impl ConnectionTrait,
        checkpoint: &Checkpoint,
        rows: u64,
    ) -> Result<(), DbErr> {
        self.rows += rows;
        if self.reported.is_none_or(|reported| reported.elapsed() >= REPORT_INTERVAL) {
            self.report_progress(checkpoint, 99);
        }
        if let Some(most) = self.run.context.settings.max_rate {
            let due = Duration::from_secs(self.rows) / most.get();
            pause(due.saturating_sub(self.began.elapsed()), &self.run.context.stop).await;
        }
        if let Some(most) = self.run.context.settings.max_lag {
            self.wait_for_replicas(db, most).await?;
        }
        Ok(())
    }

    /// Reports the end.
    pub(super) fn end(mut self, checkpoint: &Checkpoint) {
        self.greatest = checkpoint.key.unwrap_or(self.greatest);
        self.report_progress(checkpoint, 100);
    }

    fn report_progress(&mut self, checkpoint: &Checkpoint, most: u8) {
        self.reported = Some(Instant::now());
        let from_least = |key: i64| u128::from(key.abs_diff(self.least)) + 1;
        let (done, all) = (checkpoint.key.map_or(0, from_least), from_least(self.greatest));
        let percent = u8::try_from(done * 100 / all).unwrap_or(most).min(most);
        let milliseconds = self.began.elapsed().as_millis().max(1);
        let per_second = u64::try_from(u128::from(self.rows) * 1_000 / milliseconds).unwrap_or(u64::MAX);
        let migration = self.run.migration.clone();
        self.run.context.listener.notify(&Event::Rows { migration, rows: checkpoint.rows, percent, per_second });
    }

    /// The lag of a replica is the age of the oldest batch that it has not replayed.
    async fn wait_for_replicas(&mut self, db: &impl ConnectionTrait, most: Duration) -> Result<(), DbErr> {
        let (end, _) = positions(db).await?;
        self.log.push_back((Instant::now(), end));
        let mut is_reported = false;
        while self.run.context.stop.signal().is_none() {
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
                let migration = self.run.migration.clone();
                self.run.context.listener.notify(&Event::WaitingForReplica { migration, lag });
            }
            pause(POLL_INTERVAL, &self.run.context.stop).await;
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
