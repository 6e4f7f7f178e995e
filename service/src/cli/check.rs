//! `call-log check`.

use clap::{Args, ValueEnum};
use migration::connection::Access;
use sea_orm_drift::{Detail, Severity};
use service::schema;

use super::{DatabaseArgs, Exit, print};

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
        let report = schema::check(&db).await?.allowing_readers().against(url.to_string());
        let passes = !report.fails_at(args.fail_on.map_or(Severity::Error, Severity::from));
        (report, passes)
    } else {
        let report = schema::check_migrations().await?;
        let passes = args.fail_on.map_or_else(|| report.is_in_sync(), |threshold| !report.fails_at(threshold.into()));
        (report, passes)
    };
    let shows_all = args.verbose || matches!(args.fail_on, Some(Threshold::Info));
    let detail = if shows_all { Detail::Verbose } else { Detail::Usual };
    print(|stdout| match args.format {
        Format::Text => report.write_text(detail, stdout),
        Format::Json => report.write_json(stdout),
    })?;
    Ok(if passes { Exit::Success } else { Exit::Drift })
}
