//! A commit that waits for a synchronous replica (PostgreSQL): reported, and no longer waited for when the run is asked to stop.

use std::{future::pending, time::Duration};

use sea_orm_connect::snapshot;
use sea_orm_migration::sea_orm::{DatabaseConnection, DatabaseExecutor, DbErr};

use crate::{context::Context, error::Error, event::Event, lock, retry::pause, sleep::sleep};

/// The interval between checks.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Reports that the commit waits. Returns only if the run is asked to stop meanwhile. May be dropped at any moment.
pub(super) async fn watch_commit(
    context: &Context,
    db: &DatabaseExecutor<'_>,
    history: &str,
    migration: &str,
) -> Error {
    watch_commit_every(POLL_INTERVAL, context, db, history, migration).await
}

async fn watch_commit_every(
    interval: Duration,
    context: &Context,
    db: &DatabaseExecutor<'_>,
    history: &str,
    migration: &str,
) -> Error {
    // A `begin` of sqlx 0.9 that is dropped half-way leaves its connection in a transaction that nobody ends. In the caller's
    // pool, what is written there next would be lost.
    let Some(monitor_connection) = lock::temporary_connection(db) else { return pending().await };
    let migration = migration.to_owned();
    let mut reported = false;
    loop {
        pause(interval, &context.stop).await;
        let signal = context.stop.signal();
        match query_awaited_replicas(&monitor_connection, history).await {
            Ok(Some(replicas)) => {
                if let Some(signal) = signal {
                    return Error::StoppedInCommit { signal, migration, replicas };
                }
                if !reported {
                    let (migration, replicas) = (migration.clone(), replicas);
                    context.listener.notify(&Event::WaitingForSynchronousReplica { migration, replicas });
                }
                reported = true;
            }
            Ok(None) | Err(_) => reported = false,
        }
        if signal.is_some() {
            sleep(interval).await;
        }
    }
}

async fn query_awaited_replicas(db: &DatabaseConnection, history: &str) -> Result<Option<String>, DbErr> {
    let transaction = snapshot::begin(&DatabaseExecutor::Connection(db)).await?;
    let replicas = lock::awaited_replicas(&transaction, history).await?;
    transaction.rollback().await?;
    Ok(replicas)
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, task::Poll};

    use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
    use test_servers::Server::Postgres;

    use super::*;
    use crate::{listener::Listener, settings::Settings, stop::Stop};

    #[tokio::test]
    async fn dropped_at_any_moment_it_leaves_no_session_in_a_transaction() {
        let Some(database) = Postgres.empty_database().await else { return };
        let db = database.connect().await;
        let other = database.connect().await;
        let context = Context { settings: Settings::default(), listener: Listener::default(), stop: Stop::default() };
        for polls in 1..=40 {
            {
                let executor = DatabaseExecutor::Connection(&db);
                let mut following =
                    pin!(watch_commit_every(Duration::ZERO, &context, &executor, "seaql_migrations", "m1"));
                for _ in 0..polls {
                    poll_fn(|cx| Poll::Ready(following.as_mut().poll(cx).is_ready())).await;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            assert!(all_end(&other).await, "after {polls} polls a session stays in a transaction");
        }
    }

    /// Returns whether no session of others stays in a transaction. Looks several times, as a server may still have to read the
    /// BEGIN of a session that was dropped, before it reads that the session has ended.
    async fn all_end(db: &DatabaseConnection) -> bool {
        let mut looks_without_any = 0;
        for _ in 0..2000 {
            looks_without_any = if left(db).await == 0 { looks_without_any + 1 } else { 0 };
            if looks_without_any == 5 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    /// The sessions of others that are in a transaction.
    async fn left(db: &DatabaseConnection) -> i64 {
        let ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL \
                   AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}
