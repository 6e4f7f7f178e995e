//! Why nothing is written.

use sea_orm_drift::model::TableName;
use sea_orm_migration::sea_orm::DbErr;

use super::{
    breaks::Break,
    decisions::{Answer, Question},
};

/// Why no migration is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum GenerateError {
    /// There is nothing to compare, or the database could not be read.
    #[error(transparent)]
    NotCompared(#[from] sea_orm_drift::Error),
    /// Something has to be decided first.
    #[error("{}", undecided(.0))]
    Undecided(Vec<Question>),
    /// Ctrl-C at a question.
    #[error("stopped at a question; nothing is written")]
    Interrupted,
    /// A decision about something that is not there, or a name that no file can have.
    #[error("{0}")]
    Usage(String),
    /// The existing migrations do not run on the scratch database.
    #[error("the migrations of this project fail on the scratch database")]
    MigrationsFailed(#[source] sea_orm_runner::Error),
    /// A migration panicked, as does the example that `sea-orm-cli migrate init` writes.
    #[error(
        "a migration panicked on the scratch database; if it is the example of `sea-orm-cli migrate init`, remove it"
    )]
    Panicked,
    /// A statement about the scratch database failed.
    #[error("the scratch database cannot be read")]
    ScratchDatabase(#[source] DbErr),
    /// This program cannot write such a migration.
    #[error("{0}: write this migration by hand (`generate NAME --empty` begins one)")]
    Unwritable(String),
    /// The migration was tried and does not do what it should.
    #[error("nothing is written, because the migration failed its proof on the scratch database: {0}")]
    Unproven(String),
    /// A release that may still run would break.
    #[error("{}", breaking(.0))]
    Breaks(Vec<Break>),
    /// The scratch URL names something else than a server or an empty database.
    #[error("{0}")]
    ScratchUrl(String),
    /// MySQL and MariaDB have no schemas within a database.
    #[error(
        "{0} is in a schema, which is another database on MySQL and MariaDB: a migration would change it there, and not only in the \
         scratch database; leave `schema_name` out of the entity, and name that database in the URL"
    )]
    Elsewhere(TableName),
    /// SQLite cannot stand in for the server.
    #[error(
        "{0}, which SQLite cannot compare: name a server with --scratch-url, such as postgres://user:password@host/postgres, or \
         `--scratch-url sqlite::memory:` if SQLite is what you use"
    )]
    BeyondSqlite(String),
    /// No source code of migrations.
    #[error(
        "there is no migration crate in the folder `{0}`: run this where the source code is, or name the folder with `--migration-dir`"
    )]
    NoCrate(String),
    /// A file cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// There is no connection to the scratch server.
    #[error(transparent)]
    Connect(#[from] sea_orm_connect::ConnectError),
}

fn undecided(questions: &[Question]) -> String {
    let one = |question: &Question| {
        let line = |answer: &Answer| match answer {
            Answer::Convert(_) => format!("  {answer} (changes the type; what does not fit is lost, or stops `up`)"),
            Answer::Rename(..) | Answer::Drop(_) | Answer::Keep(_) => format!("  {answer}"),
        };
        let answers: Vec<String> = question.answers.iter().map(line).collect();
        format!("{}; choose one:\n{}", question.what, answers.join("\n"))
    };
    let may_stay = |question: &Question| {
        let has = |kind: fn(&Answer) -> bool| question.answers.iter().any(kind);
        has(|answer| matches!(answer, Answer::Keep(_))) && !has(|answer| matches!(answer, Answer::Rename(..)))
    };
    let may_stay = questions.iter().any(may_stay);
    let for_good =
        if may_stay { "\n\nwhat an exception in drift.toml allows is kept without being asked about" } else { "" };
    format!(
        "nothing is written, because something has to be decided first\n\n{}{for_good}",
        questions.iter().map(one).collect::<Vec<_>>().join("\n\n")
    )
}

fn breaking(breaks: &[Break]) -> String {
    let one = |it: &Break| format!("{}\n  help: {}", it.what, it.help);
    format!(
        "nothing is written, because the migration would break a release that may still run\n\n{}",
        breaks.iter().map(one).collect::<Vec<_>>().join("\n\n")
    )
}
