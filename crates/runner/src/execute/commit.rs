//! A commit that waits for a synchronous replica (PostgreSQL): reported, and no longer waited for when the run is asked to stop.

use std::{future::pending, time::Duration};

use sea_orm_connect::snapshot;
use sea_orm_migration::sea_orm::{DatabaseConnection, DatabaseExecutor, DbErr};

use crate::{context::Context, error::Error, event::Event, lock, retry::pause, sleep::sleep};

/// The interval between checks.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Returns if the run is asked to stop while its commit waits.
pub(super) async fn follow(context: &Context, db: &DatabaseExecutor<'_>, history: &str, migration: &str) -> Error {
    let Some(monitor_connection) = lock::monitor_connection(db) else { return pending().await };
    let migration = migration.to_owned();
    let mut reported = false;
    loop {
        pause(POLL_INTERVAL, &context.stop).await;
        let signal = context.stop.signal();
        match awaited(&monitor_connection, history).await {
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
            sleep(POLL_INTERVAL).await;
        }
    }
}

async fn awaited(db: &DatabaseConnection, history: &str) -> Result<Option<String>, DbErr> {
    let transaction = snapshot::begin(&DatabaseExecutor::Connection(db)).await?;
    let replicas = lock::awaited_replicas(&transaction, history).await?;
    transaction.rollback().await?;
    Ok(replicas)
}
