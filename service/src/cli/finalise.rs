//! `call-log finalise`.

use clap::Args;
use migration::{connection::Access, telling::sentence};
use sea_orm_runner::Stop;
use service::{
    finaliser::{Finaliser, SettingsError},
    schema,
    server::{
        config::{ConfigArgs, ConfigError},
        log,
    },
};

use super::{
    DatabaseArgs, Exit, print,
    progress::{self, Format},
};

/// What sysexits.h calls a service that is not there.
const UNAVAILABLE: u8 = 69;

#[derive(Debug, Args)]
pub(super) struct FinaliseArgs {
    /// Finalise what there is now, print a summary, and end: 1 if some calls failed for good.
    #[arg(long)]
    once: bool,

    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &FinaliseArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let config = args.config.read()?;
    log::begin(&config);
    let finaliser = Finaliser::new(config.finaliser_settings())?;
    let (_, db) = database.connect(Access::ReadWrite).await?;
    schema::validate(&db).await?;
    if !args.once {
        let stop = Stop::on_signals()?;
        finaliser.run(&db, stop.requested()).await;
        return Ok(Exit::Success);
    }
    let summary = match finaliser.run_once(&db).await {
        Ok(summary) => summary,
        Err(error) => {
            let exit = if error.is_unreachable() { Exit::Code(UNAVAILABLE) } else { Exit::Failed };
            progress::tell_error(Format::Text, &sentence(&error), exit);
            return Ok(exit);
        }
    };
    db.close().await.ok();
    print(|stdout| writeln!(stdout, "calls: {summary}"))?;
    Ok(if summary.failed > 0 { Exit::Failed } else { Exit::Success })
}

/// What an error means to whoever started this.
pub(super) fn failure(error: &anyhow::Error) -> Exit {
    if error.is::<ConfigError>() || error.is::<SettingsError>() {
        return Exit::Configuration;
    }
    Exit::of(error, Exit::Failed)
}
