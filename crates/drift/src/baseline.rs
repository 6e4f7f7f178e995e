//! The baseline: the findings of one day, accepted so that only new ones fail. A file with one line for each, in a fixed
//! order, to be kept under version control.

use std::{
    cmp::Reverse,
    fs,
    io::{self, Write},
    path::Path,
    process,
};

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    file_error::{FileError, InputFileError},
    fingerprint::Fingerprint,
    report::Report,
};

const VERSION: u32 = 1;

/// The findings of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    pub(crate) findings: Vec<Fingerprint>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A baseline of any version. A JSON report also has a version, but no findings.
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
    findings: Vec<Fingerprint>,
}

impl Baseline {
    /// All findings of the report, except those that an exception allows: an exception has a reason and perhaps a last
    /// day, and a baseline would outlive both.
    pub fn of(report: &Report) -> Self {
        let differences =
            report.differences.iter().map(|difference| (difference.fingerprint(), &difference.suppression));
        let unchecked = report.unchecked.iter().map(|unchecked| (unchecked.fingerprint(), &unchecked.suppression));
        let counting = differences.chain(unchecked).filter(|(_, suppression)| !suppression.is_allowed());
        let mut findings: Vec<Fingerprint> = counting.map(|(finding, _)| finding).collect();
        findings.sort_by(|one, other| {
            let key = |it: &Fingerprint| (it.rule.name(), Reverse(it.consequence));
            (key(one).0, &one.object, key(one).1).cmp(&(key(other).0, &other.object, key(other).1))
        });
        Self { findings }
    }

    /// The findings, in order.
    pub fn findings(&self) -> &[Fingerprint] {
        &self.findings
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// If it cannot be read, or is not a baseline.
    pub fn read(file: &Path) -> Result<Self, FileError> {
        let text = fs::read_to_string(file).map_err(|error| InputFileError::Unreadable(error).in_file(file))?;
        Self::parse(&text, &file.display().to_string())
    }

    /// Parses JSON; `file` is its name in messages.
    ///
    /// # Errors
    /// If it is not a baseline.
    pub fn parse(text: &str, file: &str) -> Result<Self, FileError> {
        // Another version may have other fields.
        let Version { version } = serde_json::from_str(text).map_err(|error| syntax_error(&error, file))?;
        if version != VERSION {
            return Err(InputFileError::BaselineVersion(version).at(file, None));
        }
        let Document { findings, .. } = serde_json::from_str(text).map_err(|error| syntax_error(&error, file))?;
        Ok(Self { findings })
    }

    /// Writes JSON, one line for each finding.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        write!(sink, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
        for (number, finding) in self.findings.iter().enumerate() {
            write!(sink, "{}\n    ", if number == 0 { "" } else { "," })?;
            serde_json::to_writer(&mut *sink, finding)?;
        }
        writeln!(sink, "{}]\n}}", if self.findings.is_empty() { "" } else { "\n  " })
    }

    /// Writes the file atomically. Replaces an existing baseline, and never any other file.
    ///
    /// # Errors
    /// If the existing file is not a baseline, or the file cannot be written.
    pub fn save(&self, file: &Path) -> Result<(), FileError> {
        match fs::read_to_string(file) {
            // A baseline of another version is replaced.
            Ok(text) if serde_json::from_str::<AnyVersion>(&text).is_ok() => {}
            Ok(_) => return Err(InputFileError::NotABaseline.in_file(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(InputFileError::Unreadable(error).in_file(file)),
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
            // The first error is the one that matters.
            let _ = fs::remove_file(beside);
            InputFileError::Unwritable(error).in_file(file)
        })
    }
}

fn syntax_error(error: &serde_json::Error, file: &str) -> FileError {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string().replace(&place, "");
    InputFileError::Syntax(format!("this is not a baseline: {message}"))
        .at(file, (error.line() > 0).then(|| error.line()))
}

#[cfg(test)]
mod tests;
