//! How a run waits and how fast it works, on the command line or in the environment.

use std::{ffi::OsStr, num::NonZeroU32};

use clap::{Args, Command, builder::Resettable};
use humantime::Duration;
use sea_orm_runner::Settings;

/// How long a run waits, and how fast it works through rows.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Waiting and pace")]
pub struct SettingsArgs {
    /// How long to wait for a lock, of another migration process or of a table, over all attempts.
    #[arg(long, global = true, value_name = "TIME", env = "MIGRATION_LOCK_WAIT", default_value = "10m")]
    lock_wait: Duration,

    /// How long one attempt may wait for a table: others queue after it.
    #[arg(long, global = true, value_name = "TIME", env = "MIGRATION_LOCK_TIMEOUT", default_value = "1s", value_parser = some_time)]
    lock_timeout: Duration,

    /// How long one statement may run; by default without limit, whatever the role or the server sets.
    #[arg(long, global = true, value_name = "TIME", env = "MIGRATION_STATEMENT_TIMEOUT", value_parser = some_time)]
    statement_timeout: Option<Duration>,

    /// The most rows that a back-fill may change in a second.
    #[arg(long, global = true, value_name = "ROWS", env = "MIGRATION_MAX_RATE")]
    max_rate: Option<NonZeroU32>,

    /// How far a replica may lag before a back-fill pauses (PostgreSQL).
    #[arg(long, global = true, value_name = "TIME", env = "MIGRATION_MAX_LAG")]
    max_lag: Option<Duration>,
}

/// Takes one of these variables that is set to nothing for one that is not set: so Compose and Kubernetes hand over what nobody
/// filled in.
#[must_use]
pub fn without_empty_settings(command: Command) -> Command {
    let settings = SettingsArgs::augment_args(Command::new("settings"));
    let of = |command: Command| {
        command.mut_args(|arg| {
            let is_setting = settings.get_arguments().any(|setting| setting.get_id() == arg.get_id());
            if is_setting && arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg }
        })
    };
    of(command).mut_subcommands(without_empty_settings)
}

#[expect(clippy::disallowed_methods, reason = "clap has read it already, and does not show its value")]
fn is_empty(variable: &OsStr) -> bool {
    std::env::var_os(variable).is_some_and(|value| value.is_empty())
}

/// None at all would mean for ever to PostgreSQL, which counts milliseconds in 32 bits.
fn some_time(text: &str) -> Result<Duration, String> {
    let time: Duration = text.parse().map_err(|error: humantime::DurationError| error.to_string())?;
    match i32::try_from(time.as_millis()) {
        Ok(1..) => Ok(time),
        _ => Err("it must be between a millisecond and 24 days".to_owned()),
    }
}

impl From<&SettingsArgs> for Settings {
    fn from(args: &SettingsArgs) -> Self {
        Self {
            lock_wait: args.lock_wait.into(),
            lock_timeout: args.lock_timeout.into(),
            statement_timeout: args.statement_timeout.map(Into::into),
            max_rate: args.max_rate,
            max_lag: args.max_lag.map(Into::into),
        }
    }
}
