//! The command line: what may be typed, and what each verb returns to the shell.

mod accept;
mod check;
mod exit;
mod explain;
mod migrate;

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use clap::{Args, Parser, Subcommand};
use migration::connection::{Access, ConnectError, DatabaseUrl, connect, read_env_file};
use sea_orm::DbConn;
use sea_orm_drift::{Detail, FileError, Report};

pub(crate) use exit::Exit;
use migrate::MigrateVerb;

/// Checks the entity of call logs against the schema, and migrates the schema.
#[derive(Debug, Parser)]
#[command(name = "call-log", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Compare the entity with a database, read-only; without a URL, with what all migrations build on SQLite.
    Check(check::CheckArgs),
    /// Apply, undo and list migrations.
    #[command(subcommand)]
    Migrate(MigrateVerb),
}

/// Which database; the same for all verbs.
#[derive(Debug, Args)]
struct DatabaseArgs {
    /// Database URL: postgres://, mysql:// or sqlite://. Also read from `.env`.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// PostgreSQL schema to work in; without it the role's own search path counts.
    #[arg(long, global = true, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,
}

impl DatabaseArgs {
    /// The URL, where one is given. An empty one is a setting that somebody forgot to fill in, not none.
    fn url(&self) -> Result<Option<DatabaseUrl>, ConnectError> {
        self.database_url.as_deref().map(str::parse).transpose()
    }

    async fn connect(&self, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        let url = self.url()?.ok_or(ConnectError::NotNamed)?;
        let db = connect(&url, self.database_schema.as_deref(), access).await?;
        Ok((url, db))
    }
}

pub(crate) async fn main() -> Exit {
    // Before the command line is read: `.env` fills in what is not given there.
    let env_file = read_env_file();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, mistakes to stderr; neither can be reported if that fails.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success };
        }
    };
    let outcome = match (env_file, &cli.verb) {
        (Err(error), _) => Err(error.into()),
        (Ok(()), Verb::Check(args)) => check::run(args, &cli.database).await,
        (Ok(()), Verb::Migrate(verb)) => migrate::run(verb, &cli.database).await,
    };
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {}", sentence(&error));
        if error.is::<FileError>() {
            return Exit::Configuration;
        }
        match (error.downcast_ref::<ConnectError>(), cli.verb) {
            (Some(error), _) => Exit::Connection(error.exit_code()),
            (None, Verb::Check(_) | Verb::Migrate(MigrateVerb::Status)) => Exit::NotCompared,
            (None, Verb::Migrate(MigrateVerb::Up(_) | MigrateVerb::Down { .. })) => Exit::Failed,
        }
    })
}

/// The error and its causes; SeaORM repeats a cause in its own text, and once is enough.
fn sentence(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !told.contains(&cause) {
            let colon = if told.is_empty() { "" } else { ": " };
            told.extend([colon, &cause]);
        }
    }
    told
}

/// Writes a report to stdout. Whoever closes it early has read enough, and that changes nothing.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    print_to(&mut io::stdout().lock(), write)
}

/// Writes a report for people to stdout, coloured where that is a terminal and nothing (`NO_COLOR`, `CLICOLOR`, `TERM`)
/// speaks against it, or `CLICOLOR_FORCE` demands it.
fn print_text(report: &Report, detail: Detail) -> io::Result<()> {
    match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => print(|stdout| report.write_text(detail, stdout)),
        choice @ (ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi) => {
            let mut stdout = AutoStream::new(io::stdout().lock(), choice);
            print_to(&mut stdout, |stdout| report.write_ansi_text(detail, stdout))
        }
    }
}

fn print_to(stdout: &mut dyn Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match write(stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
