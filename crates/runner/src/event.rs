//! The events of a run.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};

use crate::session::{Session, listed};

/// An event of a run. As text it is one line; as JSON it is an object with its name in `event`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// A statement of a migration has ended. Shown in verbose output only.
    Statement {
        /// The statement, with placeholders for its values.
        sql: String,
        /// How long it took.
        #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// A migration is applied: committed, and recorded in the history.
    Applied {
        /// Its name.
        migration: String,
        /// How long it took, without the waits before it.
        #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// A migration is undone: committed, and removed from the history.
    Undone {
        /// Its name.
        migration: String,
        /// How long it took, without the waits before it.
        #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// No migration is pending.
    NothingToApply,
    /// No migration is applied.
    NothingToUndo,
    /// Another version of the program has applied migrations that are unknown here. They stay as they are.
    AppliedByAnother {
        /// The unknown migrations.
        migrations: Vec<String>,
    },
    /// Another run holds the migration lock. On SQLite it may be any program that writes to the file.
    WaitingForMigrator {
        /// The sessions that hold it, as far as the role may see them.
        holders: Vec<Session>,
        /// How long this run has waited.
        #[serde(rename = "seconds", serialize_with = "seconds")]
        waited: Duration,
    },
    /// The progress of a back-fill.
    Rows {
        /// The migration.
        migration: String,
        /// The rows changed, including those of earlier runs.
        rows: u64,
        /// The progress through the table's keys.
        percent: u8,
        /// The rows changed per second, including pauses.
        per_second: u64,
    },
    /// A back-fill waits for a replica to catch up.
    WaitingForReplica {
        /// The migration.
        migration: String,
        /// The replica's lag.
        #[serde(rename = "seconds", serialize_with = "seconds")]
        lag: Duration,
    },
    /// The commit of a migration waits for a synchronous replica (PostgreSQL). It is on the primary's disk by then.
    WaitingForSynchronousReplica {
        /// The migration.
        migration: String,
        /// The setting `synchronous_standby_names`.
        replicas: String,
    },
    /// A statement waits for older transactions, and blocks nobody meanwhile.
    WaitingForOthers {
        /// The migration.
        migration: String,
        /// The sessions with these transactions.
        blockers: Vec<Session>,
    },
    /// A table was in use. The migration is rolled back, or the statement alone where it commits on its own, and will be retried.
    WaitingForTable {
        /// The migration.
        migration: String,
        /// The sessions that used the table.
        blockers: Vec<Session>,
        /// The number of attempts so far.
        tries: u32,
        /// The wait before the next attempt.
        #[serde(rename = "again_in_milliseconds", serialize_with = "milliseconds")]
        again_in: Duration,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement { sql, took } => write!(f, "ran      {sql} ({} ms)", took.as_millis()),
            Self::Applied { migration, took } => write!(f, "applied  {migration} ({} ms)", took.as_millis()),
            Self::Undone { migration, took } => write!(f, "undone   {migration} ({} ms)", took.as_millis()),
            Self::NothingToApply => f.write_str("nothing to apply"),
            Self::NothingToUndo => f.write_str("nothing to undo"),
            Self::AppliedByAnother { migrations } => {
                write!(f, "unknown  applied by another version, left as they are: {}", migrations.join(", "))
            }
            Self::WaitingForMigrator { holders, waited } => {
                let holders = listed(holders);
                write!(f, "waiting  for the migration lock, {} s so far, held by {holders}", waited.as_secs())
            }
            Self::Rows { migration, rows, percent, per_second } => {
                write!(f, "rows     {migration} {rows} ({percent} %, {per_second}/s)")
            }
            Self::WaitingForReplica { migration, lag } => {
                write!(f, "waiting  {migration}: a replica is {:.1} s behind", lag.as_secs_f64())
            }
            Self::WaitingForSynchronousReplica { migration, replicas } => write!(
                f,
                "waiting  {migration}: it commits, and no synchronous replica confirms it (synchronous_standby_names: \
                 {replicas})"
            ),
            Self::WaitingForOthers { migration, blockers } => {
                write!(
                    f,
                    "waiting  {migration}: older transactions must end first, blocking nobody: {}",
                    listed(blockers)
                )
            }
            Self::WaitingForTable { migration, blockers, tries, again_in } => write!(
                f,
                "waiting  {migration}: a table is in use, rolled back, retrying in {:.1} s (attempt {}): {}",
                again_in.as_secs_f64(),
                tries + 1,
                listed(blockers)
            ),
        }
    }
}

/// Receives the events.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(&Event) + Send + Sync>);

impl Listener {
    pub(crate) fn new(listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listen))
    }

    pub(crate) fn notify(&self, event: &Event) {
        (self.0)(event);
    }
}

impl Default for Listener {
    /// The log, as SeaORM's own migrator does.
    fn default() -> Self {
        Self::new(|event| {
            if let Event::Statement { .. } = event { tracing::debug!("{event}") } else { tracing::info!("{event}") }
        })
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}
