//! `check`: the entities against a database, or against what the migrations build.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand, ValueEnum};
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, UrlError};
use sea_orm_drift::{Baseline, FailOn, Report, Severity, Verbosity};
use sea_orm_migration::{MigratorTrait, sea_orm::DbConn};
use sea_orm_runner::Stop;

use super::{
    database::DatabaseArgs,
    exit::Exit,
    explain::{self, ExplainArgs},
    fleet::{self, FleetOutcome, Reporter},
    fleet_list::{FleetArgs, Member},
    process::unless_stopped,
    progress,
    rolling::{self, RollingArgs},
    rows::{self, RowsArgs},
    stdout::{print, print_text, print_wrapped},
    suppression::{AcceptArgs, Accepted},
    verdict::{Schema, Verdict},
};
use crate::{project::Project, release::Release, rolling::Rolling};

/// Said where no database is named.
const NO_DATABASE: &str =
    "there is no database to compare with (`--migrations` compares with what the migrations build)";

/// What is compared, and how the report is written.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CheckArgs {
    #[command(subcommand)]
    verb: Option<CheckVerb>,

    /// Format of the report; never changes the exit code.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Lowest severity that fails the check. By default: error for a database; with `--migrations`, any difference from
    /// what the entities declare. What is unchecked fails only where an exception gives it a level.
    #[arg(long, value_enum)]
    fail_on: Option<Threshold>,

    /// Also show harmless and accepted differences.
    #[arg(short, long)]
    verbose: bool,

    /// Compare with what all migrations build on SQLite instead of with a database.
    #[arg(long, conflicts_with = "fleet")]
    migrations: bool,

    /// File to which `--format github` adds a summary in Markdown.
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY")]
    step_summary: Option<OsString>,

    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    rolling: RollingArgs,

    #[command(flatten)]
    rows: RowsArgs,

    #[command(flatten)]
    pub(crate) fleet: FleetArgs,

    /// Accept all current findings that no exception allows: write them to this file. Replaces only an older baseline.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fleet", "rolling"], help_heading = "Accepted findings")]
    write_baseline: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum CheckVerb {
    /// Print what a kind of finding means, what it breaks, and how to repair it.
    Explain(ExplainArgs),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people; coloured on a terminal, unless `NO_COLOR` is set.
    Text,
    /// For programs; version 1.
    Json,
    /// Annotations of GitHub Actions, at most ten, and a summary of the job.
    Github,
    /// JUnit XML: a test suite for each table.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Threshold {
    Error,
    Warning,
    Info,
}

impl From<Threshold> for Severity {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Error => Self::Error,
            Threshold::Warning => Self::Warning,
            Threshold::Info => Self::Info,
        }
    }
}

impl CheckArgs {
    /// Whether it is about a list of databases instead of one.
    pub fn has_fleet(&self) -> bool {
        self.fleet.is_given()
    }

    /// How its errors are told.
    pub fn error_format(&self) -> progress::Format {
        match self.format {
            Format::Json => progress::Format::Json,
            Format::Text | Format::Github | Format::Junit | Format::Sarif => progress::Format::Text,
        }
    }

    fn verbosity(&self) -> Verbosity {
        let shows_all = self.verbose || matches!(self.fail_on, Some(Threshold::Info));
        if shows_all { Verbosity::Verbose } else { Verbosity::Normal }
    }
}

/// Compares and prints the report.
///
/// # Errors
/// If nothing can be compared; [`Exit::of`] says what to return, or else [`Exit::NotCompared`].
pub async fn run<M: MigratorTrait>(
    project: &Project<M>,
    args: &CheckArgs,
    database: &DatabaseArgs,
) -> anyhow::Result<Exit> {
    if let Some(CheckVerb::Explain(args)) = &args.verb {
        return explain::run(args);
    }
    let accepted = args.accept.read()?;
    let threshold = args.fail_on.map(|threshold| FailOn::AtLeast(threshold.into()));
    if let Some(members) = args.fleet.read(database.schema())? {
        let requirement = threshold.unwrap_or(FailOn::AtLeast(Severity::Error));
        return Box::pin(check_all(project, args, &members, &accepted, requirement)).await;
    }
    let records = args.rolling.read::<M>(project.entities())?;
    if !records.is_empty() {
        return Box::pin(check_rolling(project, args, database, &records, &accepted)).await;
    }
    let schema = if args.migrations { Schema::Migrations } else { Schema::Live };
    let (report, requirement) = if args.migrations {
        (Box::pin(project.check_migrations()).await?, threshold.unwrap_or(FailOn::OutOfSync))
    } else {
        let report = unless_stopped(Box::pin(async {
            let (url, db) = connect(database).await?;
            let report = project.check(&db).await?.against(url.to_string());
            rows::look(project.entities(), report, &db, &args.rows).await
        }));
        (report.await?, threshold.unwrap_or(FailOn::AtLeast(Severity::Error)))
    };
    // In this order: an exception for what a reader may not write is of use, for the program's role.
    let mut report = accepted.apply(report).allowing_readers();
    if let Some(file) = &args.write_baseline {
        let baseline = Baseline::of(&report);
        baseline.save(file)?;
        // The report is what stdout is for, and whether anybody reads this line changes nothing.
        let _ = writeln!(io::stderr(), "baseline  {}: {} accepted", file.display(), baseline.findings().len());
        report = report.accept(&baseline);
    }
    write(&report, args, &Verdict::of(&report, schema, requirement), requirement, project.source())?;
    Ok(if report.passes(requirement) { Exit::Success } else { Exit::Drift })
}

