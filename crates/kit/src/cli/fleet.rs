//! Many databases with one command: one for each tenant or shard, several at once, past those that fail.

use std::{
    io::{self, IsTerminal, Write},
    sync::Arc,
};

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm_drift::{FailOn, Report, Severity};
use sea_orm_runner::{Event, Stop, Throttle};
use serde_json::{Value, json};

use super::{
    exit::Exit,
    fleet_list::{FleetArgs, Member},
    progress::{Format, print_wrapped_line},
    stdout::{print, print_wrapped},
    verdict::{self, breaking},
};
use crate::output::{error_chain, print_line};

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
