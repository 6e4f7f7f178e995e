//! Errors in exceptions, baselines and records, each a sentence that says what to do.

use std::{io, path::Path};

use crate::rule::Rule;

/// A file of exceptions, a baseline or a record that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{file}`{}: {error}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct FileError {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The error in it.
    pub error: InputFileError,
}

/// An error in an exception, a baseline or a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum InputFileError {
    /// A name or a pattern that matches no rule.
    #[error("there is no rule `{rule}`: {}", suggestion(rule))]
    UnknownRule {
        /// As it was written.
        rule: String,
    },
    /// An exception without an object.
    #[error("the object is blank: name a table, a column as in `call_log.status`, or `*` for all")]
    BlankObject,
    /// An exception without a reason.
    #[error("the reason is blank: say why it is accepted")]
    BlankReason,
    /// An expiry that is not a date.
    #[error("`expires` is not a date: write it without quotes or a time, as in expires = 2027-01-31")]
    NotADate,
    /// An unchecked finding has no consequence, and every other finding has one.
    #[error("`{rule}` {}", if rule.is_unchecked() { "has no consequence: leave it out" } else { "needs its consequence: write the baseline again" })]
    ConsequenceMismatch {
        /// The rule's name.
        rule: Rule,
    },
    /// A baseline of another version.
    #[error("version {0} is not supported, only version 1: write the baseline again")]
    BaselineVersion(u32),
    /// A record of another version.
    #[error(
        "version {0} of a record is not supported, only version 1: read it with the program that wrote it, or write it again with this one"
    )]
    UnsupportedRecordVersion(u32),
    /// A record without entities.
    #[error("the record declares no table: write it again with the command `entities`")]
    EmptyRecord,
    /// A record that lists different tables for different kinds of database.
    #[error(
        "the record lists different tables for different kinds of database: write it again with the command `entities`"
    )]
    RecordDiffersByDatabase,
    /// A record of another project.
    #[error("the record shares no table and no migration with this program: it seems to belong to another project")]
    OtherProject,
    /// The file to write exists, and is not a baseline.
    #[error("the file exists and is not a baseline: name another file, or remove this one")]
    NotABaseline,
    /// A syntax error.
    #[error("{0}")]
    Syntax(String),
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// The file cannot be written.
    #[error("it cannot be written: {0}")]
    Unwritable(io::Error),
}

impl InputFileError {
    pub(crate) fn in_file(self, file: &Path) -> FileError {
        self.at(&file.display().to_string(), None)
    }

    pub(crate) fn at(self, file: &str, line: Option<usize>) -> FileError {
        FileError { file: file.to_owned(), line, error: self }
    }
}

/// Suggests the nearest rule.
fn suggestion(written: &str) -> String {
    let similarity = |rule: &str| strsim::normalized_damerau_levenshtein(rule, written);
    let names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    let nearest = names.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    let is_pattern = written.contains(['*', '?']);
    match nearest.filter(|rule| !is_pattern && similarity(rule) > 0.5) {
        Some(rule) => format!("did you mean `{rule}`?"),
        None => format!("it is one of {}", names.join(", ")),
    }
}
