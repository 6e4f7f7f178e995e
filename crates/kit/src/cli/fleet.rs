//! Many databases with one command: one for each tenant or shard, several at once, past those that fail.

use std::{
    fmt,
    io::{self, IsTerminal, Read, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, connect, refuse_to_migrate};
use sea_orm_drift::{FailOn, Report, Severity};
use sea_orm_migration::sea_orm::DbConn;
use sea_orm_runner::{Event, Stop, Throttle};
use serde_json::{Value, json};

use super::{
    Exit, breaking, print, print_wrapped,
    progress::{Format, print_wrapped_line},
    verdict,
};
use crate::{error_chain, print_line};

/// Which databases, instead of one.
#[derive(Debug, Args)]
#[command(next_help_heading = "Several databases")]
pub struct FleetArgs {
    /// Run on every database listed in FILE (`-` for stdin): one URL a line, optionally followed by a schema.
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,

    /// How many databases to work on at once.
    #[arg(long, value_name = "NUMBER", default_value = "8", requires = "fleet")]
    jobs: NonZeroUsize,
}

/// Why a list of databases cannot be used. Its lines may hold passwords and are not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum FleetError {
    /// The file cannot be read.
    #[error("the list of databases `{file}` cannot be read")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line does not begin with a URL.
    #[error("cannot use line {line} of the list of databases `{file}`")]
    Line {
        /// The name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong with the URL.
        source: Box<ConnectError>,
    },
    /// A line has a third word.
    #[error("line {line} of the list of databases `{file}` has more than a URL and a schema")]
    TooLong {
        /// The name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
    },
    /// A schema for a server that has none.
    #[error(
        "line {line} of the list of databases `{file}` names a schema, which only PostgreSQL has: name the \
         database in the URL"
    )]
    NoSchemas {
        /// The name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
    },
    /// There is no line with a URL.
    #[error("the list of databases `{file}` is empty")]
    Empty {
        /// The name of the file.
        file: String,
    },
}

/// One database.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    url: DatabaseUrl,
    schema: Option<String>,
}

/// How one database stands in the end.
pub(crate) enum FleetOutcome {
    InSync(Report),
    /// There are no entities to check.
    Migrated,
    Drifted(Report),
    /// It could not be told, or not be done.
    Failed {
        message: String,
        exit: Exit,
    },
}

/// Tells what happens to one of them.
#[derive(Clone)]
pub(crate) struct Reporter {
    member: String,
    format: Format,
    throttle: Arc<Throttle>,
    bar: Option<ProgressBar>,
}

impl FleetArgs {
    /// Whether a list was given.
    pub fn is_given(&self) -> bool {
        self.fleet.is_some()
    }

    /// The databases, where a list was given. One wrong line and none of them is touched.
    pub(crate) fn read(&self, schema: Option<&str>) -> Result<Option<Vec<Member>>, FleetError> {
        self.fleet.as_deref().map(|file| members(file, schema)).transpose()
    }
}

fn members(path: &Path, schema: Option<&str>) -> Result<Vec<Member>, FleetError> {
    let file = path.display().to_string();
    let mut text = String::new();
    let read = match file.as_str() {
        "-" => io::stdin().read_to_string(&mut text).map(drop),
        _ => std::fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|source| FleetError::Unreadable { file: file.clone(), source })?;
    let mut members = Vec::new();
    // With which some editors begin a file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    for (number, line) in text.lines().enumerate() {
        let (file, line, mut words) = (file.clone(), number + 1, line.split_whitespace());
        let Some(url) = words.next().filter(|word| !word.starts_with('#')) else { continue };
        let url: DatabaseUrl = url.parse().map_err(|source| FleetError::Line {
            file: file.clone(),
            line,
            source: Box::new(ConnectError::Url(source)),
        })?;
        let own = words.next();
        if words.next().is_some() {
            return Err(FleetError::TooLong { file, line });
        }
        if own.is_some() && !url.is_postgres() {
            return Err(FleetError::NoSchemas { file, line });
        }
        members.push(Member { url, schema: own.or(schema).map(str::to_owned) });
    }
    if members.is_empty() { Err(FleetError::Empty { file }) } else { Ok(members) }
}

impl Member {
    pub(crate) async fn connect(&self, access: Access) -> Result<DbConn, ConnectError> {
        connect(&self.url, self.schema.as_deref(), access).await
    }

    /// To apply migrations, unless one of `tables` is in another schema.
    pub(crate) async fn connect_to_apply(&self, tables: &[String]) -> Result<DbConn, ConnectError> {
        let db = self.connect(Access::ReadWrite).await?;
        refuse_to_migrate(&db, &self.url, tables).await?;
        Ok(db)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url)?;
        self.schema.iter().try_for_each(|schema| write!(f, " {schema}"))
    }
}

impl FleetOutcome {
    pub(crate) fn of(report: Report, requirement: FailOn) -> Self {
        if report.passes(requirement) { Self::InSync(report) } else { Self::Drifted(report) }
    }

    fn report(&self) -> Option<&Report> {
        match self {
            Self::InSync(report) | Self::Drifted(report) => Some(report),
            Self::Migrated | Self::Failed { .. } => None,
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::InSync(_) | Self::Migrated => Exit::Success,
            Self::Drifted(_) => Exit::Drift,
            Self::Failed { exit, .. } => *exit,
        }
    }

