//! `call-log retention`.

use std::time::Duration;

use anyhow::Context;
use chrono::{NaiveDateTime, TimeDelta, Utc};
use clap::Args;
use sea_orm_connect::{Access, ErrorKind, PoolerSafe};
use sea_orm_drift::{Severity, Verbosity};
use sea_orm_kit::{
    cli::{
        AcceptArgs, DatabaseArgs, Exit, Format, Progress, SettingsArgs, UNAVAILABLE, may_start, print, print_error,
        print_text,
    },
    error_chain,
};
use sea_orm_runner::{Batch, Job, JobError, Runner, Stop};
use service::{
    mutations::{Archive, ArchiveError, OldCalls, Retention},
    schema,
    server::CheckError,
};

/// How many calls one transaction removes.
const BATCH_ROWS: u64 = 1_000;

/// A call lasts a day at most, and its webhooks come meanwhile.
const MIN_AGE: Duration = Duration::from_hours(24);

#[derive(Debug, Args)]
pub(super) struct RetentionArgs {
    /// Remove calls that were made longer ago, such as `400d`; at least `1d`. Calls that are not final stay: those whose cost
    /// is not estimated yet.
    #[arg(long, value_name = "TIME", value_parser = parse_age)]
    older_than: TimeDelta,

    /// Move the calls to this table instead of deleting them; it has the columns of `call_log`.
    #[arg(long, value_name = "TABLE")]
    archive_to: Option<String>,

    /// Only count the calls.
    #[arg(long)]
    dry_run: bool,

    /// The format of progress, errors and the summary.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    #[command(flatten)]
    accept: AcceptArgs,

    #[command(flatten)]
    settings: SettingsArgs,
}

fn parse_age(text: &str) -> Result<TimeDelta, String> {
    let age: humantime::Duration = text.parse().map_err(|error: humantime::DurationError| error.to_string())?;
    if *age < MIN_AGE {
        return Err("it must be at least 1d: younger calls may still change".to_owned());
    }
    let before = |age: &TimeDelta| Utc::now().checked_sub_signed(*age).is_some_and(|time| time.timestamp() > 0);
    TimeDelta::from_std(*age).ok().filter(before).ok_or_else(|| "it must not reach back before 1970".to_owned())
}

pub(super) async fn run(args: &RetentionArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let accepted = args.accept.read()?;
    let stop = Stop::on_signals().context("cannot handle signals")?;
    let before = Utc::now().naive_utc() - args.older_than;
    let progress = Progress::new(args.format, false);
    let runner = Runner::new()
        .with_settings((&args.settings).into())
        .with_stop(stop.clone())
        .with_listener(move |event| progress.show(event));
    let prepared = async {
        let (url, db) = database.connect(Access::ReadWrite).await?;
        let report = schema::check(&db).await.map_err(CheckError::from)?.against(url.to_string());
        let archive = match &args.archive_to {
            Some(table) => Some(Archive::open(&PoolerSafe::from(&db), table).await?),
            None => None,
        };
        anyhow::Ok((PoolerSafe::from(&db), accepted.apply(report), Retention { before, archive }))
    };
    let (db, report, retention) = tokio::select! {
        prepared = prepared => prepared?,
        () = stop.requested() => return Ok(Exit::Code(stop.signal().unwrap_or_default().saturating_add(128))),
    };
    if report.fails_at(Severity::Error) {
        print_text(&report, Verbosity::Normal, &may_start(&report))?;
        return Ok(Exit::Drift);
    }
    let to = args.archive_to.as_deref();
    if args.dry_run {
        let OldCalls { final_calls, open_calls } = retention.count(&db).await.map_err(JobError::from)?;
        Summary { calls: final_calls, before, archive: to, open: Some(open_calls), is_dry_run: true }
            .print(args.format)?;
        return Ok(Exit::Success);
    }
    let (calls, ended) = remove(&runner, &db, &retention).await;
    let open = if ended.is_ok() { Some(retention.count(&db).await.map_err(JobError::from)?.open_calls) } else { None };
    Summary { calls, before, archive: to, open, is_dry_run: false }.print(args.format)?;
    match ended {
        Ok(()) => Ok(Exit::Success),
        Err(error) => {
            let exit = Exit::Code(error.exit_code());
            print_error(args.format, &error_chain(&error), exit);
            Ok(exit)
        }
    }
}

