//! `cargo run -p migration -- up`: what `sea-orm-cli migrate` runs. The verbs and flags are sea-orm-migration's own;
//! what differs is that a role's own `search_path` is left alone and that no failure is a panic.

use std::process::ExitCode;

use clap::Parser;
use migration::{
    Migrator,
    connection::{Access, ConnectError, DatabaseUrl, connect, read_env_file},
};
use sea_orm_cli::{MigrateSubcommands, run_migrate_generate};

/// Migrates the schema of call logs.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Show debug messages.
    #[arg(short, long, global = true)]
    verbose: bool,

    /// PostgreSQL schema to work in; without it the role's own search path counts.
    #[arg(short = 's', long, global = true, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,

    /// Database URL: postgres://, mysql:// or sqlite://.
    #[arg(short = 'u', long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Where `generate` writes: the folder of this crate.
    #[arg(long, env = "CARGO_MANIFEST_DIR", hide = true, default_value = ".")]
    crate_dir: String,

    #[command(subcommand)]
    command: Option<MigrateSubcommands>,
}

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` (default) or `runtime-async-std`");

#[cfg_attr(feature = "runtime-tokio", tokio::main)]
#[cfg_attr(not(feature = "runtime-tokio"), async_std::main)]
async fn main() -> ExitCode {
    // Before the command line is read: `.env` fills in what is not given there.
    let env_file = read_env_file();
    let cli = Cli::parse();
    let outcome = match env_file {
        Ok(()) => run(cli).await,
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "this is where errors leave the program")]
            {
                eprintln!("error: {error}");
            }
            ExitCode::from(error.downcast_ref().map_or(1, ConnectError::exit_code))
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    match cli.command {
        Some(MigrateSubcommands::Init) => Err("this is the migration crate already; `generate NAME` adds to it".into()),
        Some(MigrateSubcommands::Generate { migration_name, local_time, .. }) => {
            run_migrate_generate(&cli.crate_dir, &migration_name, !local_time)
        }
        command => {
            let url: DatabaseUrl = cli.database_url.unwrap_or_default().parse()?;
            let db = connect(&url, cli.database_schema.as_deref(), Access::ReadWrite).await?;
            sea_orm_migration::cli::run_migrate(Migrator, &db, command, cli.verbose).await
        }
    }
}
