//! `call-log finalise`.

use anyhow::Context;
use clap::Args;
use sea_orm::DbConn;
use sea_orm_connect::Access;
use sea_orm_drift::{Report, Severity, Verbosity};
use sea_orm_kit::{
    cli::{AcceptArgs, DatabaseArgs, Exit, Format, UNAVAILABLE, may_start, print, print_error, print_text},
    error_chain,
};
use sea_orm_runner::Stop;
use service::{
    schema,
    server::{CheckError, config::ConfigArgs, logging},
    worker::Finaliser,
};

use super::format::format_of;

#[derive(Debug, Args)]
pub(super) struct FinaliseArgs {
    /// Finalise the calls that have ended, print a summary and exit; exits 1 if a call failed and will not be retried.
    #[arg(long)]
    once: bool,

    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

pub(super) async fn run(args: &FinaliseArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let config = args.config.read()?;
    let accepted = args.accept.read()?;
    let stop = Stop::on_signals().context("cannot handle signals")?;
    let _log = logging::init(&config);
    let finaliser = Finaliser::new(config.finaliser_settings()?)?;
    warn_where_nothing_is_fetched(&finaliser);
    let (db, report) = tokio::select! {
        opened = open(database) => opened?,
        () = stop.requested() => return Ok(stopped(args.once, &stop)),
    };
    let report = accepted.apply(report);
    if report.fails_at(Severity::Error) {
        print_text(&report, Verbosity::Normal, &may_start(&report))?;
        return Ok(Exit::Drift);
    }
    if args.once {
        return once(&finaliser, db, &stop, format_of(&config)).await;
    }
    finaliser.run(&db, stop.requested()).await;
    Ok(stopped(args.once, &stop))
}

async fn open(database: &DatabaseArgs) -> anyhow::Result<(DbConn, Report)> {
    let (url, db) = database.connect(Access::ReadWrite).await?;
    let report = schema::check(&db).await.map_err(CheckError::from)?.against(url.to_string());
    Ok((db, report))
}

async fn once(finaliser: &Finaliser, db: DbConn, stop: &Stop, format: Format) -> anyhow::Result<Exit> {
    let (summary, ended) = finaliser.run_once_until(&db, stop.requested()).await;
    tokio::select! {
        _ = db.close() => {}
        () = stop.requested() => {} // perhaps it waits for somebody's lock
    }
    print(|stdout| writeln!(stdout, "calls: {summary}"))?;
    if let Err(error) = ended {
        let exit = if error.is_unreachable() { Exit::Code(UNAVAILABLE) } else { Exit::Failed };
        print_error(format, &error_chain(&error), exit);
        return Ok(exit);
    }
    match stopped(true, stop) {
        Exit::Success if summary.failed > 0 => Ok(Exit::Failed),
        exit => Ok(exit),
    }
}

/// Whoever runs until it is told to stop has done what it should; whoever runs once has not.
fn stopped(once: bool, stop: &Stop) -> Exit {
    match stop.signal() {
        Some(signal) if once => Exit::Code(signal.saturating_add(128)),
        Some(_) | None => Exit::Success,
    }
}

/// Said once, because calls become final without their recordings, and nothing else tells.
pub(super) fn warn_where_nothing_is_fetched(finaliser: &Finaliser) {
    if !finaliser.fetches() {
        tracing::warn!(
            "no recording is fetched: neither `twilio.api_key` and `twilio.api_key_secret` nor `twilio.account_sid` and \
             `twilio.auth_token` are set"
        );
    }
}
