//! Why a run failed, and the exit code for it.

use std::time::Duration;

use sea_orm_migration::sea_orm::DbErr;

use crate::session::{Session, listed};

/// Why a run failed. The migration that was running is rolled back, or, where the database cannot do that (MySQL, MariaDB),
/// the next run continues it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Error {
    /// Another run held the migration lock for longer than this one waits. On SQLite it may be any program that writes.
    #[error("the migration lock was not free within {} s, held by {}", waited.as_secs(), listed(holders))]
    Busy {
        /// How long this run waited.
        waited: Duration,
        /// The sessions that hold it, as far as the role may see them.
        holders: Vec<Session>,
    },
    /// A table was in use for longer than this run waits.
    #[error(
        "migration {migration} needs a table that was in use in each of {tries} attempts within {} s: {}",
        waited.as_secs(), listed(blockers)
    )]
    Blocked {
        /// The migration.
        migration: String,
        /// How long this run waited.
        waited: Duration,
        /// The number of attempts.
        tries: u32,
        /// The sessions that used the table during the last attempt.
        blockers: Vec<Session>,
    },
    /// The run was asked to stop.
    #[error("stopped by signal {signal}{}", during(migration.as_deref()))]
    Stopped {
        /// The number of the signal.
        signal: u8,
        /// The migration that was running.
        migration: Option<String>,
    },
    /// The run was asked to stop while its commit waited for a synchronous replica (PostgreSQL).
    #[error(
        "stopped by signal {signal} while {migration} commits: the primary has stored it, and no synchronous replica has \
         confirmed it (synchronous_standby_names: {replicas}). Once a replica confirms, or the setting is changed, it is \
         applied, unless the primary is lost before; then check `status`"
    )]
    StoppedInCommit {
        /// The number of the signal.
        signal: u8,
        /// The migration.
        migration: String,
        /// The setting `synchronous_standby_names`.
        replicas: String,
    },
    /// A table was in use, and the earlier statements of the migration cannot be rolled back, so it is not retried.
    #[error(
        "migration {migration} needs a table that was in use, and is not retried, because its earlier statements cannot be rolled \
         back here; change tables with `online::alter_table`, which retries: {}",
        listed(blockers)
    )]
    Interrupted {
        /// The migration.
        migration: String,
        /// The sessions that used the table.
        blockers: Vec<Session>,
    },
    /// Another run has undone this migration meanwhile. This run undid nothing else.
    #[error("another run has undone migration {migration} meanwhile; nothing else was undone")]
    UndoneByAnother {
        /// The migration.
        migration: String,
    },
    /// The connection to the server was lost.
    #[error("the connection was lost{}; {}", during(migration.as_deref()), next_step(*undoing))]
    Lost {
        /// The migration that was running.
        migration: Option<String>,
        /// Whether it was being undone.
        undoing: bool,
        /// The error of the driver.
        source: DbErr,
    },
    /// The server is read-only. Migrations need the primary.
    #[error(
        "{} cannot write: this server is a replica, or transactions of this role, database or server are read-only; run the migrations \
         on the primary, or lift `default_transaction_read_only` (PostgreSQL) or `read_only` (MySQL, MariaDB)",
        migration.as_ref().map_or_else(|| "the run".to_owned(), |migration| format!("migration {migration}"))
    )]
    ReadOnly {
        /// The migration that was running.
        migration: Option<String>,
        /// The error of the driver.
        source: DbErr,
    },
    /// The migration lock was lost while a migration ran outside a transaction.
    #[error(
        "the migration lock was lost while {migration} ran, so the history was not updated; {}",
        next_step(*undoing)
    )]
    LockLost {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
    },
    /// A migration outside a transaction needs a session of its own, which a pooler does not give.
    #[error(
        "migration {migration} runs outside a transaction, and {reason}: set `MIGRATION_DATABASE_URL` to the server itself, not \
         to a pooler"
    )]
    NoSession {
        /// The migration.
        migration: String,
        /// What the server or the pooler did.
        reason: String,
    },
    /// The migration needs a connection, and the caller passed a transaction.
    #[error("migration {migration} runs outside a transaction on this database, but was called inside one")]
    InTransaction {
        /// The migration.
        migration: String,
    },
    /// The last applied migrations are unknown to this program, so it cannot undo them.
    #[error(
        "the last migrations in `{history}` are unknown here: {}; undo them first with the program that applied them, which may \
         be another version of this one. If another program shares the table, let its migrator return another name from \
         `migration_table_name`",
        .migrations.join(", ")
    )]
    Ahead {
        /// The history table.
        history: String,
        /// The unknown migrations.
        migrations: Vec<String>,
    },
    /// A migration failed.
    #[error("{}migration {migration} failed", if *.undoing { "undoing " } else { "" })]
    Failed {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
        /// The error of SeaORM.
        source: DbErr,
    },
    /// A statement exceeded a time limit, or somebody cancelled it.
    #[error(
        "{}migration {migration} was cancelled: {}",
        if *.undoing { "undoing " } else { "" }, limit_message(*.limit)
    )]
    TimedOut {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
        /// The limit of this run, [`Settings::statement_timeout`](crate::Settings::statement_timeout).
        limit: Option<Duration>,
        /// The error of SeaORM.
        source: DbErr,
    },
    /// Foreign keys were off while a migration ran, and it leaves orphaned rows. It is rolled back (SQLite).
    #[error(
        "{}migration {migration} switches foreign keys off and leaves orphaned rows: from {}",
        if *.undoing { "undoing " } else { "" }, .references.join(", from ")
    )]
    ForeignKeys {
        /// The migration.
        migration: String,
        /// Whether it was being undone.
        undoing: bool,
        /// Each as `child to parent`.
        references: Vec<String>,
    },
    /// The history could not be read.
    #[error("the migration history cannot be read")]
    History {
        /// The error of SeaORM.
        source: DbErr,
    },
    /// `fresh` or `reset` could not drop the tables.
    #[error("the database cannot be emptied")]
    NotEmptied {
        /// The error of SeaORM.
        source: DbErr,
    },
}

impl Error {
    /// The exit code for a program, after `sysexits.h`: 1 needs a human, 69 the server is unreachable or read-only, 75 a lock is held, so
    /// retry later, 78 change the settings, 128 plus the signal's number.
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
            // A retry might undo another migration.
            Self::Lost { undoing: true, .. } | Self::LockLost { undoing: true, .. } => 1,
            Self::Lost { .. } | Self::ReadOnly { .. } => 69,
            Self::Busy { .. } | Self::Blocked { .. } | Self::LockLost { .. } => 75,
            Self::NoSession { .. } => 78,
            Self::Stopped { signal, .. } | Self::StoppedInCommit { signal, .. } => signal.saturating_add(128),
        }
    }
}

impl From<Error> for DbErr {
    /// For `MigratorTrait`, whose methods return `DbErr`. Errors of SeaORM are returned unchanged.
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

fn limit_message(limit: Option<Duration>) -> String {
    match limit {
        Some(limit) => format!(
            "a statement may run for {limit:?} at most, see `--statement-timeout`, `MIGRATION_STATEMENT_TIMEOUT` or \
             `Settings::statement_timeout`"
        ),
        None => "this run lifts the limits of the role and the server, so either the migration sets one, or somebody cancelled \
                 the statement"
            .to_owned(),
    }
}

fn next_step(undoing: bool) -> &'static str {
    if undoing {
        "check `status` before you undo anything more"
    } else {
        "run it again: it continues after the last recorded migration"
    }
}
