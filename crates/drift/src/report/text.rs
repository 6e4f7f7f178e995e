//! For people.

use std::{fmt, io};

use crate::repair::Repair;

use super::{Detail, Report, decided, palette::Palette, summary::Summary, wording};

impl Report {
    /// Writes the report for people, in plain text.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_text(&self, detail: Detail, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{}", Text { report: self, detail, palette: &Palette::PLAIN })
    }

    /// Writes the same text with ANSI colours; the caller knows that the sink is a terminal that shows them.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_ansi_text(&self, detail: Detail, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{}", Text { report: self, detail, palette: &Palette::ANSI })
    }
}

/// Warnings and errors, for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text { report: self, detail: Detail::Usual, palette: &Palette::PLAIN }.fmt(f)
    }
}

struct Text<'a> {
    report: &'a Report,
    detail: Detail,
    palette: &'a Palette,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let Palette { aside, help, .. } = self.palette;
        for difference in report.shown(self.detail) {
            let (severity, rule) = (difference.severity(), difference.change.rule());
            let loud = self.palette.of(severity);
            writeln!(f, "{loud}{severity}[{rule}]{loud:#}: {}", wording::what(difference))?;
            writeln!(f, "  {}", wording::effect(difference, report.dialect))?;
            decided::lines(&difference.decision).try_for_each(|line| writeln!(f, "  {line}"))?;
            if let Some(words) = wording::help(difference) {
                writeln!(f, "  {help}help{help:#}: {words}")?;
            }
            if let Some(repair) = difference.repair() {
                write_repair(f, repair)?;
            }
            writeln!(f)?;
        }
        for open in report.shown_unchecked(self.detail) {
            let loud = open.severity().map_or(*aside, |severity| self.palette.of(severity));
            let (label, rule) = (decided::label(open), open.rule);
            writeln!(f, "{loud}{label}[{rule}]{loud:#}: `{}`: {}", open.object(), open.why)?;
            decided::lines(&open.decision).try_for_each(|line| writeln!(f, "  {line}"))?;
            writeln!(f)?;
        }
        for stale in &report.stale {
            writeln!(f, "{aside}stale{aside:#}: {stale}\n")?;
        }
        for note in &report.notes {
            writeln!(f, "{aside}note{aside:#}: {note}\n")?;
        }
        writeln!(f, "{}", Summary(report))
    }
}

/// To be pasted as it stands, from behind each `sql:` and `code:`.
fn write_repair(f: &mut fmt::Formatter<'_>, repair: &Repair) -> fmt::Result {
    repair.sql.iter().try_for_each(|statement| writeln!(f, "  sql:  {statement};"))?;
    for (number, line) in repair.code.lines().enumerate() {
        writeln!(f, "  {} {line}", if number == 0 { "code:" } else { "     " })?;
    }
    repair.remarks.iter().try_for_each(|remark| writeln!(f, "  mind: {remark}"))
}
