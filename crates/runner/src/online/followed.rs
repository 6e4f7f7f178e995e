//! A statement that waits for others without a word, as PostgreSQL does while it builds an index: whom it waits for is asked
//! beside it, and told.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr, StatementBuilder};

use crate::{event::Event, pause::pause, server, session::Session, watch::Run};

/// How often it is asked.
const OFTEN: Duration = Duration::from_secs(1);

/// Runs the statement, or as much of it as has been done when somebody wants to stop. Those who were in its way last are left
/// in `blockers`.
pub(super) async fn run(
    db: &DatabaseExecutor<'_>,
    statement: &impl StatementBuilder,
    run: &Run,
    blockers: &mut Vec<Session>,
) -> Result<(), DbErr> {
    blockers.clear();
    let pid = server::pid(db).await?;
    let (running, following) = (pin!(db.execute(statement)), pin!(follow(run, pid, blockers)));
    match select(running, following).await {
        Either::Left((done, _)) => done.map(drop),
        Either::Right(((), running)) => {
            // Where it cannot be cancelled, it ends with its session.
            if let Some(beside) = &run.beside
                && server::cancel(beside, pid).await.is_ok()
            {
                let _ = running.await;
            }
            run.go_on()
        }
    }
}

/// Tells once of the same sessions that they are in the way, until somebody wants to stop.
async fn follow(run: &Run, pid: i32, blockers: &mut Vec<Session>) {
    let Some(beside) = &run.beside else { return run.terms.stop.requested().await };
    let mut told = Vec::new();
    loop {
        pause(OFTEN, &run.terms.stop).await;
        if run.terms.stop.signal().is_some() {
            return;
        }
        *blockers = server::in_the_way_of(beside, pid).await;
        let pids: Vec<i64> = blockers.iter().map(|session| session.pid).collect();
        if !pids.is_empty() && pids != told {
            let migration = run.migration.clone();
            run.terms.listener.tell(&Event::WaitingForOthers { migration, blockers: blockers.clone() });
            told = pids;
        }
    }
}