/// Bucket by bucket, and returns how many calls it removed, also if it fails.
async fn remove(runner: &Runner, db: &PoolerSafe, retention: &Retention) -> (u64, Result<(), JobError>) {
    let mut calls = 0;
    let mut last: Option<String> = None;
    loop {
        let bucket = match retention.bucket_after(db, last.as_deref()).await {
            Ok(Some(bucket)) => bucket,
            Ok(None) => return (calls, Ok(())),
            Err(error) => return (calls, Err(error.into())),
        };
        let job = Job { name: format!("retention of {bucket}"), table: "call_log".to_owned() };
        let (removed, ended) = runner
            .in_batches(db, &job, None::<Range>, async |transaction, range| {
                let from = range.map(|range| range.last);
                let removed = retention.remove_batch(transaction, &bucket, from, BATCH_ROWS).await?;
                let next =
                    removed.range.map(|(first, last)| Range { first: range.map_or(first, |range| range.first), last });
                let percent = next.map_or(100, |range| range.percent(retention.before));
                Ok(Batch { rows: removed.calls, percent, next: next.map(Some) })
            })
            .await;
        calls += removed;
        if ended.is_err() {
            return (calls, ended);
        }
        last = Some(bucket);
    }
}

/// When the first call that was removed was made, and the last one.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: NaiveDateTime,
    last: NaiveDateTime,
}

impl Range {
    fn percent(self, before: NaiveDateTime) -> u8 {
        let (done, all) = ((self.last - self.first).num_seconds(), (before - self.first).num_seconds().max(1));
        u8::try_from(done * 100 / all).unwrap_or(100)
    }
}

/// What was done, or would be.
struct Summary<'a> {
    calls: u64,
    before: NaiveDateTime,
    archive: Option<&'a str>,
    /// The older calls that are not final; `None` if the run ended early.
    open: Option<u64>,
    is_dry_run: bool,
}

impl Summary<'_> {
    fn print(&self, format: Format) -> anyhow::Result<()> {
        print(|stdout| match format {
            Format::Text => writeln!(stdout, "{}", self.text()),
            Format::Json => writeln!(stdout, "{}", self.json()),
        })?;
        Ok(())
    }

    fn text(&self) -> String {
        let Self { calls, before, archive, open, is_dry_run } = self;
        let calls = if *calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") };
        let before = before.format("%Y-%m-%d %H:%M:%S");
        let would = if *is_dry_run { "would be " } else { "" };
        let done = archive.map_or_else(|| "deleted".to_owned(), |table| format!("moved to {table}"));
        let rest = match open {
            Some(0) => String::new(),
            Some(1) => "; 1 more is not final and stays".to_owned(),
            Some(open) => format!("; {open} more are not final and stay"),
            None => "; not all: see the error".to_owned(),
        };
        format!("{calls} made before {before} UTC {would}{done}{rest}")
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "event": "retention",
            "calls": self.calls,
            "before": self.before.and_utc(),
            "archive": self.archive,
            "not_final": self.open,
            "dry_run": self.is_dry_run,
        })
    }
}

/// What an error of the archive means.
pub(super) fn exit_of(error: &ArchiveError) -> Exit {
    match error {
        ArchiveError::InvalidName(_) => Exit::Usage,
        ArchiveError::Database(source) => match ErrorKind::of(source) {
            ErrorKind::Connection => Exit::Code(UNAVAILABLE),
            _ => Exit::Failed,
        },
        _ => Exit::Configuration,
    }
}
