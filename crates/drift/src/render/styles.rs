//! The styles of a text report.

use anstyle::{AnsiColor, Style};

use crate::consequence::Severity;

/// A style for each kind of word. An empty style writes nothing, so plain text takes the same path.
pub(super) struct Styles {
    error: Style,
    warning: Style,
    info: Style,
    pub(super) aside: Style,
    pub(super) help: Style,
}

impl Styles {
    pub(super) const PLAIN: Self = Self {
        error: Style::new(),
        warning: Style::new(),
        info: Style::new(),
        aside: Style::new(),
        help: Style::new(),
    };

    pub(super) const ANSI: Self = Self {
        error: AnsiColor::Red.on_default().bold(),
        warning: AnsiColor::Yellow.on_default().bold(),
        info: AnsiColor::Blue.on_default().bold(),
        aside: Style::new().bold(),
        help: AnsiColor::Cyan.on_default(),
    };

    pub(super) fn of(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Info => self.info,
        }
    }
}
