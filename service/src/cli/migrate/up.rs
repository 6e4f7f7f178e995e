//! `call-log migrate up`: one database, or all of a fleet.

use anyhow::Context;
use clap::Args;
use migration::{Migrator, connection::Access};
use sea_orm::{DatabaseExecutor, DbConn};
use sea_orm_drift::{Detail, Report, Requirement, Severity};
use sea_orm_runner::{Error, Runner, Stop};
use service::schema;

use super::{DatabaseArgs, Exit, RunArgs};
use crate::cli::{
    accept::{AcceptArgs, Accepted},
    fleet::{self, FleetArgs, Member, Standing, Teller},
    print, print_text,
    progress::Format,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct UpArgs {
    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    pub(in crate::cli) fleet: FleetArgs,

    #[command(flatten)]
    pub(super) run: RunArgs,
}

pub(super) async fn run(args: &UpArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let accepted = args.accept.read()?;
    let (runner, stop) = args.run.runner()?;
    if let Some(members) = args.fleet.read(database.schema())? {
        let up = async |member: &Member, teller: Teller| {
            let db = member.connect(Access::ReadWrite).await?;
            let runner = runner.clone().telling(move |event| teller.tell(event));
            let report = migrate(&runner, &stop, &db, &accepted).await;
            db.close().await.ok();
            let report = report?.against(member.to_string());
            Ok(Standing::of(report, Requirement::Below(Severity::Error)))
        };
        let (format, verbose) = (args.run.format, args.run.verbose);
        return fleet::run(&args.fleet, &members, format, verbose, &stop, Exit::Failed, up).await;
    }
    let (url, db) = database.connect_to_migrate(Access::ReadWrite).await?;
    let runner = runner.telling(args.run.progress());
    let report = migrate(&runner, &stop, &db, &accepted).await?.against(url.to_string());
    match args.run.format {
        Format::Text => print_text(&report, Detail::Usual)?,
        Format::Json => print(|stdout| report.write_json(stdout))?,
    }
    Ok(if report.fails_at(Severity::Error) { Exit::Drift } else { Exit::Success })
}

async fn migrate(runner: &Runner, stop: &Stop, db: &DbConn, accepted: &Accepted) -> anyhow::Result<Report> {
    runner.up::<Migrator>(&DatabaseExecutor::Connection(db), None).await?;
    let report = tokio::select! {
        report = schema::check(db) => report.context("migrated, and not checked")?,
        () = stop.requested() => {
            let stopped = Error::Stopped { signal: stop.signal().unwrap_or_default(), migration: None };
            return Err(stopped).context("migrated, and not checked");
        }
    };
    Ok(accepted.apply(report))
}
