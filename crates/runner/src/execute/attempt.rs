//! One attempt at one migration, and what its outcome means.

use futures_util::FutureExt;
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseConnection, DatabaseExecutor},
};

use sea_orm_connect::{ErrorKind, snapshot};

use super::{
    migration::Execution,
    outcome::{ExecuteError, Outcome},
};
use crate::{
    context::Context,
    direction::Direction,
    error::Error,
    lock::{self, Lifetime, NoSession, Wanted},
    monitor::Monitor,
    session::Session,
};

/// Runs `next`, if it is still the next migration under the lock.
pub(crate) async fn attempt<M: MigratorTrait>(
    context: &Context,
    db: &DatabaseExecutor<'_>,
    monitor: &Monitor,
    direction: Direction,
    next: String,
) -> Result<Outcome, Error> {
    monitor.reset();
    let migrations = M::migrations();
    let migration = migrations.iter().find(|migration| migration.name() == next).expect("the history named it");
    let execution = Execution::new(context, monitor, direction, migration.as_ref(), db);
    let own = match execution.lifetime {
        Lifetime::Session => Some(session_for(context, db, monitor, direction, &next).await?),
        Lifetime::Transaction | Lifetime::Statement => None,
    };
    let outcome = match &own {
        Some(own) => execution.run_once::<M>(&DatabaseExecutor::Connection(own)).await,
        None => execution.run_once::<M>(db).await,
    };
    if let Some(own) = own {
        if outcome.is_ok() {
            // A server may notice the end of a session late, and the next attempt would wait for its lock.
            lock::release(&own).await;
        }
        // Closing the session releases the lock in any case, whatever it returns.
        let closed = own.close();
        if matches!(outcome, Err(ExecuteError::Run(Error::Stopped { .. }))) {
            // Started, so that the session does not keep the lock, but not awaited: a stopped run does not wait for its statement.
            let _ = closed.now_or_never();
        } else {
            let _ = closed.await;
        }
    }
    let undoing = direction == Direction::Down;
    match outcome {
        Ok(outcome) => Ok(outcome),
        Err(ExecuteError::Run(error)) => Err(error),
        Err(ExecuteError::Driver(source)) => match ErrorKind::of(&source) {
            ErrorKind::Lock if execution.may_be_repeated() => {
                Ok(Outcome::Blocked { migration: next, by: blockers(context, db, monitor).await })
            }
            ErrorKind::Lock => {
                Err(Error::Interrupted { migration: next, blockers: blockers(context, db, monitor).await })
            }
            ErrorKind::Connection => Err(Error::Lost { migration: Some(next), undoing, source }),
            ErrorKind::ReadOnly => Err(Error::ReadOnly { migration: Some(next), source }),
            ErrorKind::Statement if ErrorKind::is_time_out(&source) => {
                let limit = context.settings.statement_timeout;
                Err(Error::TimedOut { migration: next, undoing, limit, source })
            }
            ErrorKind::Statement => Err(Error::Failed { migration: next, undoing, source }),
        },
    }
}

async fn session_for(
    context: &Context,
    db: &DatabaseExecutor<'_>,
    monitor: &Monitor,
    direction: Direction,
    migration: &str,
) -> Result<DatabaseConnection, Error> {
    let migration = migration.to_owned();
    let DatabaseExecutor::Connection(db) = db else {
        return Err(Error::InTransaction { migration });
    };
    match lock::own_connection(db, &context.settings).await {
        Ok(own) => Ok(monitor.attach(&own, context.listener.clone())),
        Err(NoSession::Refused(reason)) => Err(Error::NoSession { migration, reason }),
        Err(NoSession::NotConnected(source)) => {
            Err(Error::Lost { migration: Some(migration), undoing: direction == Direction::Down, source })
        }
    }
}

/// For the report only: empty if they cannot be queried.
async fn blockers(context: &Context, db: &DatabaseExecutor<'_>, monitor: &Monitor) -> Vec<Session> {
    let Ok(transaction) = snapshot::begin(db).await else { return Vec::new() };
    let failed = monitor.failed();
    let blockers = lock::blockers(&transaction, Wanted::Table(failed.as_deref()), &context.settings).await;
    let _ = transaction.rollback().await;
    blockers
}
