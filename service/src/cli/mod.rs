//! The command line: what may be typed, and what each verb returns to the shell.

mod accept;
mod check;
mod demo;
mod exit;
mod explain;
mod finalise;
mod fleet;
mod migrate;
mod progress;
mod serve;

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use migration::{connection::read_env_file, database::DatabaseArgs, telling::sentence};
use sea_orm_drift::{Detail, Report, Severity};
use sea_orm_runner::{Error, Stop};

pub(crate) use exit::Exit;
use progress::Format;

/// Keeps the schema of call logs in step with their entity, and serves the calls.
#[derive(Debug, Parser)]
#[command(name = "call-log", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Cli {
    fn from_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut cli = Self::from_arg_matches(matches)?;
        cli.database.note_what_was_typed(matches);
        Ok(cli)
    }
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Compare the entity with a database, read-only; without a URL, with what all migrations build on SQLite.
    Check(check::CheckArgs),
    /// Apply, undo and list migrations.
    #[command(subcommand)]
    Migrate(migrate::MigrateVerb),
    /// Check the schema, then serve webhooks, the API and the page.
    Serve(Box<serve::ServeArgs>),
    /// Measure and transcribe the recordings of ended calls, and say what the calls cost; until told to end, or once.
    Finalise(Box<finalise::FinaliseArgs>),
    /// Show all of it with made-up calls in a SQLite file of its own.
    Demo(demo::DemoArgs),
}

impl Verb {
    /// Whether it is about other databases than the one that may be named.
    fn has_its_own_databases(&self) -> bool {
        match self {
            Self::Check(args) => args.fleet.is_given(),
            Self::Migrate(migrate::MigrateVerb::Up(args)) => args.fleet.is_given(),
            Self::Demo(_) => true,
            Self::Migrate(_) | Self::Serve(_) | Self::Finalise(_) => false,
        }
    }
}

pub(crate) async fn main() -> Exit {
    // Before the command line is read: `.env` fills in what is not given there.
    let env_file = read_env_file();
    let cli = match Cli::command().try_get_matches().and_then(|matches| Cli::from_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, mistakes to stderr; neither can be reported if that fails.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success };
        }
    };
    if cli.database.is_database_url_typed() && cli.verb.has_its_own_databases() {
        let message =
            "`--database-url` means nothing to a fleet, whose file names the databases, nor to a demonstration";
        progress::tell_error(Format::Text, message, Exit::Usage);
        return Exit::Usage;
    }
    let outcome = match (env_file, &cli.verb) {
        (Err(error), _) => Err(error.into()),
        (Ok(()), Verb::Check(args)) => check::run(args, &cli.database).await,
        (Ok(()), Verb::Migrate(verb)) => migrate::run(verb, &cli.database).await,
        (Ok(()), Verb::Serve(args)) => serve::run(args, &cli.database).await,
        (Ok(()), Verb::Finalise(args)) => finalise::run(args, &cli.database).await,
        (Ok(()), Verb::Demo(args)) => demo::run(args).await,
    };
    outcome.unwrap_or_else(|error| {
        let (exit, format) = match &cli.verb {
            Verb::Check(_) => (Exit::of(&error, Exit::NotCompared), Format::Text),
            Verb::Migrate(verb) => (verb.failure(&error), verb.format()),
            Verb::Serve(args) => (Exit::of(&error, Exit::Failed), Format::configured(&args.config)),
            Verb::Finalise(args) => (Exit::of(&error, Exit::Failed), Format::configured(&args.config)),
            Verb::Demo(_) => (Exit::of(&error, Exit::Failed), Format::Text),
        };
        progress::tell_error(format, &sentence(error.as_ref()), exit);
        exit
    })
}

/// Does what only reads, unless SIGINT or SIGTERM comes.
async fn unless_stopped<T>(reading: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let stop = Stop::on_signals().context("signals cannot be handled")?;
    tokio::select! {
        read = reading => read,
        () = stop.requested() => {
            Err(Error::Stopped { signal: stop.signal().unwrap_or_default(), migration: None }.into())
        }
    }
}

/// What would break this program, in one line: so many findings, and how many more there are.
fn breaking(report: &Report, most: usize) -> String {
    let mut breaks: Vec<String> = report
        .differences
        .iter()
        .filter(|difference| difference.severity() == Severity::Error)
        .map(|difference| difference.finding().to_string())
        .collect();
    if breaks.is_empty() {
        return report.to_string().lines().last().unwrap_or_default().to_owned();
    }
    let more = breaks.len().saturating_sub(most);
    breaks.truncate(most);
    let shown = breaks.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
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
