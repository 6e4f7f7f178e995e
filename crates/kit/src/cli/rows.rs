//! `check --rows`: asks the rows whether what may break a program does.

use std::{
    num::{NonZeroU32, NonZeroU64},
    panic,
    sync::Once,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use sea_orm_drift::{Batch, Entities, Report, RowCheck, RowOptions};
use sea_orm_migration::sea_orm::DbConn;
use sea_orm_runner::sleep;

use super::{exit::Misused, progress::RowsLooked};

/// Whether the rows are asked, and how carefully.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rows")]
pub(super) struct RowsArgs {
    /// Ask the rows about each finding that says "may": how many rows do not fit, and their first keys. Reads in batches by
    /// key, read-only.
    #[arg(long, conflicts_with_all = ["migrations", "fleet", "rolling"])]
    rows: bool,

    /// With `--rows`: also read every row through its entity, so that the driver itself says whether it can be read.
    #[arg(long, requires = "rows")]
    decode: bool,

    /// Most rows to look at in each table; by default all.
    #[arg(long, value_name = "ROWS", requires = "rows")]
    limit: Option<NonZeroU64>,

    /// Most rows to look at in a second.
    #[arg(long, value_name = "ROWS", requires = "rows", id = "row-rate")]
    max_rate: Option<NonZeroU32>,

    /// How long to look, such as `10min`; what was found until then is reported.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, requires = "rows", id = "row-timeout")]
    timeout: Option<Duration>,

    /// Go on after this key, as an earlier run told it: `call_log=17`, and a JSON array where the key has several columns.
    #[arg(long, value_name = "[TABLE=]KEY", requires = "rows")]
    after: Option<String>,

    /// Show the driver's error for the first row that cannot be read. It may hold personal data.
    #[arg(long, requires = "decode")]
    show_values: bool,
}

/// As a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "_.=-".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// A decoder that panics is a row that cannot be read, which the report tells. Once, as the hook is that of the whole program.
fn silence_decoders() {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if thread::current().name() != Some(RowCheck::THREAD) {
                report(panicked);
            }
        }));
    });
}

/// The report, with what the rows say if they are asked.
pub(super) async fn look(entities: &Entities, report: Report, db: &DbConn, args: &RowsArgs) -> anyhow::Result<Report> {
    if !args.rows {
        return Ok(report);
    }
    let mut options = RowOptions::default();
    options.decode = args.decode;
    options.show_values = args.show_values;
    options.limit = args.limit.map(NonZeroU64::get);
    // So that it pauses for a second at most.
    options.batch = args.max_rate.map_or(options.batch, |most| u64::from(most.get()).min(options.batch));
    if let Some(after) = &args.after {
        let is_table = |name: &&str| report.tables.iter().any(|table| table.to_string() == **name);
        let (table, key) = match after.split_once('=').filter(|(name, _)| is_table(name)) {
            Some((table, key)) => (Some(table.to_owned()), key),
            None => (None, after.as_str()),
        };
        (options.after, options.after_table) = (Some(key.to_owned()), table);
    }
    if let Some(timeout) = args.timeout {
        options.statement_timeout = timeout;
    }
    silence_decoders();
    let mut check = entities.check_rows(report, &options);
    if let Some(why) = check.wrong_key() {
        return Err(Misused(format!("--after: {why}")).into());
    }
    let (began, bar) = (Instant::now(), RowsLooked::new());
    let mut last: Option<Batch> = None;
    let mut rows_before = 0;
    let mut is_over = false;
    while let Some(batch) = check.step(db).await? {
        bar.show(&batch);
        if last.as_ref().is_some_and(|last| last.table != batch.table) {
            rows_before += last.as_ref().map_or(0, |last| last.rows);
        }
        let rows = rows_before + batch.rows;
        last = Some(batch);
        if args.timeout.is_some_and(|timeout| began.elapsed() >= timeout) {
            is_over = true;
            break;
        }
        if let Some(most) = args.max_rate {
            let due = Duration::from_secs(rows) / most.get();
            sleep(due.saturating_sub(began.elapsed())).await;
        }
    }
    bar.clear();
    let mut report = check.finish();
    if let Some(Batch { table, last_key: Some(key), .. }) = last.filter(|_| is_over) {
        report.notes.push(format!(
            "the time for the rows is over; the last key of {table} was {key}: go on with --after {}",
            quoted(&format!("{table}={key}"))
        ));
    }
    Ok(report)
}
