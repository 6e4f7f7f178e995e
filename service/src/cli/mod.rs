//! The command line: what may be typed, and what each verb returns to the shell.

mod costs;
mod demo;
mod finalise;
mod format;
#[cfg(test)]
mod message_tests;
mod retention;
mod serve;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use sea_orm_connect::{ErrorKind, read_env_file};
use sea_orm_drift::Commands;
use sea_orm_kit::{
    SchemaError,
    cli::{
        CheckArgs, DatabaseArgs, EXIT_CODES, EntitiesArgs, Exit, Format, MigrateVerb, UNAVAILABLE, check, entities,
        migrate, print_error, program_name, without_empty_settings,
    },
    error_chain,
};
use service::{
    schema,
    server::{CheckError, config::ConfigError},
    worker::SettingsError,
};

use format::configured_format;

/// Keeps the schema of call logs in step with their entity, and serves the calls.
#[derive(Debug, Parser)]
#[command(name = "call-log", version, after_help = EXIT_CODES)]
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
    /// Compare the entity with a database, read-only, or with what all migrations build.
    Check(CheckArgs),
    /// Write what the entities declare as JSON, for `check --rolling` of a later release.
    Entities(EntitiesArgs),
    /// Apply, undo and list migrations.
    #[command(subcommand)]
    Migrate(MigrateVerb),
    /// Check the schema, then serve webhooks, the API and the page.
    Serve(Box<serve::ServeArgs>),
    /// Measure and transcribe the recordings of ended calls, and estimate what the calls cost.
    Finalise(Box<finalise::FinaliseArgs>),
    /// Delete old calls, or move them to another table, in batches beside everything else.
    Retention(Box<retention::RetentionArgs>),
    /// Keep totals of what calls cost by day, so that a summary takes the same time however many calls there are. By itself it counts
    /// the days that are not counted yet.
    Costs(costs::CostsArgs),
    /// Show everything with sample calls in a temporary SQLite file.
    Demo(demo::DemoArgs),
}

impl Verb {
    /// Whether it is about other databases than the one that may be named.
    fn has_its_own_databases(&self) -> bool {
        match self {
            Self::Check(args) => args.has_fleet(),
            Self::Migrate(verb) => verb.has_fleet(),
            Self::Demo(_) => true,
            Self::Entities(_) | Self::Serve(_) | Self::Finalise(_) | Self::Retention(_) | Self::Costs(_) => false,
        }
    }
}

pub(crate) async fn main() -> Exit {
    // Before the command line is read: `.env` fills in what is not given there.
    let env_file = read_env_file();
    let cli = match without_empty_settings(Cli::command())
        .try_get_matches()
        .and_then(|matches| Cli::from_matches(&matches))
    {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, mistakes to stderr; neither can be reported if that fails.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success };
        }
    };
    if cli.database.is_database_url_typed() && cli.verb.has_its_own_databases() {
        let message =
            "`--database-url` cannot be combined with `--fleet`, whose file names the databases, or with `demo`";
        print_error(Format::Text, message, Exit::Usage);
        return Exit::Usage;
    }
    let program = program_name();
    let explain = Some(format!("{program} check explain"));
    schema::project().set_commands(Commands { explain, ..Commands::of(&format!("{program} migrate")) });
    let outcome = match (env_file, &cli.verb) {
        (Err(error), _) => Err(error.into()),
        (Ok(()), Verb::Check(args)) => check(schema::project(), args, &cli.database).await,
        (Ok(()), Verb::Entities(args)) => entities(schema::project(), args),
        (Ok(()), Verb::Migrate(verb)) => migrate(schema::project(), verb, &cli.database).await,
        (Ok(()), Verb::Serve(args)) => serve::run(args, &cli.database).await,
        (Ok(()), Verb::Finalise(args)) => finalise::run(args, &cli.database).await,
        (Ok(()), Verb::Retention(args)) => retention::run(args, &cli.database).await,
        (Ok(()), Verb::Costs(args)) => costs::run(args, &cli.database).await,
        (Ok(()), Verb::Demo(args)) => demo::run(args).await,
    };
    outcome.unwrap_or_else(|error| {
        let (exit, format) = match &cli.verb {
            Verb::Check(args) => (Exit::of(&error, Exit::NotCompared), args.error_format()),
            Verb::Entities(_) => (Exit::of(&error, Exit::NotCompared), Format::Text),
            Verb::Migrate(verb) => (verb.failure(&error), verb.format()),
            Verb::Serve(args) => (exit_of(&error), configured_format(&args.config)),
            Verb::Finalise(args) => (exit_of(&error), configured_format(&args.config)),
            Verb::Retention(args) => (exit_of(&error), args.format),
            Verb::Costs(_) | Verb::Demo(_) => (exit_of(&error), Format::Text),
        };
        print_error(format, &error_chain(error.as_ref()), exit);
        exit
    })
}

/// What an error of the service means.
fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<ConfigError>() || error.is::<SettingsError>() {
        return Exit::Configuration;
    }
    if let Some(error) = error.downcast_ref() {
        return retention::exit_of(error);
    }
    match error.downcast_ref() {
        Some(CheckError::Connect(error)) => Exit::Code(error.exit_code()),
        Some(CheckError::Migrate(error)) => Exit::Code(error.exit_code()),
        Some(CheckError::ReadOnly) => Exit::Code(UNAVAILABLE),
        Some(CheckError::Schema(SchemaError::NotCompared(sea_orm_drift::Error::Catalogue { source })))
            if ErrorKind::of(source) == ErrorKind::Connection =>
        {
            Exit::Code(UNAVAILABLE)
        }
        Some(CheckError::Schema(_) | CheckError::TooSlow) => Exit::NotCompared,
        None => Exit::of(error, Exit::Failed),
    }
}
