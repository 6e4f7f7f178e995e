//! Why a run ended before its end, and what that means for whoever started it.

use std::time::Duration;

use sea_orm_migration::sea_orm::DbErr;

use crate::session::{Session, listed};

/// Why a run ended. Whatever it says, a migration that was under way is rolled back where the database can, and goes on
/// where it stopped the next time where it cannot (MySQL, MariaDB).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another migrator, or on SQLite any program that writes, had the lock for all the time that this one would wait.
    #[error("the lock of migrators was not free within {} s: {}", waited.as_secs(), listed(holders))]
    Busy {
        /// For how long this one waited.
        waited: Duration,
        /// The other one, where the server tells.
        holders: Vec<Session>,
    },
    /// A table was in use for all the time that this run would wait.
    #[error(
        "migration {migration} needs a table that was in use in each of {tries} tries within {} s: {}",
        waited.as_secs(), listed(blockers)
    )]
    Blocked {
        /// The migration.
        migration: String,
        /// For how long it was tried.
        waited: Duration,
        /// How often.
        tries: u32,
        /// Whose transactions were in the way of the last try.
        blockers: Vec<Session>,
    },
    /// Somebody wanted to stop.
    #[error("stopped by signal {signal}{}", during(migration.as_deref()))]
    Stopped {
        /// The signal's number.
        signal: u8,
        /// The migration that was under way.
        migration: Option<String>,
    },
    /// A table was in use, and what the migration had done until then may stay: it is not tried again by itself.
    #[error(
        "migration {migration} needs a table that was in use, and is not tried again, because what it did before that cannot \
         be rolled back here; change tables with `online::alter_table`, which waits: {}",
        listed(blockers)
    )]
    Interrupted {
        /// The migration.
        migration: String,
        /// Whose transactions were in the way.
        blockers: Vec<Session>,
    },
    /// Somebody else has undone what was to be undone, and nothing more was.
    #[error("migration {migration} was undone by another run meanwhile; nothing else was undone")]
    UndoneByAnother {
        /// The migration.
        migration: String,
    },
    /// The server, or the way to it, went away.
    #[error("the connection was lost{}; {}", during(migration.as_deref()), next_step(*undoing))]
    Lost {
        /// The migration that was under way.
        migration: Option<String>,
        /// Whether it was being undone.
        undoing: bool,
        /// What was seen.
        source: DbErr,
    },
    /// The lock was gone while a migration outside a transaction was running.
    #[error(
        "the lock that keeps other migrators away was lost while {migration} ran, which is therefore not on record; {}",
        next_step(*undoing)
    )]
    LockLost {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
    },
    /// A migration that cannot run in a transaction needs a session of its own, which a pooler does not give.
    #[error(
        "migration {migration} runs outside a transaction, and {reason}: name the server itself, not a pooler, in \
         `MIGRATION_DATABASE_URL`"
    )]
    NoSession {
        /// The migration.
        migration: String,
        /// What was seen.
        reason: String,
    },
    /// Only a connection was of use, and there was a transaction.
    #[error("migration {migration} runs outside a transaction on this database, and was called inside one")]
    InTransaction {
        /// The migration.
        migration: String,
    },
    /// Undoing would begin with what this program does not know.
    #[error(
        "the last migrations in `{history}` are unknown here: {}; undo them first with what applied them, another version of \
         this program, or another program that shares the table: a migrator whose `migration_table_name` returns a name of its \
         own shares none",
        .migrations.join(", ")
    )]
    Ahead {
        /// The table of the history.
        history: String,
        /// The migrations that are unknown here.
        migrations: Vec<String>,
    },
    /// A migration's own failure.
    #[error("{}migration {migration} failed", if *.undoing { "undoing " } else { "" })]
    Failed {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
        /// What SeaORM said.
        source: DbErr,
    },
    /// A statement ran longer than it may, or somebody cancelled it.
    #[error(
        "{}migration {migration} was cut short: {}",
        if *.undoing { "undoing " } else { "" }, limit_words(*.limit)
    )]
    TimedOut {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
        /// The limit of this run, [`Settings::statement_timeout`](crate::Settings::statement_timeout).
        limit: Option<Duration>,
        /// What SeaORM said.
        source: DbErr,
    },
    /// Foreign keys were off while a migration ran, and it leaves rows that refer to nothing; all is rolled back (SQLite).
    #[error(
        "{}migration {migration} switches foreign keys off and leaves rows that refer to nothing: from {}",
        if *.undoing { "undoing " } else { "" }, .references.join(", from ")
    )]
    ForeignKeys {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
        /// From which table to which.
        references: Vec<String>,
    },
    /// The history could not be read.
    #[error("the migration history cannot be read")]
    History {
        /// What SeaORM said.
        source: DbErr,
    },
    /// The database cannot be emptied, or the history not removed.
    #[error("the database cannot be emptied")]
    NotEmptied {
        /// What SeaORM said.
        source: DbErr,
    },
}

impl Error {
    /// What a program should return: 1 where a human must look, 69 where the server is away and 75 where a lock is
    /// taken, so that trying again may help, 78 where only other settings help, 128 and the number of the signal that
    /// stopped it. Source: `sysexits.h`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Ahead { .. }
            | Self::Failed { .. }
            | Self::ForeignKeys { .. }
            | Self::History { .. }
            | Self::Interrupted { .. }
            | Self::InTransaction { .. }
            | Self::NotEmptied { .. }
            | Self::TimedOut { .. }
            | Self::UndoneByAnother { .. } => 1,
            // Undoing once more might undo the next one, too.
            Self::Lost { undoing: true, .. } | Self::LockLost { undoing: true, .. } => 1,
            Self::Lost { .. } => 69,
            Self::Busy { .. } | Self::Blocked { .. } | Self::LockLost { .. } => 75,
            Self::NoSession { .. } => 78,
            Self::Stopped { signal, .. } => signal.saturating_add(128),
        }
    }
}

impl From<Error> for DbErr {
    /// For `MigratorTrait`, whose methods return nothing else. What SeaORM said comes back as it was.
    fn from(error: Error) -> Self {
        match error {
            Error::Failed { source, .. }
            | Error::History { source }
            | Error::NotEmptied { source }
            | Error::TimedOut { source, .. } => source,
            other => Self::Migration(other.to_string()),
        }
    }
}

fn during(migration: Option<&str>) -> String {
    migration.map(|migration| format!(" while {migration} ran")).unwrap_or_default()
}

fn limit_words(limit: Option<Duration>) -> String {
    match limit {
        Some(limit) => format!(
            "a statement may run for {limit:?}, as `--statement-timeout`, `MIGRATION_STATEMENT_TIMEOUT` or \
             `Settings::statement_timeout` of this run says"
        ),
        None => "this run lifts the limits of the role and the server, so either the migration sets one itself, or somebody \
                 cancelled the statement"
            .to_owned(),
    }
}

fn next_step(undoing: bool) -> &'static str {
    if undoing {
        "look at the status before anything more is undone"
    } else {
        "run it again, it goes on from what is on record"
    }
}
