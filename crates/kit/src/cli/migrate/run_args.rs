//! What all verbs have that change a database.

use anyhow::Context;
use clap::Args;
use sea_orm_runner::{Event, Runner, Stop};

use crate::cli::{
    progress::{Format, Progress},
    settings::SettingsArgs,
};

/// How a run works, and what it tells.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Show every statement.
    #[arg(short, long)]
    pub(super) verbose: bool,

    /// Format of progress, errors and the report.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    #[command(flatten)]
    settings: SettingsArgs,
}

impl RunArgs {
    /// Ends on SIGINT and SIGTERM.
    pub(super) fn runner(&self) -> anyhow::Result<(Runner, Stop)> {
        let stop = Stop::on_signals().context("cannot handle signals")?;
        Ok((Runner::new().with_settings((&self.settings).into()).with_stop(stop.clone()), stop))
    }

    pub(super) fn progress(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let progress = Progress::new(self.format, self.verbose);
        move |event| progress.show(event)
    }
}
