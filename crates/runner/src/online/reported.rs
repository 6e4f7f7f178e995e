//! A statement that waits for a long time, such as a concurrent index build on PostgreSQL. Another connection finds its
//! blockers, and they are reported.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, Statement};

use crate::{event::Event, lock, monitor::Run, retry::pause, session::Session};

/// The interval between checks.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Runs the statement, and cancels it if the run is asked to stop. Leaves its last blockers in `blockers`.
pub(super) async fn run(
    db: &DatabaseExecutor<'_>,
    statement: Statement,
    run: &Run,
    blockers: &mut Vec<Session>,
) -> Result<(), DbErr> {
    blockers.clear();
    let pid = lock::pid(db).await?;
    let (running, following) = (pin!(db.execute_raw(statement)), pin!(follow(run, pid, blockers)));
    match select(running, following).await {
        Either::Left((done, _)) => done.map(drop),
        Either::Right(((), running)) => {
            // If it cannot be cancelled, it ends with its session.
            if let Some(monitor_connection) = &run.monitor_connection
                && lock::cancel(monitor_connection, pid).await.is_ok()
            {
                let _ = running.await;
            }
            run.check_stop()
        }
    }
}

/// Reports blockers whenever they change, until the run is asked to stop.
async fn follow(run: &Run, pid: i32, blockers: &mut Vec<Session>) {
    let Some(monitor_connection) = &run.monitor_connection else { return run.context.stop.requested().await };
    let mut reported = Vec::new();
    loop {
        pause(POLL_INTERVAL, &run.context.stop).await;
        if run.context.stop.signal().is_some() {
            return;
        }
        *blockers = lock::blockers_of_session(monitor_connection, pid).await;
        let pids: Vec<i64> = blockers.iter().map(|session| session.pid).collect();
        if !pids.is_empty() && pids != reported {
            let migration = run.migration.clone();
            run.context.listener.notify(&Event::WaitingForOthers { migration, blockers: blockers.clone() });
            reported = pids;
        }
    }
}
