//! `call-log check`.

use std::io;

use clap::{Args, ValueEnum};
use migration::connection::Access;
use sea_orm_drift::{Detail, Report, Severity};
use service::schema;

use super::{DatabaseArgs, Exit};

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// How the report is written; never changes the exit code.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Lowest severity that fails the check. By default: error for a database; without a URL, any difference from what
    /// the entity declares.
    #[arg(long, value_enum)]
    fail_on: Option<Threshold>,

    /// Show differences that break nothing, too.
    #[arg(short, long)]
    verbose: bool,
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
    let (report, passes) = if database.url()?.is_some() {
        let (url, db) = database.connect(Access::ReadOnly).await?;
        let report = schema::check(&db).await?.against(url.to_string());
        let passes = !report.fails_at(args.fail_on.map_or(Severity::Error, Severity::from));
        (report, passes)
    } else {
        let report = schema::check_migrations().await?;
        let passes = args.fail_on.map_or_else(|| report.is_in_sync(), |threshold| !report.fails_at(threshold.into()));
        (report, passes)
    };
    print(&report, args)?;
    Ok(if passes { Exit::Success } else { Exit::Drift })
}

fn print(report: &Report, args: &CheckArgs) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let detail = if args.verbose { Detail::Verbose } else { Detail::Usual };
    let written = match args.format {
        Format::Text => report.write_text(detail, &mut stdout),
        Format::Json => report.write_json(&mut stdout),
    };
    match written {
        // Whoever read the report has seen enough of it.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