async fn check_all<M: MigratorTrait>(
    project: &Project<M>,
    args: &CheckArgs,
    members: &[Member],
    accepted: &Accepted,
    requirement: FailOn,
) -> anyhow::Result<Exit> {
    let format = match args.format {
        Format::Text => progress::Format::Text,
        Format::Json => progress::Format::Json,
        Format::Github | Format::Junit | Format::Sarif => {
            progress::print_error(
                progress::Format::Text,
                "a report on several databases is text or JSON: use `--format text` or `--format json`",
                Exit::Usage,
            );
            return Ok(Exit::Usage);
        }
    };
    let check = async |member: &Member, _: Reporter| {
        let db = member.connect(Access::ReadOnly).await?;
        let report = project.check(&db).await;
        db.close().await.ok();
        let report = accepted.apply(report?.against(member.to_string())).allowing_readers();
        Ok(FleetOutcome::of(report, requirement))
    };
    let stop = Stop::on_signals()?;
    fleet::run(&args.fleet, members, format, args.verbose, &stop, Exit::NotCompared, check).await
}

/// Each release on the schemas that it meets, one after the other.
async fn check_rolling<M: MigratorTrait>(
    project: &Project<M>,
    args: &CheckArgs,
    database: &DatabaseArgs,
    records: &[Release],
    accepted: &Accepted,
) -> anyhow::Result<Exit> {
    let requirement = FailOn::AtLeast(args.fail_on.map_or(Severity::Error, Severity::from));
    let db = if args.migrations { None } else { Some(connect(database).await?) };
    let mut outcomes = Vec::new();
    for Release { name, record } in records {
        let checked = project.check_rolling(record, db.as_ref().map(|(_, db)| db));
        let mut rolling = unless_stopped(Box::pin(async { Ok(checked.await?) })).await?;
        if let (Some(met), Some((url, _))) = (&mut rolling.of_database, &db) {
            met.release = met.release.clone().against(url.to_string());
            met.program = met.program.clone().against(url.to_string());
        }
        rolling.accept(|report| accepted.apply(report).allowing_readers());
        outcomes.push((name.as_str(), rolling));
    }
    let passes = |rolling: &Rolling| rolling.of_running_release().all(|report| report.passes(requirement));
    match args.format {
        Format::Text => print_wrapped(|stdout| {
            rolling::write_text(&outcomes, args.verbosity(), stdout)?;
            writeln!(stdout, "\n{}", rolling::last_line(&outcomes, passes, &project.commands().up))
        })?,
        Format::Json => print(|stdout| rolling::write_json(&outcomes, stdout))?,
        // What the newest release meets on the newest schema.
        Format::Github | Format::Junit | Format::Sarif => {
            let met = outcomes.last().and_then(|(_, rolling)| rolling.of_running_release().next());
            met.map_or(Ok(()), |report| {
                write(report, args, &Verdict::of(report, Schema::Live, requirement), requirement, project.source())
            })?;
        }
    }
    Ok(if outcomes.iter().all(|(_, rolling)| passes(rolling) && !rolling::is_broken(rolling)) {
        Exit::Success
    } else {
        Exit::Drift
    })
}

async fn connect(database: &DatabaseArgs) -> anyhow::Result<(DatabaseUrl, DbConn)> {
    database.connect(Access::ReadOnly).await.map_err(|error| match error {
        // A misspelt variable must not pass for a database that was checked.
        ConnectError::Url(UrlError::NotNamed) => anyhow::Error::from(error).context(NO_DATABASE),
        error => error.into(),
    })
}

fn write(report: &Report, args: &CheckArgs, verdict: &Verdict, requirement: FailOn, source: &str) -> io::Result<()> {
    let detail = args.verbosity();
    match args.format {
        Format::Text => print_text(report, detail, verdict),
        Format::Json => print(|stdout| report.write_json(stdout)),
        Format::Github => {
            // An empty setting is one that nobody filled in.
            if let Some(file) = args.step_summary.as_deref().filter(|file| !file.is_empty()) {
                add(report, detail, file);
            }
            print(|stdout| report.write_github(detail, stdout))
        }
        Format::Junit => print(|stdout| report.write_junit(requirement, stdout)),
        Format::Sarif => print(|stdout| report.write_sarif(source, stdout)),
    }
}

/// Adds a summary to a file in which earlier steps may have written. The report matters, not this copy of it.
fn add(report: &Report, detail: Verbosity, file: &OsStr) {
    let mut markdown = Vec::new();
    let added = report
        .write_markdown(detail, &mut markdown)
        .and_then(|()| File::options().append(true).create(true).open(file)?.write_all(&markdown));
    if let Err(error) = added {
        let _ = writeln!(io::stderr(), "warning: the summary cannot be added to `{}`: {error}", file.display());
    }
}
