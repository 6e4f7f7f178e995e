//! `call-log finalise`.

use clap::Args;
use migration::{connection::Access, telling::sentence};
use sea_orm_drift::{Detail, Severity};
use sea_orm_runner::Stop;
use service::{
    finaliser::Finaliser,
    schema,
    server::{StartError, config::ConfigArgs, log},
};

use super::{
    DatabaseArgs, Exit,
    accept::AcceptArgs,
    exit::UNAVAILABLE,
    print, print_text,
    progress::{self, Format},
};

#[derive(Debug, Args)]
pub(super) struct FinaliseArgs {
    /// Finalise what there is now, print a summary, and end: 1 if some calls failed for good.
    #[arg(long)]
    once: bool,

    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &FinaliseArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let config = args.config.read()?;
    let accepted = args.accept.read()?;
    log::begin(&config);
    let finaliser = Finaliser::new(config.finaliser_settings())?;
    let (url, db) = database.connect(Access::ReadWrite).await?;
    let report = accepted.apply(schema::check(&db).await.map_err(StartError::from)?.against(url.to_string()));
    if report.fails_at(Severity::Error) {
        print_text(&report, Detail::Usual)?;
        return Ok(Exit::Drift);
    }
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