    fn name(&self) -> &'static str {
        match self.exit().code() {
            0 if matches!(self, Self::Migrated) => "migrated",
            0 => "in sync",
            69 => "unreachable",
            75 => "busy",
            128.. => "stopped",
            _ if matches!(self, Self::Drifted(_)) => "drifted",
            _ => "failed",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::InSync(_) | Self::Migrated => String::new(),
            Self::Drifted(report) => breaking(report, 1),
            Self::Failed { message, .. } => message.clone(),
        }
    }

    fn as_json(&self, member: &Member) -> Value {
        let mut row = json!({
            "database": member.url.to_string(), "schema": member.schema, "state": self.name().replace(' ', "-"),
        });
        match self {
            Self::InSync(report) | Self::Drifted(report) => {
                let mut text = Vec::new();
                // Neither fails: the sink is memory, and what was written is JSON.
                let _ = report.write_json(&mut text);
                row["report"] = serde_json::from_slice(&text).unwrap_or_default();
            }
            Self::Migrated => {}
            Self::Failed { message, exit } => {
                row["message"] = message.as_str().into();
                row["exit_code"] = exit.code().into();
            }
        }
        row
    }
}

/// Does the same to all of them and ends with a table. `failure` is what an error means that does not say itself.
pub(crate) async fn run(
    args: &FleetArgs,
    members: &[Member],
    format: Format,
    verbose: bool,
    stop: &Stop,
    failure: Exit,
    work: impl AsyncFn(&Member, Reporter) -> anyhow::Result<FleetOutcome>,
) -> anyhow::Result<Exit> {
    let is_seen = format == Format::Text && io::stderr().is_terminal();
    let bar = is_seen.then(|| bar(members.len()));
    let throttle = Arc::new(Throttle::new(verbose));
    let one = async |number: usize| {
        let member = &members[number];
        let reporter =
            Reporter { member: member.to_string(), format, throttle: Arc::clone(&throttle), bar: bar.clone() };
        let outcome = match stop.signal() {
            Some(signal) => not_begun(signal),
            None => work(member, reporter).await.unwrap_or_else(|error| FleetOutcome::Failed {
                exit: Exit::of(&error, failure),
                message: error_chain(error.as_ref()),
            }),
        };
        if let Some(bar) = &bar {
            bar.inc(1);
        }
        (number, outcome)
    };
    let outcomes = futures_util::stream::iter(0..members.len()).map(one).buffer_unordered(args.jobs.get());
    let mut outcomes: Vec<(usize, FleetOutcome)> = outcomes.collect().await;
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    outcomes.sort_by_key(|(number, _)| *number);
    let rows = || outcomes.iter().map(|(number, outcome)| (&members[*number], outcome));
    match format {
        Format::Text => print_wrapped(|stdout| table(&rows(), verbose, stdout))?,
        Format::Json => {
            print(|stdout| rows().try_for_each(|(member, outcome)| writeln!(stdout, "{}", outcome.as_json(member))))?;
        }
    }
    if format == Format::Text {
        let reports = || rows().filter_map(|(_, outcome)| outcome.report());
        let has_entities = rows().all(|(_, outcome)| !matches!(outcome, FleetOutcome::Migrated));
        let may = reports().filter(|report| !report.fails_at(Severity::Error)).count();
        if has_entities {
            print_wrapped_line(&verdict::of_fleet(members.len(), may, reports().count() - may));
        }
    }
    Ok(Exit::together(rows().map(|(_, outcome)| outcome.exit())))
}

fn not_begun(signal: u8) -> FleetOutcome {
    FleetOutcome::Failed { message: "not begun".to_owned(), exit: Exit::Code(signal.saturating_add(128)) }
}

/// Those that need a look, or all, and how many there are of each kind.
fn table<'a>(
    rows: &(impl Iterator<Item = (&'a Member, &'a FleetOutcome)> + Clone),
    verbose: bool,
    stdout: &mut dyn Write,
) -> io::Result<()> {
    let mut shown = 0;
    for (member, outcome) in rows.clone() {
        if verbose || outcome.exit() != Exit::Success {
            let line = format!("{:<11}  {member}  {}", outcome.name(), outcome.detail());
            writeln!(stdout, "{}", line.trim_end())?;
            shown += 1;
        }
    }
    if shown > 0 {
        writeln!(stdout)?;
    }
    let of = |kind: &str| rows.clone().filter(|(_, outcome)| outcome.name() == kind).count();
    let kinds =
        ["in sync", "migrated", "drifted", "unreachable", "busy", "stopped", "failed"].map(|kind| (of(kind), kind));
    let counted = kinds.iter().filter(|(number, _)| *number > 0).map(|(number, kind)| format!("{number} {kind}"));
    let number = rows.clone().count();
    let noun = if number == 1 { "database" } else { "databases" };
    writeln!(stdout, "{number} {noun}: {}", counted.collect::<Vec<_>>().join(", "))
}

impl Reporter {
    pub(crate) fn show(&self, event: &Event) {
        if !self.throttle.allows(event) {
            return;
        }
        let line = match self.format {
            Format::Text => format!("{event}  {}", self.member),
            Format::Json => {
                let mut line = json!(event);
                line["database"] = self.member.as_str().into();
                line.to_string()
            }
        };
        match &self.bar {
            Some(bar) => bar.suspend(|| print_line(&line)),
            None => print_line(&line),
        }
    }
}

fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{pos} of {len} databases {wide_bar} {elapsed}");
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    ProgressBar::new(length).with_style(style.expect("a template that was tried"))
}
