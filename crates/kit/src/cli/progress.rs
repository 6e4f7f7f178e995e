//! What a run tells while it goes on, on stderr: a line each, for people or as JSON, and a bar while rows are changed and
//! somebody is looking.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm_runner::{Event, Lines};
use serde_json::json;

use super::Exit;
use crate::print_line;

/// How what happens is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: JSON; what happens meanwhile is an object in each line.
    Json,
}

/// Where it is told.
#[derive(Debug)]
pub struct Progress {
    format: Format,
    lines: Lines,
    /// Only where stderr is a terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// On stderr; `verbose` shows every statement.
    pub fn new(format: Format, verbose: bool) -> Self {
        let is_seen = format == Format::Text && io::stderr().is_terminal();
        Self { format, lines: Lines::new(verbose), bar: is_seen.then(bar) }
    }

    /// Shows an event, unless it is not worth a line.
    pub fn tell(&self, event: &Event) {
        match (&self.bar, event) {
            (Some(bar), Event::Rows { migration, rows, percent, per_second }) => {
                bar.enable_steady_tick(Duration::from_secs(1));
                bar.set_position((*percent).into());
                bar.set_prefix(migration.clone());
                bar.set_message(format!("{rows} rows, {per_second}/s"));
                if *percent == 100 {
                    bar.finish_and_clear();
                }
            }
            _ if !self.lines.are_worth(event) => {}
            (Some(bar), _) => bar.suspend(|| print_line(&event.to_string())),
            (None, _) => print_line(&match self.format {
                Format::Text => event.to_string(),
                Format::Json => json!(event).to_string(),
            }),
        }
    }
}

/// Says why a run ended, in the same form.
pub fn tell_error(format: Format, message: &str, exit: Exit) {
    print_line(&match format {
        Format::Text => format!("error: {message}"),
        Format::Json => json!({ "event": "error", "message": message, "exit_code": exit.code() }).to_string(),
    });
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos} %  {msg}  {elapsed}");
    ProgressBar::new(100).with_style(style.expect("a template that was tried"))
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressDrawTarget};

    use super::*;

    #[test]
    fn on_a_terminal_rows_are_a_bar_that_goes_away() {
        let terminal = InMemoryTerm::new(4, 100);
        let bar = bar();
        bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        let progress = Progress { format: Format::Text, lines: Lines::default(), bar: Some(bar) };
        let rows = |rows, percent| Event::Rows { migration: "m52".to_owned(), rows, percent, per_second: 1_000 };

        progress.tell(&rows(400_000, 40));
        progress.tell(&rows(410_000, 41));
        let shown = terminal.contents();
        assert!(shown.starts_with("m52 ") && shown.contains("rows, 1000/s"), "{shown}");
        assert!(shown.contains("40 %") || shown.contains("41 %"), "{shown}");

        progress.tell(&rows(1_000_000, 100));
        assert_eq!(terminal.contents(), "");
    }
}
