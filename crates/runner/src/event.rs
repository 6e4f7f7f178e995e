//! The events of a run.

use std::{fmt, time::Duration};

use serde::{Serialize, Serializer};

use crate::session::{Session, listed};

/// An event of a run. As text it is one line; as JSON it is an object with its name in `event`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Event {
    /// A migration begins, under the migration lock. Reported once, however often it is retried.
    Applying {
        /// Its name.
        migration: String,
    },
    /// The same for a migration that is undone.
    Undoing {
        /// Its name.
        migration: String,
    },
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
    /// The history has migrations that are unknown here: another version of the program applied them, or another program that
    /// shares the history. They stay as they are.
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
    /// The progress of an index build (PostgreSQL 12 and later).
    IndexBuild {
        /// The migration.
        migration: String,
        /// The table; empty if this role may not see it.
        table: String,
        /// What the server does at the moment, in its own words.
        phase: String,
        /// The progress of this phase; 0 where the server does not count.
        percent: u8,
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
        match self.label() {
            "" => f.write_str(&self.text()),
            label => write!(f, "{label:<8} {}", self.text()),
        }
    }
}

impl Event {
    /// The first word of its line.
    fn label(&self) -> &'static str {
        match self {
            Self::Applying { .. } => "applying",
            Self::Undoing { .. } => "undoing",
            Self::Statement { .. } => "ran",
            Self::Applied { .. } => "applied",
            Self::Undone { .. } => "undone",
            Self::NothingToApply | Self::NothingToUndo => "",
            Self::AppliedByAnother { .. } => "unknown",
            Self::Rows { .. } => "rows",
            Self::IndexBuild { .. } => "index",
            Self::WaitingForMigrator { .. }
            | Self::WaitingForReplica { .. }
            | Self::WaitingForSynchronousReplica { .. }
            | Self::WaitingForOthers { .. }
            | Self::WaitingForTable { .. } => "waiting",
        }
    }

    /// The rest of its line.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Applying { migration } | Self::Undoing { migration } => format!("{migration} ..."),
            Self::Statement { sql, took } => format!("{sql} ({} ms)", took.as_millis()),
            Self::Applied { migration, took } | Self::Undone { migration, took } => {
                format!("{migration} ({} ms)", took.as_millis())
            }
            Self::NothingToApply => "nothing to apply".to_owned(),
            Self::NothingToUndo => "nothing to undo".to_owned(),
            Self::AppliedByAnother { migrations } => {
                let migrations = migrations.join(", ");
                format!("applied by another version or another program, left as they are: {migrations}")
            }
            Self::WaitingForMigrator { holders, waited } => {
                format!("for the migration lock, {} s so far, held by {}", waited.as_secs(), listed(holders))
            }
            Self::Rows { migration, rows, percent, per_second } => {
                format!("{migration} {rows} ({percent} %, {per_second}/s)")
            }
            Self::IndexBuild { migration, table, phase, percent } => {
                format!("{migration}: of {table}, {phase} ({percent} %)")
            }
            Self::WaitingForReplica { migration, lag } => {
                format!("{migration}: a replica is {:.1} s behind", lag.as_secs_f64())
            }
            Self::WaitingForSynchronousReplica { migration, replicas } => format!(
                "{migration}: it commits, and no synchronous replica confirms it (synchronous_standby_names: {replicas})"
            ),
            Self::WaitingForOthers { migration, blockers } => {
                format!("{migration}: older transactions must end first, blocking nobody: {}", listed(blockers))
            }
            Self::WaitingForTable { migration, blockers, tries, again_in } => format!(
                "{migration}: a table is in use, rolled back, retrying in {:.1} s (attempt {}): {}",
                again_in.as_secs_f64(),
                tries + 1,
                listed(blockers)
            ),
        }
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}
