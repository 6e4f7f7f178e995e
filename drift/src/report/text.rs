//! For people.

use std::{fmt, io};

use super::{Report, wording};
use crate::{consequence::Severity, repair::Repair};

/// How much a text report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Warnings and errors.
    Usual,
    /// Differences that break nothing, too.
    Verbose,
}

impl Report {
    /// Writes the report for people.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_text(&self, detail: Detail, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{}", Text { report: self, detail })
    }
}

/// Warnings and errors, for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text { report: self, detail: Detail::Usual }.fmt(f)
    }
}

struct Text<'a> {
    report: &'a Report,
    detail: Detail,
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        // What breaks nothing is shown when asked for, or when it is all there is to show for "not in sync".
        let quiet = report.fails_at(Severity::Warning) || report.is_in_sync();
        let lowest = if quiet && self.detail == Detail::Usual { Severity::Warning } else { Severity::Info };
        for difference in report.differences.iter().filter(|difference| difference.severity() >= lowest) {
            writeln!(f, "{}[{}]: {}", difference.severity(), difference.change.rule(), wording::what(difference))?;
            writeln!(f, "  {}", wording::effect(difference, report.dialect))?;
            if let Some(help) = wording::help(difference) {
                writeln!(f, "  help: {help}")?;
            }
            if let Some(repair) = difference.repair() {
                write_repair(f, repair)?;
            }
            writeln!(f)?;
        }
        for unchecked in &report.unchecked {
            let column = unchecked.column.as_ref().map(|column| format!(".{column}")).unwrap_or_default();
            writeln!(f, "unchecked: `{}{column}`: {}\n", unchecked.table, unchecked.why)?;
        }
        for note in &report.notes {
            writeln!(f, "note: {note}\n")?;
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

struct Summary<'a>(&'a Report);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let compared = report.compared;
        let of = |severity| report.differences.iter().filter(|difference| difference.severity() == severity).count();
        let (errors, warnings, notes) = (of(Severity::Error), of(Severity::Warning), of(Severity::Info));

        if report.is_in_sync() {
            write!(f, "in sync")?;
            if notes > 0 {
                write!(f, ", {} of no consequence", count(notes, "addition"))?;
            }
        } else {
            let kinds =
                [(errors, "error"), (warnings, "warning"), (notes, "info"), (report.unchecked.len(), "unchecked")];
            let kinds: Vec<String> = kinds
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, kind)| {
                    if ["info", "unchecked"].contains(kind) { format!("{number} {kind}") } else { count(*number, kind) }
                })
                .collect();
            write!(f, "{} ({})", count(report.differences.len(), "difference"), kinds.join(", "))?;
        }
        write!(
            f,
            ": {}, {}, {} compared",
            if compared.entities == 1 { "1 entity".to_owned() } else { format!("{} entities", compared.entities) },
            count(compared.columns, "column"),
            if compared.indexes == 1 { "1 index".to_owned() } else { format!("{} indexes", compared.indexes) },
        )?;
        report.target.iter().try_for_each(|target| write!(f, " against {target}"))
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
