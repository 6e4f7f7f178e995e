//! What nobody can know from two schemas: whether a column was renamed or replaced, and whether values may be lost. Asked on a
//! terminal, refused elsewhere; never guessed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use sea_orm_drift::Exceptions;

pub use crate::release::Release;

/// What was decided on the command line. Objects are named `table` or `table.column`, constraints by their own name:
/// `table.index`.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Renamed objects: the old one, such as `post.title`, and the new name, such as `headline`.
    pub renames: Vec<(String, String)>,
    /// What may be dropped, or lose values in a narrower type.
    pub drops: BTreeSet<String>,
    /// What stays, although no entity declares it.
    pub keeps: BTreeSet<String>,
    /// The values of existing rows in a column that becomes NOT NULL, as SQL.
    pub fills: BTreeMap<String, String>,
    /// The releases that may still run, which nothing may break.
    pub releases: Vec<Release>,
    /// What `allow` accepts in the check stays here, too, as if it were in `keeps`.
    pub exceptions: Exceptions,
    /// Whether the project uses SQLite: then SQLite does not stand in for a server.
    pub is_for_sqlite: bool,
}

/// Something to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What happened, in a sentence without a full stop.
    pub what: String,
    /// The answers, as they are typed: `--drop post.title`.
    pub answers: Vec<Answer>,
}

/// A possible decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The object has a new name.
    Rename(String, String),
    /// It goes.
    Drop(String),
    /// It gets another type, in which values may be lost.
    Convert(String),
    /// It stays.
    Keep(String),
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rename(from, to) => write!(f, "--rename {}", typed(&format!("{from}={to}"))),
            Self::Drop(object) | Self::Convert(object) => write!(f, "--drop {}", typed(object)),
            Self::Keep(object) => write!(f, "--keep {}", typed(object)),
        }
    }
}

/// A value as a shell takes it.
pub(super) fn typed(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-.=".contains(c);
    if value.chars().all(is_plain) {
        return value.to_owned();
    }
    let escaped = |c: char| if "\"\\$`".contains(c) { format!("\\{c}") } else { c.to_string() };
    format!("\"{}\"", value.chars().map(escaped).collect::<String>())
}

/// Asks a person; `None` if nobody is there to answer.
pub type Ask<'a> = dyn FnMut(&Question) -> io::Result<Option<Answer>> + Send + 'a;

impl Decisions {
    pub(super) fn record(&mut self, answer: Answer) {
        match answer {
            Answer::Rename(from, to) => self.renames.push((from, to)),
            Answer::Drop(object) | Answer::Convert(object) => {
                self.drops.insert(object);
            }
            Answer::Keep(object) => {
                self.keeps.insert(object);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_can_be_typed_into_a_shell() {
        for (answer, expected) in [
            (Answer::Drop("post.title".to_owned()), "--drop post.title"),
            (Answer::Keep("post.unique(a,b)".to_owned()), r#"--keep "post.unique(a,b)""#),
            (Answer::Convert("order line.no".to_owned()), r#"--drop "order line.no""#),
            (Answer::Rename("a.$b".to_owned(), "it's \"c\"".to_owned()), r#"--rename "a.\$b=it's \"c\"""#),
        ] {
            assert_eq!(answer.to_string(), expected);
        }
    }
}
