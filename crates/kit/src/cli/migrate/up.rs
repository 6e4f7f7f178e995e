//! `up`: one database, or all of a fleet.

use std::pin::pin;

use anyhow::Context;
use clap::Args;
use futures_util::future::{Either, select};
use sea_orm_connect::DatabaseUrl;
use sea_orm_drift::{FailOn, Report, Severity, Verbosity};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseExecutor, DbConn},
};
use sea_orm_runner::{Error, Stop};

use super::run_args::RunArgs;
use crate::{
    cli::{
        database::DatabaseArgs,
        exit::Exit,
        fleet::{self, FleetOutcome, Reporter},
        fleet_list::{FleetArgs, Member},
        progress::Format,
        stdout::{print, print_text},
        suppression::{AcceptArgs, Accepted},
        verdict::may_start,
    },
    project::Project,
};

/// Which migrations to apply, and where.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// How many migrations, instead of all; skips the check.
    #[arg(short = 'n', long = "num", conflicts_with = "fleet")]
    number: Option<u32>,

    // First, because it has options without a heading.
    #[command(flatten)]
    pub(super) run: RunArgs,

    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    pub(crate) fleet: FleetArgs,
}

pub(super) async fn run<M: MigratorTrait>(
    project: &Project<M>,
    args: &UpArgs,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    let accepted = args.accept.read()?;
    let (runner, stop) = args.run.runner()?;
    let tables = project.tables();
    if let Some(members) = args.fleet.read(database.schema())? {
        let up = async |member: &Member, reporter: Reporter| {
            let db = member.connect_to_apply(&tables).await?;
            let runner = runner.clone().with_listener(move |event| reporter.show(event));
            let migrated = runner.up::<M>(&DatabaseExecutor::Connection(&db), None).await;
            let report = match migrated {
                Ok(()) if project.entities().is_empty() => Ok(None),
                Ok(()) => check(project, &db, &stop, &accepted).await.map(Some),
                Err(error) => Err(error.into()),
            };
            db.close().await.ok();
            Ok(match report? {
                Some(report) => FleetOutcome::of(report.against(member.to_string()), FailOn::AtLeast(Severity::Error)),
                None => FleetOutcome::Migrated,
            })
        };
        let (format, verbose) = (args.run.format, args.run.verbose);
        return fleet::run(&args.fleet, &members, format, verbose, &stop, Exit::Failed, up).await;
    }
    let (url, db) = database.connect_to_apply(&tables).await?;
    let runner = runner.with_listener(args.run.progress());
    runner.up::<M>(&DatabaseExecutor::Connection(&db), args.number).await?;
    if project.entities().is_empty() || args.number.is_some() {
        return Ok(Exit::Success);
    }
    let report = check_as_program(project, database, (&url, &db), &stop, &accepted).await?;
    match args.run.format {
        Format::Text => print_text(&report, Verbosity::Normal, &may_start(&report))?,
        Format::Json => print(|stdout| report.write_json(stdout))?,
    }
    Ok(if report.fails_at(Severity::Error) { Exit::Drift } else { Exit::Success })
}

/// Checks by the program's own connection, whose role may do less than the one that migrates, or else by that one.
async fn check_as_program<M: MigratorTrait>(
    project: &Project<M>,
    database: &DatabaseArgs,
    (url, db): (&DatabaseUrl, &DbConn),
    stop: &Stop,
    accepted: &Accepted,
) -> anyhow::Result<Report> {
    match database.connect_as_program(url).await {
        Ok(Some((url, db))) => Ok(check(project, &db, stop, accepted).await?.against(url.to_string())),
        Ok(None) => Ok(check(project, db, stop, accepted).await?.against(url.to_string())),
        Err(error) => {
            let mut report = check(project, db, stop, accepted).await?.against(url.to_string());
            report.notes.push(format!("checked by the connection that migrated, because {error}"));
            Ok(report)
        }
    }
}

async fn check<M: MigratorTrait>(
    project: &Project<M>,
    db: &DbConn,
    stop: &Stop,
    accepted: &Accepted,
) -> anyhow::Result<Report> {
    match select(pin!(project.check(db)), pin!(stop.requested())).await {
        Either::Left((report, _)) => Ok(accepted.apply(report.context("migrated, and not checked")?)),
        Either::Right(((), _)) => {
            let stopped = Error::Stopped { signal: stop.signal().unwrap_or_default(), migration: None };
            Err(stopped).context("migrated, and not checked")
        }
    }
}
