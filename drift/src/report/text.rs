//! For people.

use std::{fmt, io};

use super::{Report, decided, wording};
use crate::{consequence::Severity, decision::Decision};

/// How much a text report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Warnings and errors.
    Usual,
    /// Differences that break nothing and what is accepted, too.
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
        let shows = |decision: &Decision| self.detail == Detail::Verbose || !decision.is_accepted();
        let loud = report.differences.iter().filter(|found| found.severity() >= lowest && shows(&found.decision));
        for difference in loud {
            writeln!(f, "{}[{}]: {}", difference.severity(), difference.change.rule(), wording::what(difference))?;
            writeln!(f, "  {}", wording::effect(difference, report.dialect))?;
            decided::lines(&difference.decision).try_for_each(|line| writeln!(f, "  {line}"))?;
            if let Some(help) = wording::help(difference) {
                writeln!(f, "  help: {help}")?;
            }
            writeln!(f)?;
        }
        for unchecked in report.unchecked.iter().filter(|found| shows(&found.decision)) {
            let label = unchecked.severity().map_or_else(|| "unchecked".to_owned(), |severity| severity.to_string());
            writeln!(f, "{label}[{}]: `{}`: {}", unchecked.rule, unchecked.object(), unchecked.why)?;
            decided::lines(&unchecked.decision).try_for_each(|line| writeln!(f, "  {line}"))?;
            writeln!(f)?;
        }
        for stale in &report.stale {
            writeln!(f, "stale: {stale}\n")?;
        }
        for note in &report.notes {
            writeln!(f, "note: {note}\n")?;
        }
        writeln!(f, "{}", Summary(report))
    }
}

struct Summary<'a>(&'a Report);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let compared = report.compared;
        let differences = report.differences.iter().map(|found| (&found.decision, Some(found.severity())));
        let unchecked = report.unchecked.iter().map(|found| (&found.decision, found.severity()));
        let (accepted, counting): (Vec<_>, Vec<_>) =
            differences.chain(unchecked).partition(|(decision, _)| decision.is_accepted());
        let of = |wanted: Option<Severity>| counting.iter().filter(|(_, severity)| *severity == wanted).count();
        let info = of(Some(Severity::Info));

        if report.is_in_sync() {
            write!(f, "in sync")?;
            if !accepted.is_empty() {
                write!(f, " but for {}", count(accepted.len(), "accepted finding"))?;
            }
            if info > 0 {
                write!(f, ", {} of no consequence", count(info, "addition"))?;
            }
        } else {
            let numbered = |number: usize, kind: &str| (number > 0).then(|| format!("{number} {kind}"));
            let counted = |number: usize, kind: &str| (number > 0).then(|| count(number, kind));
            let kinds = [
                counted(of(Some(Severity::Error)), "error"),
                counted(of(Some(Severity::Warning)), "warning"),
                numbered(info, "info"),
                numbered(of(None), "unchecked"),
                numbered(accepted.len(), "accepted"),
            ];
            let kinds: Vec<String> = kinds.into_iter().flatten().collect();
            // What is unchecked is no difference, unless somebody decided what to make of it.
            let differences = counting.len() - of(None) + accepted.len();
            write!(f, "{} ({})", count(differences, "difference"), kinds.join(", "))?;
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
