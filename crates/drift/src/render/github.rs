//! For GitHub Actions: workflow commands, which become annotations.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>; the escapes are those
//! of `actions/toolkit`, `packages/core/src/command.ts`.

use std::{cmp::Reverse, io};

use super::{
    Verbosity, message,
    summary::{Summary, count},
};
use crate::{consequence::Severity, report::Report};

/// GitHub shows ten annotations of a step and silently drops the others. The last of ours is the summary.
const FINDINGS: usize = 9;

struct Annotation {
    severity: Option<Severity>,
    title: String,
    message: String,
}

impl Report {
    /// Writes the worst findings and a summary as workflow commands of GitHub Actions, at most ten.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_github(&self, verbosity: Verbosity, sink: &mut dyn io::Write) -> io::Result<()> {
        let findings = self.annotations(verbosity);
        for finding in findings.iter().take(FINDINGS) {
            finding.write(sink)?;
        }
        let left_out = findings.len().saturating_sub(FINDINGS);
        let more = (left_out > 0).then(|| format!("{} not shown as annotations", count(left_out, "finding")));
        let stale = self.stale.iter().map(|stale| format!("stale: {stale}"));
        let lines = [Summary { report: self, hint: false }.to_string()]
            .into_iter()
            .chain(more)
            .chain(stale)
            .chain(self.notes.iter().cloned());
        let message = lines.collect::<Vec<_>>().join("\n");
        Annotation { severity: None, title: "schema check".to_owned(), message }.write(sink)
    }

    /// Worst first.
    fn annotations(&self, verbosity: Verbosity) -> Vec<Annotation> {
        let differences = self.shown(verbosity).map(|difference| Annotation {
            severity: Some(difference.severity()),
            title: format!("{}: {}", difference.change.rule(), difference.object()),
            message: message::lines(difference, &self.commands),
        });
        let unchecked = self.shown_unchecked(verbosity).map(|unchecked| Annotation {
            severity: unchecked.severity(),
            title: format!("{}: {}", unchecked.rule, unchecked.object()),
            message: message::unchecked_lines(unchecked),
        });
        let mut annotations: Vec<Annotation> = differences.chain(unchecked).collect();
        annotations.sort_by_key(|annotation| Reverse(annotation.severity));
        annotations
    }
}

impl Annotation {
    fn write(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        writeln!(sink, "::{} title={}::{}", level(self.severity), property(&self.title), data(&self.message))
    }
}

fn level(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        Some(Severity::Info) | None => "notice",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
