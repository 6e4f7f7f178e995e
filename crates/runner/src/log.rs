//! The log of a run without a listener: the lines of SeaORM's own migrator, and the waits and failures that it does not log.

use std::error::Error as _;

use sea_orm_connect::message_of;

use crate::{direction::Direction, error::Error, event::Event, throttle::Throttle};

/// SeaORM's target. Its command line shows nothing else, and applications may filter by it.
const TARGET: &str = "sea_orm_migration::migrator::exec";

/// Writes the log.
#[derive(Debug)]
pub(crate) struct Log {
    throttle: Throttle,
}

impl Default for Log {
    fn default() -> Self {
        Self { throttle: Throttle::new(true) }
    }
}

impl Log {
    pub(crate) fn begin(direction: Direction, steps: Option<u32>) {
        match (direction, steps) {
            (Direction::Up, Some(steps)) => tracing::info!(target: TARGET, "Applying {steps} pending migrations"),
            (Direction::Up, None) => tracing::info!(target: TARGET, "Applying all pending migrations"),
            (Direction::Down, Some(steps)) => tracing::info!(target: TARGET, "Rolling back {steps} applied migrations"),
            (Direction::Down, None) => tracing::info!(target: TARGET, "Rolling back all applied migrations"),
        }
    }

    pub(crate) fn event(&self, event: &Event) {
        if !self.throttle.allows(event) {
            return;
        }
        match event {
            Event::Statement { .. } => tracing::debug!(target: TARGET, "{event}"),
            Event::Applying { migration } => tracing::info!(target: TARGET, "Applying migration '{migration}'"),
            Event::Applied { migration, .. } => {
                tracing::info!(target: TARGET, "Migration '{migration}' has been applied");
            }
            Event::Undoing { migration } => tracing::info!(target: TARGET, "Rolling back migration '{migration}'"),
            Event::Undone { migration, .. } => {
                tracing::info!(target: TARGET, "Migration '{migration}' has been rolled back");
            }
            Event::NothingToApply => tracing::info!(target: TARGET, "No pending migrations"),
            Event::NothingToUndo => tracing::info!(target: TARGET, "No applied migrations"),
            Event::Rows { migration, rows, percent, per_second } => tracing::info!(
                target: TARGET,
                "Migration '{migration}' has changed {rows} rows ({percent} %, {per_second}/s)"
            ),
            Event::IndexBuild { migration, table, phase, percent } => tracing::info!(
                target: TARGET,
                "Migration '{migration}' builds an index of {table}: {phase} ({percent} %)"
            ),
            Event::AppliedByAnother { .. } => tracing::warn!(target: TARGET, "Unknown migrations, {}", event.text()),
            Event::WaitingForMigrator { .. } => tracing::warn!(target: TARGET, "Waiting {}", event.text()),
            Event::WaitingForReplica { .. }
            | Event::WaitingForSynchronousReplica { .. }
            | Event::WaitingForOthers { .. }
            | Event::WaitingForTable { .. } => {
                tracing::warn!(target: TARGET, "Waiting: {}", event.text());
            }
        }
    }

    /// The error and its cause. SeaORM's error, which is all that a migrator returns, does not name the migration.
    pub(crate) fn failed(error: &Error) {
        let cause = error.source().map(|cause| format!(": {}", message_of(cause))).unwrap_or_default();
        tracing::error!(target: TARGET, "{error}{cause}");
    }
}
