//! What a run tells while it goes on, on stderr: a line each, for people or as JSON, and a bar while rows are changed and
//! somebody is looking.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use migration::telling::say;
use sea_orm_runner::{Event, Lines};
use serde_json::json;
use service::server::config::{Config, ConfigArgs, LogFormat};

use super::Exit;

/// How what happens is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: JSON; what happens meanwhile is an object in each line.
    Json,
}

impl Format {
    /// As logs are written.
    pub(super) fn of(config: &Config) -> Self {
        match config.log_format {
            LogFormat::Human => Self::Text,
            LogFormat::Json => Self::Json,
        }
    }

    /// The same, where the configuration can be read: what is wrong with it is told to people.
    pub(super) fn configured(config: &ConfigArgs) -> Self {
        config.read().map_or(Self::Text, |config| Self::of(&config))
    }
}

/// Where it is told.
pub(super) struct Progress {
    format: Format,
    lines: Lines,
    /// Only where stderr is a terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new(format: Format, verbose: bool) -> Self {
        let is_seen = format == Format::Text && io::stderr().is_terminal();
        Self { format, lines: Lines::new(verbose), bar: is_seen.then(bar) }
    }

    pub(super) fn tell(&self, event: &Event) {
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
            (Some(bar), _) => bar.suspend(|| say(&event.to_string())),
            (None, _) => say(&match self.format {
                Format::Text => event.to_string(),
                Format::Json => json!(event).to_string(),
            }),
        }
    }
}

/// Says why a run ended, in the same form.
pub(super) fn tell_error(format: Format, message: &str, exit: Exit) {
    say(&match format {
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
