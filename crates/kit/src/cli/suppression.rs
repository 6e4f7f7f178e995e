//! Which differences are accepted: the files of exceptions and of the baseline, read before connecting.

use std::path::{Path, PathBuf};

use chrono::Utc;
use clap::Args;
use sea_orm_drift::{Baseline, Exceptions, FileError, Report};

/// Read without being asked for, where there is one.
const USUAL_EXCEPTIONS: &str = "drift.toml";

/// What is accepted; the same for all verbs that check.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accepted findings")]
pub struct AcceptArgs {
    /// File of exceptions (TOML); by default `drift.toml` in the current folder, if it exists.
    ///
    /// Each is a table `[[exception]]` with `rule` and `object` as the report prints them (`*` stands for any text), `level`
    /// (`allow`, `warn` or `deny`), `reason`, and `expires` (a date) if it ends.
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,

    /// Accept the findings in this file; fail only on others.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// What the files say.
#[derive(Debug)]
pub struct Accepted {
    exceptions: Exceptions,
    baseline: Option<Baseline>,
}

impl AcceptArgs {
    /// Reads the files.
    ///
    /// # Errors
    /// If one of them cannot be read or understood.
    pub fn read(&self) -> Result<Accepted, FileError> {
        let exceptions = exceptions(self.exceptions.as_deref())?;
        let baseline = self.baseline.as_deref().map(Baseline::read).transpose()?;
        Ok(Accepted { exceptions, baseline })
    }
}

/// Those of the file, or of `drift.toml`.
pub(super) fn exceptions(named: Option<&Path>) -> Result<Exceptions, FileError> {
    let usual = Path::new(USUAL_EXCEPTIONS);
    match named {
        Some(file) => Exceptions::read(file),
        // Also a dangling link: it was put there on purpose.
        None if usual.symlink_metadata().is_ok() => Exceptions::read(usual),
        None => Ok(Exceptions::new()),
    }
}

impl Accepted {
    /// Marks what is accepted in a report.
    pub fn apply(&self, report: Report) -> Report {
        let report = report.except(&self.exceptions, Utc::now().date_naive());
        match &self.baseline {
            Some(baseline) => report.accept(baseline),
            None => report,
        }
    }
}
