//! A report in one line.

use std::fmt;

use super::Report;
use crate::consequence::Severity;

/// How much was found, in how much that was compared.
pub(super) struct Summary<'a>(pub(super) &'a Report);

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

pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
