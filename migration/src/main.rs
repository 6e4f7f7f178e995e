//! `cargo run -p migration -- up`: what `sea-orm-cli migrate` runs. The verbs and flags are sea-orm-migration's own;
//! what differs is that several may run at once, that nobody has to wait for long, that a role's own `search_path` is left
//! alone and that no failure is a panic.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};
use migration::{
    Migrator,
    connection::{Access, ConnectError, read_env_file},
    database::DatabaseArgs,
    settings::SettingsArgs,
    telling::{say, sentence},
};
use sea_orm_cli::{MigrateSubcommands, run_migrate_generate};
use sea_orm_migration::sea_orm::DatabaseExecutor;
use sea_orm_runner::{Error, Lines, Runner, Stop, history::State};

/// Migrates the schema of call logs.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Show every statement.
    #[arg(short, long, global = true)]
    verbose: bool,

    #[command(flatten)]
    database: DatabaseArgs,

    /// Where `generate` writes: the folder of this crate.
    #[arg(long, env = "CARGO_MANIFEST_DIR", hide = true, default_value = ".")]
    crate_dir: String,

    #[command(flatten)]
    settings: SettingsArgs,

    #[command(subcommand)]
    command: Option<MigrateSubcommands>,
}

/// `EX_USAGE` of `sysexits.h`.
const USAGE: u8 = 64;

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` (default) or `runtime-async-std`");

#[cfg_attr(feature = "runtime-tokio", tokio::main)]
#[cfg_attr(not(feature = "runtime-tokio"), async_std::main)]
async fn main() -> ExitCode {
    // Before the command line is read: `.env` fills in what is not given there.
    let env_file = read_env_file();
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to stdout, mistakes to stderr; neither can be reported if that fails.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    let outcome = match env_file {
        Ok(()) => run(&matches).await,
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            say(&format!("error: {}", sentence(error.as_ref())));
            let connect = error.downcast_ref().map(ConnectError::exit_code);
            ExitCode::from(connect.or_else(|| error.downcast_ref().map(Error::exit_code)).unwrap_or(1))
        }
    }
}

async fn run(matches: &ArgMatches) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut cli = Cli::from_arg_matches(matches)?;
    cli.database.note_what_was_typed(matches);
    let command = match cli.command {
        Some(MigrateSubcommands::Init) => {
            return Err("this is the migration crate already; `generate NAME` adds to it".into());
        }
        Some(MigrateSubcommands::Generate { migration_name, local_time, .. }) => {
            run_migrate_generate(&cli.crate_dir, &migration_name, !local_time)?;
            return Ok(ExitCode::SUCCESS);
        }
        command => command,
    };
    let access = match command {
        Some(MigrateSubcommands::Status) => Access::ReadOnly,
        _ => Access::ReadWrite,
    };
    cli.database.refuse_to_guess(loses_rows(command.as_ref()))?;
    let (_, db) = cli.database.connect_to_migrate(access).await?;
    let db = DatabaseExecutor::Connection(&db);
    let lines = Lines::new(cli.verbose);
    let runner = Runner::new().with_settings((&cli.settings).into()).until(Stop::on_signals()?).telling(move |event| {
        if lines.are_worth(event) {
            say(&event.to_string());
        }
    });
    match command {
        Some(MigrateSubcommands::Status) => return status(&runner, &db).await,
        Some(MigrateSubcommands::Fresh) => runner.fresh::<Migrator>(&db).await?,
        Some(MigrateSubcommands::Refresh) => runner.refresh::<Migrator>(&db).await?,
        Some(MigrateSubcommands::Reset) => runner.reset::<Migrator>(&db).await?,
        Some(MigrateSubcommands::Down { num }) => runner.down::<Migrator>(&db, Some(num)).await?,
        Some(MigrateSubcommands::Up { num }) => runner.up::<Migrator>(&db, num).await?,
        _ => runner.up::<Migrator>(&db, None).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn loses_rows(command: Option<&MigrateSubcommands>) -> bool {
    matches!(
        command,
        Some(
            MigrateSubcommands::Fresh
                | MigrateSubcommands::Refresh
                | MigrateSubcommands::Reset
                | MigrateSubcommands::Down { .. }
        )
    )
}

/// Reads only, and returns 1 while a migration is pending.
async fn status(runner: &Runner, db: &DatabaseExecutor<'_>) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let steps = runner.history::<Migrator>(db).await?;
    for step in &steps {
        // Whoever closes it early has read enough.
        let _ = writeln!(io::stdout(), "{step}");
    }
    let is_pending = steps.iter().any(|step| step.state == State::Pending);
    Ok(if is_pending { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
