//! The command line: the verbs, and what each of them returns to the shell. A program with verbs of its own puts
//! [`CheckArgs`] and [`MigrateVerb`] among them; [`run`] is the whole program of a migration crate.

mod check;
mod database;
mod entities;
mod exit;
mod explain;
mod fleet;
mod fleet_list;
mod generate;
#[cfg(test)]
mod message_tests;
mod migrate;
mod process;
mod progress;
mod rolling;
mod rows;
mod settings;
mod stdout;
mod suppression;
mod verdict;
mod wrap;

use std::{ffi::OsString, process::ExitCode};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use futures_util::FutureExt;
use sea_orm_connect::read_env_file;
use sea_orm_drift::{Commands, Entities};
use sea_orm_migration::MigratorTrait;

use crate::{generate::extension, output::error_chain, project::Project};
pub use check::{CheckArgs, run as check};
pub use database::DatabaseArgs;
pub use entities::{EntitiesArgs, run as entities};
pub use exit::{Exit, UNAVAILABLE};
pub use fleet_list::{FleetArgs, FleetError};
pub use generate::GenerateArgs;
pub use migrate::{
    DownArgs, MigrateVerb, PlanArgs, RebuildVerb, RunArgs, StatusArgs, UpArgs, WaitArgs, rebuild, run as migrate,
};
use process::block_on;
pub use process::program_name;
pub use progress::{Format, Progress, print_error};
pub use settings::{SettingsArgs, without_empty_settings};
pub use stdout::{print, print_text};
pub use suppression::{AcceptArgs, Accepted};
pub use verdict::{Schema, Verdict, may_start};

/// The codes that each verb shares, for the end of `--help`.
pub const EXIT_CODES: &str = "\
Exit codes: 0 done, and the program may start; 1 the schema breaks the program, or a migration failed or is pending; 2 not compared; \
64 wrong usage; 69 the server does not answer; 75 something was locked for too long, try again; 78 a setting must be corrected.";

/// Checks and migrates the schema of this project.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
struct Cli {
    /// Show every statement.
    #[arg(short, long, global = true)]
    verbose: bool,

    #[command(flatten)]
    database: DatabaseArgs,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Migrate(MigrateVerb),
    #[command(flatten)]
    Rebuild(RebuildVerb),
    /// Compare the entities with a database, read-only, or with what all migrations build.
    Check(CheckArgs),
    /// Write what the entities declare as JSON, for `check --rolling` of a later release.
    Entities(EntitiesArgs),
    /// Refused: this is a migration crate already.
    #[command(hide = true)]
    Init,
}

impl Verb {
    fn format(&self) -> Format {
        match self {
            Self::Migrate(verb) => verb.format(),
            Self::Rebuild(verb) => verb.format(),
            Self::Check(args) => args.error_format(),
            Self::Entities(_) | Self::Init => Format::Text,
        }
    }

    fn failure(&self, error: &anyhow::Error) -> Exit {
        match self {
            Self::Migrate(verb) => verb.failure(error),
            Self::Check(_) => Exit::of(error, Exit::NotCompared),
            Self::Rebuild(_) | Self::Entities(_) | Self::Init => Exit::of(error, Exit::Failed),
        }
    }
}

/// The whole program of a migration crate: its verbs, flags and variables are those of sea-orm-migration and more.
pub fn run<M: MigratorTrait + 'static>(entities: Entities) -> ExitCode {
    Project::<M>::new(entities).run()
}

impl<M: MigratorTrait + 'static> Project<M> {
    /// The same as [`run`], for a project that says more of itself than its entities.
    pub fn run(&self) -> ExitCode {
        block_on(self.run_command_line()).into()
    }

    async fn run_command_line(&self) -> Exit {
        // Before the command line is read: `.env` fills in what is not given there.
        let env_file = read_env_file();
        let program = program_name();
        self.set_commands(Commands::of(&program));
        let (cli, verb) = match Cli::parse() {
            Ok(parsed) => parsed,
            Err(error) => {
                // Help and version go to stdout, mistakes to stderr; neither can be reported if that fails.
                let _ = error.print();
                return if error.use_stderr() { Exit::Usage } else { Exit::Success };
            }
        };
        let outcome = match env_file {
            Ok(()) => self.run_verb(&cli, &verb).await,
            Err(error) => Err(error.into()),
        };
        outcome.unwrap_or_else(|error| {
            let exit = verb.failure(&error);
            print_error(verb.format(), &with_hint(error_chain(error.as_ref())), exit);
            exit
        })
    }

    /// The futures of the verbs are boxed without their types: a crate that calls [`run`] would otherwise reach the compiler's
    /// limit for nested types.
    async fn run_verb(&self, cli: &Cli, verb: &Verb) -> anyhow::Result<Exit> {
        let database = &cli.database;
        match verb {
            Verb::Init => anyhow::bail!("this is the migration crate already; `generate NAME` adds to it"),
            Verb::Check(args) => check(self, args, database).boxed_local().await,
            Verb::Entities(args) => entities(self, args),
            Verb::Migrate(verb) => {
                if verb.has_database() {
                    database.refuse_to_guess(verb.loses_rows())?;
                }
                migrate(self, verb, database).boxed_local().await
            }
            Verb::Rebuild(verb) => {
                database.refuse_to_guess(true)?;
                rebuild(self, verb, database).boxed_local().await
            }
        }
    }
}

/// The message, and what to install where it says that something of an extension does not exist.
fn with_hint(mut message: String) -> String {
    if let Some(hint) = extension::hint(&message).filter(|hint| !message.contains(hint.as_str())) {
        message.push_str("\n  help: ");
        message.push_str(&hint);
    }
    message
}

impl Cli {
    /// What was typed. No verb means `up`, as it does to sea-orm-migration.
    fn parse() -> Result<(Self, Verb), clap::Error> {
        let (mut cli, matches) = Self::parse_from(std::env::args_os())?;
        let verb = if let Some(verb) = cli.verb.take() {
            verb
        } else {
            let (up, _) = Self::parse_from(std::env::args_os().chain(["up".into()]))?;
            up.verb.expect("`up` is a verb")
        };
        cli.database.note_what_was_typed(&matches);
        Ok((cli, verb))
    }

    fn parse_from(typed: impl Iterator<Item = OsString>) -> Result<(Self, ArgMatches), clap::Error> {
        let matches = without_empty_settings(Self::command()).try_get_matches_from(typed)?;
        Ok((Self::from_arg_matches(&matches)?, matches))
    }
}

#[cfg(test)]
mod tests {
    use super::with_hint;

    #[test]
    fn a_migration_that_lacks_an_extension_is_told_which_one() {
        let failed = "migration m1 failed: type \"citext\" does not exist";
        let once = with_hint(failed.to_owned());
        assert!(once.contains("\n  help: citext belongs to an extension"), "{once}");
        assert_eq!(with_hint(once.clone()), once);
        let other = "relation \"post\" does not exist".to_owned();
        assert_eq!(with_hint(other.clone()), other);
    }
}
