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

pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
