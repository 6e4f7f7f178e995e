//! What can be wrong with exceptions and baselines, each in one sentence that says what to do.

use std::{io, path::Path};

use crate::rule::RULES;

/// A file of exceptions or a baseline that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{file}`{}: {mistake}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct FileError {
    /// The file, as it was named.
    pub file: String,
    /// Where in it, counted from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub mistake: Mistake,
}

/// What is wrong with an exception or a baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// A name that no rule has, or a pattern that fits none.
    #[error("there is no rule `{rule}`: {}", instead(rule))]
    UnknownRule {
        /// As it was written.
        rule: String,
    },
    /// An exception for nothing.
    #[error("the object is blank: name a table, a column as in `call_log.status`, or `*` for all")]
    BlankObject,
    /// An exception that nobody could later take back.
    #[error("the reason is blank: say why, for whoever reads it next")]
    BlankReason,
    /// Something else than a date.
    #[error("`expires` is not a date: write it without quotes or a time, as in expires = 2027-01-31")]
    NotADate,
    /// An unchecked finding with a consequence, or any other without.
    #[error("`{rule}` {}", if rule.ends_with("-unchecked") { "has no consequence: leave it out" } else { "lacks its consequence: write the baseline anew" })]
    Consequence {
        /// The rule's name.
        rule: &'static str,
    },
    /// A baseline from another time.
    #[error("it is of version {0}, and only version 1 can be read: write the baseline anew")]
    Version(u32),
    /// Something else is in the baseline's place.
    #[error("this is not a baseline and is not replaced: name another file, or remove this one")]
    NotReplaced,
    /// What the parser says.
    #[error("{0}")]
    Form(String),
    /// No such file, or not for this user.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// The file cannot be put there.
    #[error("it cannot be written: {0}")]
    Unwritable(io::Error),
}

impl Mistake {
    pub(crate) fn of(self, file: &Path) -> FileError {
        self.at(&file.display().to_string(), None)
    }

    pub(crate) fn at(self, file: &str, line: Option<usize>) -> FileError {
        FileError { file: file.to_owned(), line, mistake: self }
    }
}

/// What may have been meant.
fn instead(written: &str) -> String {
    let alike = |rule: &str| strsim::normalized_damerau_levenshtein(rule, written);
    let nearest = RULES.into_iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
    let is_pattern = written.contains(['*', '?']);
    match nearest.filter(|rule| !is_pattern && alike(rule) > 0.5) {
        Some(rule) => format!("did you mean `{rule}`?"),
        None => format!("it is one of {}", RULES.join(", ")),
    }
}
