//! What a run tells while it goes on.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};

use crate::session::{Session, listed};

/// Something that has happened. As text it is one line; as JSON an object whose `event` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// A statement of a migration has ended. Shown only to those who want to see more.
    Statement {
        /// The statement, with placeholders for its values.
        sql: String,
        /// How long it took.
        #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// A migration is applied: committed and on record.
    Applied {
        /// Its name.
        migration: String,
        /// How long it took, without the waiting.
        #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// A migration is undone: committed and off the record.
    Undone {
        /// Its name.
        migration: String,
        /// How long it took, without the waiting.
        #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
        took: Duration,
    },
    /// All that this program knows is applied.
    NothingToApply,
    /// None that this program knows is applied.
    NothingToUndo,
    /// A newer or another version has been here, which changes nothing for this one.
    AppliedByAnother {
        /// The migrations that are unknown here.
        migrations: Vec<String>,
    },
    /// Another migrator is at work on the same schema; on SQLite it may be any program that writes to the file.
    WaitingForMigrator {
        /// Which one, where the server tells.
        holders: Vec<Session>,
        /// For how long this one has waited.
        #[serde(rename = "seconds", serialize_with = "seconds")]
        waited: Duration,
    },
    /// A back-fill goes on.
    Rows {
        /// The migration.
        migration: String,
        /// How many rows it has changed, earlier runs included.
        rows: u64,
        /// How much of the table's keys it has passed.
        percent: u8,
        /// How many rows it changes in a second, pauses included.
        per_second: u64,
    },
    /// A back-fill pauses until a replica has caught up.
    WaitingForReplica {
        /// The migration.
        migration: String,
        /// How far behind it is.
        #[serde(rename = "seconds", serialize_with = "seconds")]
        lag: Duration,
    },
    /// What a statement needs, in nobody's way, is theirs: it waits until they end.
    WaitingForOthers {
        /// The migration.
        migration: String,
        /// Whose transactions they are.
        blockers: Vec<Session>,
    },
    /// A table was in use; what the migration had done is rolled back, and it will be tried again.
    WaitingForTable {
        /// The migration.
        migration: String,
        /// Whose transactions were in its way.
        blockers: Vec<Session>,
        /// How many tries there have been.
        tries: u32,
        /// When the next one comes.
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
                write!(f, "unknown  applied by another version, and left as they are: {}", migrations.join(", "))
            }
            Self::WaitingForMigrator { holders, waited } => {
                let holders = listed(holders);
                write!(f, "waiting  for the lock of migrators, {} s so far: {holders}", waited.as_secs())
            }
            Self::Rows { migration, rows, percent, per_second } => {
                write!(f, "rows     {migration} {rows} ({percent} %, {per_second}/s)")
            }
            Self::WaitingForReplica { migration, lag } => {
                write!(f, "waiting  {migration} for a replica that is {:.1} s behind", lag.as_secs_f64())
            }
            Self::WaitingForOthers { migration, blockers } => {
                write!(f, "waiting  {migration} goes on when others end, and is in nobody's way: {}", listed(blockers))
            }
            Self::WaitingForTable { migration, blockers, tries, again_in } => write!(
                f,
                "waiting  {migration} needs a table that is in use, rolled back, try {} in {:.1} s: {}",
                tries + 1,
                again_in.as_secs_f64(),
                listed(blockers)
            ),
        }
    }
}

/// Who is told.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(&Event) + Send + Sync>);

impl Listener {
    pub(crate) fn new(listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listen))
    }

    pub(crate) fn tell(&self, event: &Event) {
        (self.0)(event);
    }
}

impl Default for Listener {
    /// The log of the program.
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
