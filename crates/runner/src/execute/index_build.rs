//! The progress of an index build (PostgreSQL), which another connection reads while the migration waits for it.

use std::{convert::Infallible, future::pending, time::Duration};

use sea_orm_migration::sea_orm::DatabaseConnection;

use crate::{context::Context, event::Event, lock, retry::pause};

/// The interval between looks. A migration that ends sooner costs no connection.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Reports the progress of each index that the migration builds. Never returns.
pub(super) async fn follow(
    context: &Context,
    monitor_connection: Option<&DatabaseConnection>,
    history: &str,
    migration: &str,
) -> Infallible {
    let mut reported = None;
    while let Some(db) = monitor_connection
        && context.stop.signal().is_none()
    {
        pause(POLL_INTERVAL, &context.stop).await;
        // Nothing depends on it: a server that does not say it is not asked again.
        let Ok(build) = lock::index_build(db, history).await else { break };
        if let Some(build) = &build
            && Some(build) != reported.as_ref()
        {
            let (table, phase) = (build.table.clone(), build.phase.clone());
            let percent = u8::try_from(build.percent.unwrap_or_default()).unwrap_or_default();
            context.listener.notify(&Event::IndexBuild { migration: migration.to_owned(), table, phase, percent });
        }
        reported = build;
    }
    pending().await
}
