//! What a run tells while it goes on, on stderr: a line each, for people or as JSON, and a bar while rows are changed and
//! somebody is looking.

use std::{
    io::{self, IsTerminal},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sea_orm_drift::Batch;
use sea_orm_runner::{Event, Throttle};
use serde_json::json;

use super::{
    exit::Exit,
    wrap::{stderr_columns, wrapped},
};
use crate::output::print_line;

/// The format of progress and errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs, as JSON: progress is one object a line, a plan or a status is one document.
    Json,
}

/// Writes progress.
#[derive(Debug)]
pub struct Progress {
    format: Format,
    throttle: Throttle,
    /// Where the bar is drawn, if anybody sees it.
    terminal: Option<fn() -> ProgressDrawTarget>,
    /// Only once something moves it: another bar would stay above the report.
    bar: Mutex<Option<Bar>>,
}

/// The bar that is drawn.
#[derive(Debug)]
enum Bar {
    /// The rows of a back-fill, until the last one.
    Rows(ProgressBar),
    /// A phase of an index build. The server does not say when it ends: the next event does.
    Index(ProgressBar),
}

impl Progress {
    /// On stderr; `verbose` shows every statement.
    pub fn new(format: Format, verbose: bool) -> Self {
        let is_seen = format == Format::Text && io::stderr().is_terminal();
        let terminal = is_seen.then_some(ProgressDrawTarget::stderr as fn() -> ProgressDrawTarget);
        Self { format, throttle: Throttle::new(verbose), terminal, bar: Mutex::default() }
    }

    /// Shows an event, unless it is not worth a line.
    pub fn show(&self, event: &Event) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = match event {
            Event::IndexBuild { .. } => false,
            Event::Rows { .. } => !matches!(*bar, Some(Bar::Rows(_))),
            _ => matches!(*bar, Some(Bar::Index(_))),
        };
        if is_over && let Some(Bar::Rows(shown) | Bar::Index(shown)) = bar.take() {
            shown.finish_and_clear();
        }
        match (self.terminal, event) {
            (Some(terminal), Event::Rows { migration, rows, percent, per_second }) => {
                let new = || Bar::Rows(self::bar(terminal()));
                let (Bar::Rows(shown) | Bar::Index(shown)) = bar.get_or_insert_with(new);
                shown.set_position((*percent).into());
                shown.set_prefix(migration.clone());
                shown.set_message(format!("{rows} rows, {per_second}/s"));
                if *percent == 100 {
                    shown.finish_and_clear();
                    *bar = None;
                }
            }
            (Some(terminal), Event::IndexBuild { migration, table, phase, percent }) => {
                let new = || Bar::Index(self::bar(terminal()));
                let (Bar::Rows(shown) | Bar::Index(shown)) = bar.get_or_insert_with(new);
                shown.set_position((*percent).into());
                shown.set_prefix(migration.clone());
                shown.set_message(format!("{table}: {phase}"));
            }
            _ if !self.throttle.allows(event) => {}
            _ => {
                let line = match self.format {
                    Format::Text => wrapped(&event.to_string(), stderr_columns()),
                    Format::Json => json!(event).to_string(),
                };
                match bar.as_ref() {
                    Some(Bar::Rows(bar) | Bar::Index(bar)) => bar.suspend(|| print_line(&line)),
                    None => print_line(&line),
                }
            }
        }
    }
}

/// Writes a line for people to stderr.
pub(super) fn print_wrapped_line(line: &str) {
    print_line(&wrapped(line, stderr_columns()));
}

/// Says why a run ended, in the same form.
pub fn print_error(format: Format, message: &str, exit: Exit) {
    print_line(&match format {
        Format::Text => wrapped(&format!("error: {message}"), stderr_columns()),
        Format::Json => json!({ "event": "error", "message": message, "exit_code": exit.code() }).to_string(),
    });
}

/// The rows that were looked at, if somebody sees it; how many there are is not known.
#[derive(Debug)]
pub(super) struct RowsLooked(ProgressBar);

impl RowsLooked {
    pub(super) fn new() -> Self {
        let style = ProgressStyle::with_template("{msg}  {elapsed}").expect("a template that was tried");
        Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style))
    }

    pub(super) fn show(&self, batch: &Batch) {
        self.0.set_message(format!("{}: {} rows", batch.table, batch.rows));
        self.0.tick();
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn bar(terminal: ProgressDrawTarget) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos} %  {msg}  {elapsed}");
    let bar = ProgressBar::with_draw_target(Some(100), terminal).with_style(style.expect("a template that was tried"));
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn on_a_terminal_rows_are_a_bar_that_goes_away() {
        static TERMINAL: LazyLock<InMemoryTerm> = LazyLock::new(|| InMemoryTerm::new(4, 100));
        let terminal = || ProgressDrawTarget::term_like(Box::new(TERMINAL.clone()));
        let progress = Progress { terminal: Some(terminal), ..Progress::new(Format::Text, false) };
        let rows = |rows, percent| Event::Rows { migration: "m52".to_owned(), rows, percent, per_second: 1_000 };

        progress.show(&rows(400_000, 40));
        progress.show(&rows(410_000, 41));
        let shown = TERMINAL.contents();
        assert!(shown.starts_with("m52 ") && shown.contains("rows, 1000/s"), "{shown}");
        assert!(shown.contains("40 %") || shown.contains("41 %"), "{shown}");

        progress.show(&rows(1_000_000, 100));
        assert_eq!(TERMINAL.contents(), "");
    }

    #[test]
    fn on_a_terminal_an_index_build_is_a_bar_until_it_ends() {
        static TERMINAL: LazyLock<InMemoryTerm> = LazyLock::new(|| InMemoryTerm::new(4, 100));
        let terminal = || ProgressDrawTarget::term_like(Box::new(TERMINAL.clone()));
        let progress = Progress { terminal: Some(terminal), ..Progress::new(Format::Text, false) };
        let build = |percent| Event::IndexBuild {
            migration: "m53".to_owned(),
            table: "call_log".to_owned(),
            phase: "building index: scanning table".to_owned(),
            percent,
        };

        progress.show(&build(40));
        let shown = TERMINAL.contents();
        assert!(shown.starts_with("m53 ") && shown.contains("call_log: building index: scanning table"), "{shown}");

        progress.show(&Event::Statement { sql: "CREATE INDEX".to_owned(), took: Duration::ZERO });
        assert_eq!(TERMINAL.contents(), "");
    }

    #[test]
    fn without_rows_nothing_is_drawn_on_a_terminal() {
        static TERMINAL: LazyLock<InMemoryTerm> = LazyLock::new(|| InMemoryTerm::new(4, 100));
        let terminal = || ProgressDrawTarget::term_like(Box::new(TERMINAL.clone()));
        let progress = Progress { terminal: Some(terminal), ..Progress::new(Format::Text, false) };

        progress.show(&Event::NothingToApply);
        assert_eq!(TERMINAL.contents(), "");
    }
}
