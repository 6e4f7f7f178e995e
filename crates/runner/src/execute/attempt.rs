//! One attempt at one migration, and what its outcome means.

use std::pin::pin;

use futures_util::{
    FutureExt,
    future::{Either, select},
};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseConnection, DatabaseExecutor},
};

use sea_orm_connect::{ErrorKind, mysql_error_number, snapshot};

use super::{
    commit_wait::watch_commit,
    migration::Execution,
    outcome::{ExecuteError, Outcome},
};
use crate::{
    context::Context,
    direction::Direction,
    error::Error,
    lock::{self, AwaitedLock, Lease, Lifetime, NoSession},
    monitor::Monitor,
    session::Session,
};

/// Runs `next`, if it is still the next migration once the lock is held.
pub(crate) async fn attempt<M: MigratorTrait>(
    context: &Context,
    db: &DatabaseExecutor<'_>,
    monitor: &Monitor,
    direction: Direction,
    lease: &Lease,
    next: String,
) -> Result<Outcome, Error> {
    monitor.reset();
    let migrations = M::migrations();
    let migration =
        migrations.iter().find(|migration| migration.name() == next).expect("the history names only known migrations");
    let execution = Execution::new(context, monitor, direction, migration.as_ref(), lease, db);
    let own = match execution.lifetime {
        Lifetime::Session => Some(open_own_connection(context, db, monitor, direction, &next).await?),
        Lifetime::Transaction | Lifetime::Statement => None,
    };
    let history = M::migration_table_name().to_string();
    let outcome = {
        let on_session = own.as_ref().map(DatabaseExecutor::Connection);
        let running = pin!(execution.run_once::<M>(on_session.as_ref().unwrap_or(db)));
        let (kept, followed) = (pin!(lease.keep_renewing(db)), pin!(watch_commit(context, db, &history, &next)));
        match select(running, select(kept, followed)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((Either::Left((never, _)), _)) => match never {},
            Either::Right((Either::Right((stopped, _)), _)) => Err(stopped.into()),
        }
    };
    let mut is_overtaken = None;
    if let Some(own) = own {
        if let Err(ExecuteError::Driver(error)) = &outcome {
            is_overtaken = match mysql_error_number(error) {
                // ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME: another run has made this change already.
                Some(1050 | 1060 | 1061) => lease.has_changed_no_row(&own).await.ok(),
                // ER_DUP_ENTRY in the history: another run has recorded this migration meanwhile.
                Some(1062) => monitor.failed_statement().map(|sql| sql.starts_with("INSERT") && sql.contains(&history)),
                _ => None,
            };
        }
        lease.forget();
        if is_session_idle(&outcome) {
            // A server may be slow to notice that a session has ended, and the next attempt would wait for its lock.
            lock::release(&own).await;
        }
        // Closing the session releases the lock even if it returns an error.
        let closed = own.close();
        if matches!(outcome, Err(ExecuteError::Run(Error::Stopped { .. } | Error::StoppedInCommit { .. }))) {
            // Started so that the session does not keep the lock, but not awaited: a stopped run does not wait for its statement.
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
            ErrorKind::Statement => {
                let is_overtaken = is_overtaken.unwrap_or_default();
                let error = Error::Failed { migration: next, undoing, source };
                if is_overtaken { Ok(Outcome::Overtaken(error)) } else { Err(error) }
            }
        },
    }
}

/// Whether the session is still open and its last statement has finished.
fn is_session_idle(outcome: &Result<Outcome, ExecuteError>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(ExecuteError::Driver(error)) => ErrorKind::of(error) != ErrorKind::Connection,
        Err(ExecuteError::Run(error)) => !matches!(error, Error::Stopped { .. } | Error::StoppedInCommit { .. }),
    }
}

async fn open_own_connection(
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

/// The sessions that may block the migration, for the report only; empty if they cannot be queried.
async fn blockers(context: &Context, db: &DatabaseExecutor<'_>, monitor: &Monitor) -> Vec<Session> {
    let Ok(transaction) = snapshot::begin(db).await else { return Vec::new() };
    let failed = monitor.failed_statement();
    let blockers =
        lock::possible_blockers(&transaction, AwaitedLock::Table(failed.as_deref()), &context.settings).await;
    let _ = transaction.rollback().await;
    blockers
}
