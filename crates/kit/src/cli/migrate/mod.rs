//! The migrating verbs: the migrations of the project under a lock, with the check after them.

mod plan;
mod run_args;
mod up;
mod wait;

use clap::{Args, Subcommand};
use futures_util::FutureExt;
use sea_orm_connect::Access;
use sea_orm_migration::{MigratorTrait, sea_orm::DatabaseExecutor};
use sea_orm_runner::{Error, Runner, history::State};
use serde_json::json;

use super::{
    database::DatabaseArgs,
    exit::Exit,
    generate::{self, GenerateArgs},
    process::{program_name, unless_stopped},
    progress::{Format, print_wrapped_line},
    stdout::print,
    verdict,
};
use crate::project::Project;
pub use plan::PlanArgs;
pub use run_args::RunArgs;
pub use up::UpArgs;
pub use wait::WaitArgs;

/// What can be done with migrations, without losing a row.
#[derive(Debug, Subcommand)]
pub enum MigrateVerb {
    /// Apply all pending migrations, then check the entities against the result.
    Up(UpArgs),
    /// Undo the last migrations.
    Down(DownArgs),
    /// List the migrations, read-only; exits 1 while one is pending.
    Status(StatusArgs),
    /// Show what `up` would do, read-only: each statement, who waits for its locks, and whether it is unsafe.
    Plan(PlanArgs),
    /// Wait until the schema no longer breaks this program, read-only; for init containers.
    Wait(WaitArgs),
    /// Write the migration that brings the schema to what the entities declare, and register it.
    Generate(Box<GenerateArgs>),
}

/// What can be done with migrations that loses every row.
#[derive(Debug, Subcommand)]
pub enum RebuildVerb {
    /// Drop all tables from the database, then apply all migrations.
    Fresh(RunArgs),
    /// Undo all applied migrations, then apply all of them again.
    Refresh(RunArgs),
    /// Undo all applied migrations.
    Reset(RunArgs),
}

/// Which migrations to undo.
#[derive(Debug, Args)]
pub struct DownArgs {
    /// How many migrations.
    #[arg(short = 'n', long = "num", default_value_t = 1)]
    number: u32,

    #[command(flatten)]
    run: RunArgs,
}

/// How the list is written.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Format of the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl MigrateVerb {
    /// Whether it is about a list of databases instead of one.
    pub fn has_fleet(&self) -> bool {
        matches!(self, Self::Up(args) if args.fleet.is_given())
    }

    /// Whether it is about a database that is named.
    pub fn has_database(&self) -> bool {
        !matches!(self, Self::Generate(_))
    }

    /// Whether it undoes migrations, with what is in their columns.
    pub fn loses_rows(&self) -> bool {
        matches!(self, Self::Down(_))
    }

    /// How its errors are told.
    pub fn format(&self) -> Format {
        match self {
            Self::Up(args) => args.run.format,
            Self::Down(args) => args.run.format,
            Self::Status(args) => args.format,
            Self::Plan(args) => args.format,
            Self::Wait(_) | Self::Generate(_) => Format::Text,
        }
    }

    /// What an error of this verb means.
    pub fn failure(&self, error: &anyhow::Error) -> Exit {
        match (self, error.downcast_ref()) {
            // Connected, and could not read: there is no answer.
            (Self::Status(_), Some(Error::History { .. })) => Exit::NotCompared,
            (Self::Wait(_), _) => Exit::of(error, Exit::NotCompared),
            _ => Exit::of(error, Exit::Failed),
        }
    }
}

impl RebuildVerb {
    /// How it runs.
    pub fn args(&self) -> &RunArgs {
        match self {
            Self::Fresh(args) | Self::Refresh(args) | Self::Reset(args) => args,
        }
    }

    /// How its errors are told.
    pub fn format(&self) -> Format {
        self.args().format
    }
}

/// Runs one of them.
///
/// # Errors
/// If the run fails; [`MigrateVerb::failure`] says what to return.
pub async fn run<M: MigratorTrait + 'static>(
    project: &Project<M>,
    verb: &MigrateVerb,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    match verb {
        MigrateVerb::Up(args) => up::run(project, args, database).boxed_local().await,
        MigrateVerb::Down(args) => {
            let (runner, _) = args.run.runner()?;
            let runner = runner.with_listener(args.run.progress());
            let (_, db) = database.connect_to_apply(&project.tables()).await?;
            runner.down::<M>(&DatabaseExecutor::Connection(&db), Some(args.number)).await?;
            Ok(Exit::Success)
        }
        MigrateVerb::Status(args) => unless_stopped(Box::pin(status(project, args, database))).await,
        MigrateVerb::Plan(args) => unless_stopped(plan::run::<M>(args, database).boxed_local()).await,
        MigrateVerb::Wait(args) => unless_stopped(wait::run(project, args, database).boxed_local()).await,
        MigrateVerb::Generate(args) => generate::run(project, args, database).boxed_local().await,
    }
}

/// Runs one of those that lose every row.
///
/// # Errors
/// If the run fails.
pub async fn rebuild<M: MigratorTrait>(
    project: &Project<M>,
    verb: &RebuildVerb,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    let args = verb.args();
    let (runner, _) = args.runner()?;
    let runner = runner.with_listener(args.progress());
    let (_, db) = database.connect_to_apply(&project.tables()).await?;
    let db = DatabaseExecutor::Connection(&db);
    match verb {
        RebuildVerb::Fresh(_) => runner.fresh::<M>(&db).await?,
        RebuildVerb::Refresh(_) => runner.refresh::<M>(&db).await?,
        RebuildVerb::Reset(_) => runner.reset::<M>(&db).await?,
    }
    Ok(Exit::Success)
}

async fn status<M: MigratorTrait>(
    project: &Project<M>,
    args: &StatusArgs,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    let (_, db) = database.connect_to_migrate(Access::ReadOnly).await?;
    let steps = Runner::new().history::<M>(&DatabaseExecutor::Connection(&db)).await?;
    print(|stdout| match args.format {
        Format::Text => steps.iter().try_for_each(|step| writeln!(stdout, "{step}")),
        Format::Json => writeln!(stdout, "{:#}", json!({ "version": 1, "migrations": steps })),
    })?;
    let count = |state| steps.iter().filter(|step| step.state == state).count();
    let pending = count(State::Pending);
    if args.format == Format::Text {
        let check = format!("{} check", program_name());
        let check = (!project.entities().is_empty()).then_some(check.as_str());
        print_wrapped_line(&verdict::of_status(pending, count(State::Unknown), &project.commands().up, check));
    }
    Ok(if pending > 0 { Exit::Drift } else { Exit::Success })
}
