//! `call-log check`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use migration::connection::Access;
use sea_orm_drift::{Baseline, Detail, Severity};
use service::schema;

use super::{DatabaseArgs, Exit, accept::AcceptArgs, print};

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// How the report is written; never changes the exit code.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Lowest severity that fails the check. By default: error for a database; without a URL, any difference from what
    /// the entity declares.
    #[arg(long, value_enum)]
    fail_on: Option<Threshold>,

    /// Show differences that break nothing, and those that are accepted, too.
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    accept: AcceptArgs,

    /// Write all that is found, and no exception allows, to this file, and accept it. Replaces a baseline, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
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

pub(super) async fn run(args: &CheckArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let accepted = args.accept.read()?;
    let chosen = args.fail_on.map(Severity::from);
    let (report, threshold) = if database.url()?.is_some() {
        let (url, db) = database.connect(Access::ReadOnly).await?;
        (schema::check(&db).await?.against(url.to_string()), chosen.or(Some(Severity::Error)))
    } else {
        (schema::check_migrations().await?, chosen)
    };
    let mut report = accepted.apply(report);
    if let Some(file) = &args.write_baseline {
        let baseline = Baseline::of(&report);
        baseline.save(file)?;
        // The report is what stdout is for, and whether anybody reads this line changes nothing.
        let _ = writeln!(io::stderr(), "baseline  {}: {} accepted", file.display(), baseline.findings().len());
        report = report.accept(&baseline);
    }
    let passes = threshold.map_or_else(|| report.is_in_sync(), |threshold| !report.fails_at(threshold));
    let shows_all = args.verbose || matches!(args.fail_on, Some(Threshold::Info));
    let detail = if shows_all { Detail::Verbose } else { Detail::Usual };
    print(|stdout| match args.format {
        Format::Text => report.write_text(detail, stdout),
        Format::Json => report.write_json(stdout),
    })?;
    Ok(if passes { Exit::Success } else { Exit::Drift })
}
