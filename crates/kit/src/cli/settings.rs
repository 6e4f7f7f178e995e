//! How a run waits and how fast it works, on the command line or in the environment.

use std::num::NonZeroU32;

use clap::Args;
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
