//! `call-log migrate`: the same migrations as `sea-orm-cli migrate`, without cargo, with the drift check behind them.

mod plan;
mod up;
mod wait;

use anyhow::Context;
use clap::{Args, Subcommand};
use migration::{Migrator, connection::Access, settings::SettingsArgs};
use sea_orm::DatabaseExecutor;
use sea_orm_runner::{Error, Event, Runner, Stop, history::State};
use serde_json::json;

use super::{
    DatabaseArgs, Exit, print,
    progress::{Format, Progress},
    unless_stopped,
};
use plan::PlanArgs;
use up::UpArgs;
use wait::WaitArgs;

#[derive(Debug, Subcommand)]
pub(super) enum MigrateVerb {
    /// Apply all pending migrations, then check the entity against the result.
    Up(UpArgs),
    /// Undo the last migrations.
    Down(DownArgs),
    /// List the migrations, read-only; exits 1 while one is pending.
    Status(StatusArgs),
    /// Show what `up` would do, read-only: each statement, who would wait for it, and whether it is unsafe.
    Plan(PlanArgs),
    /// Wait until nothing in the schema breaks this program any more, read-only: for init containers.
    Wait(WaitArgs),
}

#[derive(Debug, Args)]
pub(super) struct DownArgs {
    /// How many.
    #[arg(short = 'n', long = "num", default_value_t = 1)]
    number: u32,

    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// How it is told.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How a run works, and what it tells.
#[derive(Debug, Args)]
struct RunArgs {
    /// Show every statement.
    #[arg(short, long)]
    verbose: bool,

    /// How progress, errors and the report are told.
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    settings: SettingsArgs,
}

impl RunArgs {
    /// Ends on SIGINT and SIGTERM.
    fn runner(&self) -> anyhow::Result<(Runner, Stop)> {
        let stop = Stop::on_signals().context("signals cannot be handled")?;
        Ok((Runner::new().with_settings((&self.settings).into()).until(stop.clone()), stop))
    }

    fn progress(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let progress = Progress::new(self.format, self.verbose);
        move |event| progress.tell(event)
    }
}

impl MigrateVerb {
    pub(super) fn format(&self) -> Format {
        match self {
            Self::Up(args) => args.run.format,
            Self::Down(args) => args.run.format,
            Self::Status(args) => args.format,
            Self::Plan(args) => args.format,
            Self::Wait(_) => Format::Text,
        }
    }

    /// What an error of this verb means.
    pub(super) fn failure(&self, error: &anyhow::Error) -> Exit {
        match (self, error.downcast_ref()) {
            // Connected, and could not read: there is no answer.
            (Self::Status(_) | Self::Plan(_), Some(Error::History { .. } | Error::NotPlanned { .. })) => {
                Exit::NotCompared
            }
            (Self::Wait(_), _) => Exit::of(error, Exit::NotCompared),
            _ => Exit::of(error, Exit::Failed),
        }
    }
}

pub(super) async fn run(verb: &MigrateVerb, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    match verb {
        MigrateVerb::Up(args) => up::run(args, database).await,
        MigrateVerb::Down(args) => {
            let (runner, _) = args.run.runner()?;
            let runner = runner.telling(args.run.progress());
            let (_, db) = database.connect_to_migrate(Access::ReadWrite).await?;
            runner.down::<Migrator>(&DatabaseExecutor::Connection(&db), Some(args.number)).await?;
            Ok(Exit::Success)
        }
        MigrateVerb::Status(args) => unless_stopped(Box::pin(status(args, database))).await,
        MigrateVerb::Plan(args) => unless_stopped(Box::pin(plan::run(args, database))).await,
        MigrateVerb::Wait(args) => unless_stopped(Box::pin(wait::run(args, database))).await,
    }
}

async fn status(args: &StatusArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let (_, db) = database.connect_to_migrate(Access::ReadOnly).await?;
    let steps = Runner::new().history::<Migrator>(&DatabaseExecutor::Connection(&db)).await?;
    print(|stdout| match args.format {
        Format::Text => steps.iter().try_for_each(|step| writeln!(stdout, "{step}")),
        Format::Json => writeln!(stdout, "{:#}", json!({ "version": 1, "migrations": steps })),
    })?;
    let is_pending = steps.iter().any(|step| step.state == State::Pending);
    Ok(if is_pending { Exit::Drift } else { Exit::Success })
}
