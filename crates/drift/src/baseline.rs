//! The baseline: the findings of one day, accepted, so that only new ones fail. One line for each, in a fixed order, to be
//! kept under version control.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process,
};

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    decision::Novelty,
    exceptions::Stale,
    finding::Finding,
    mistake::{FileError, Mistake},
    report::Report,
};

const VERSION: u32 = 1;

/// The findings of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A baseline of any version; a report in JSON has a version, too.
#[derive(Deserialize)]
struct AnyVersion {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "findings")]
    _findings: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "version")]
    _version: u32,
    findings: Vec<Finding>,
}

impl Baseline {
    /// Everything that the report found, except what an exception allows: that has a reason and perhaps a last day, and
    /// a baseline would outlive both.
    pub fn of(report: &Report) -> Self {
        let differences = report.differences.iter().map(|found| (found.finding(), &found.decision));
        let unchecked = report.unchecked.iter().map(|found| (found.finding(), &found.decision));
        let counting = differences.chain(unchecked).filter(|(_, decision)| !decision.is_allowed());
        let mut findings: Vec<Finding> = counting.map(|(finding, _)| finding).collect();
        findings.sort();
        Self { findings }
    }

    /// The findings, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// Where it cannot be read, or is no baseline.
    pub fn read(file: &Path) -> Result<Self, FileError> {
        let text = fs::read_to_string(file).map_err(|error| Mistake::Unreadable(error).of(file))?;
        Self::parse(&text, &file.display().to_string())
    }

    /// The baseline in a JSON text; `file` is what messages call it.
    ///
    /// # Errors
    /// Where it is no baseline.
    pub fn parse(text: &str, file: &str) -> Result<Self, FileError> {
        // What another version holds beside its number is its own affair.
        let Version { version } = serde_json::from_str(text).map_err(|error| form(&error, file))?;
        if version != VERSION {
            return Err(Mistake::Version(version).at(file, None));
        }
        let Document { findings, .. } = serde_json::from_str(text).map_err(|error| form(&error, file))?;
        Ok(Self { findings })
    }

    /// Writes the JSON text, one line for each finding.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
        for (number, finding) in self.findings.iter().enumerate() {
            write!(sink, "{}\n    ", if number == 0 { "" } else { "," })?;
            serde_json::to_writer(&mut *sink, finding)?;
        }
        writeln!(sink, "{}]\n}}", if self.findings.is_empty() { "" } else { "\n  " })
    }

    /// Writes the file, whole or not at all. An existing baseline is replaced; any other file is left alone.
    ///
    /// # Errors
    /// Where the file is not a baseline, or cannot be written.
    pub fn save(&self, file: &Path) -> Result<(), FileError> {
        match fs::read_to_string(file) {
            // One that cannot be used any more is a reason to write it anew.
            Ok(text) if serde_json::from_str::<AnyVersion>(&text).is_ok() => {}
            Ok(_) => return Err(Mistake::NotReplaced.of(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Mistake::Unreadable(error).of(file)),
        }
        let mut beside = file.as_os_str().to_owned();
        beside.push(format!(".{}.new", process::id()));
        let beside = Path::new(&beside);
        let written = fs::File::create_new(beside).and_then(|mut new| {
            self.write(&mut new)?;
            new.flush()?;
            new.sync_all()?;
            fs::rename(beside, file)
        });
        written.map_err(|error| {
            // What is half written is of no use; the error that matters is the first.
            let _ = fs::remove_file(beside);
            Mistake::Unwritable(error).of(file)
        })
    }
}

fn form(error: &serde_json::Error, file: &str) -> FileError {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string().replace(&place, "");
    Mistake::Form(format!("this is not a baseline: {message}")).at(file, (error.line() > 0).then(|| error.line()))
}

impl Report {
    /// Accepts the findings that the baseline has; whatever is not in it, or breaks more than it did then, stays as loud as
    /// it is. Entries that are no longer found are listed in [`stale`](Self::stale).
    ///
    /// An entry accepts one finding, also where several have one name.
    #[must_use]
    pub fn accept(mut self, baseline: &Baseline) -> Self {
        let mut entries = baseline.findings.clone();
        let mut found: Vec<_> = self.findings_mut().collect();
        // Loudest first, so that a quiet finding does not use up the entry of a loud one.
        found.sort_by_key(|(finding, _)| finding.consequence);
        for (finding, decision) in &mut found {
            let covers = |entry: &Finding| entry.has_name_of(finding) && entry.consequence <= finding.consequence;
            let quietest =
                (0..entries.len()).filter(|&at| covers(&entries[at])).max_by_key(|&at| entries[at].consequence);
            decision.novelty = Some(match quietest {
                Some(at) => {
                    entries.remove(at);
                    Novelty::Known
                }
                None => Novelty::New,
            });
        }
        for (finding, decision) in &mut found {
            let is_new = decision.novelty == Some(Novelty::New);
            if let Some(at) = entries.iter().position(|entry| is_new && entry.has_name_of(finding)) {
                decision.novelty = entries.remove(at).consequence.map(|before| Novelty::Worse { before });
            }
        }
        drop(found);
        entries.retain(|entry| !self.differences.iter().any(|found| found.takes_away(entry)));
        self.stale.extend(entries.into_iter().map(Stale::Settled));
        self.sort();
        self
    }
}

#[cfg(test)]
mod tests;
