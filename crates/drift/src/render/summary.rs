//! A report in one line.

use std::fmt;

use crate::{consequence::Severity, report::Report};

/// The verdict, and how much was compared.
pub(super) struct Summary<'a> {
    pub(super) report: &'a Report,
    /// Whether some findings are hidden, and `-v` shows them.
    pub(super) hint: bool,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let compared = report.compared;
        let differences =
            report.differences.iter().map(|difference| (&difference.suppression, Some(difference.severity())));
        let unchecked = report.unchecked.iter().map(|unchecked| (&unchecked.suppression, unchecked.severity()));
        let (accepted, counting): (Vec<_>, Vec<_>) =
            differences.chain(unchecked).partition(|(suppression, _)| suppression.is_accepted());
        let of = |wanted: Option<Severity>| counting.iter().filter(|(_, severity)| *severity == wanted).count();
        let counted = |number: usize, kind: &str| (number > 0).then(|| count(number, kind));
        let info = of(Some(Severity::Info));

        if report.is_in_sync() {
            let findings = counted(accepted.len(), "accepted finding");
            let extras = counted(info, "harmless extra");
            let (but, kinds) = match (&findings, report.accepted_errors()) {
                (Some(findings), breaking) if breaking > 0 => {
                    (format!(" but for {findings}, {breaking} of which would break this program"), vec![extras])
                }
                _ => (String::new(), vec![findings, extras]),
            };
            let kinds: Vec<String> = kinds.into_iter().flatten().collect();
            let it = if accepted.len() + info == 1 { "it" } else { "them" };
            let hint = if self.hint { format!(" (show {it} with -v)") } else { String::new() };
            write!(f, "OK: the schema matches{but}")?;
            match kinds.as_slice() {
                [] => write!(f, "{hint}; ")?,
                kinds => write!(f, "; {}{hint}; ", kinds.join(", "))?,
            }
        } else {
            let numbered = |number: usize, kind: &str| (number > 0).then(|| format!("{number} {kind}"));
            let kinds = [
                counted(of(Some(Severity::Error)), "error"),
                counted(of(Some(Severity::Warning)), "warning"),
                numbered(info, "info"),
                numbered(accepted.len(), "accepted"),
            ];
            let kinds: Vec<String> = kinds.into_iter().flatten().collect();
            // What is unchecked is not a difference, unless an exception gives it a severity.
            let differences = counting.len() - of(None) + accepted.len();
            let hint = if self.hint { vec!["show all with -v".to_owned()] } else { Vec::new() };
            let notes: Vec<String> =
                Some(kinds.join(", ")).into_iter().filter(|kinds| !kinds.is_empty()).chain(hint).collect();
            let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
            let unchecked =
                numbered(of(None), "unchecked").map(|unchecked| format!(" and {unchecked}")).unwrap_or_default();
            write!(f, "{}{notes}{unchecked}: ", count(differences, "difference"))?;
        }
        write!(
            f,
            "{}, {}, {} compared",
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
